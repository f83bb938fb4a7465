/**
 * The admin address: an HTTP server of the daemon, for operators, the dashboard and Prometheus.
 *
 * Decides the order of the questions: is there time for it, was it sent to us and by whom, is there such a thing, may this one ask. Every
 * wait and size has a limit, and nothing here is waited for by traffic or heartbeat. A port that is taken is a warning and tried again.
 */
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {Duplex} from 'node:stream';
import type {Log} from '../logging.ts';
import {findNamesRefusal, listOwnNames, type OwnNames} from './access.ts';
import {type Refusal, sendRefusal} from './answers.ts';
import {Assets} from './assets.ts';
import {type Identity, Keeper} from './credentials.ts';
import {Feed, type FeedMessage, mostClients} from './feed.ts';
import {readBody} from './read-body.ts';
import {RequestPace} from './request-pace.ts';
import {type AdminPorts, type Exchange, type Route, routes} from './routes.ts';

export interface AdminSetup extends OwnNames {
	readonly port: number;
	readonly token: string;
	/** What a client of the feed is told first. */
	readonly hello: () => Promise<readonly FeedMessage[]>;
	readonly ports: AdminPorts;
	readonly log: Log;
	/** Of whoever has a login; the usual one unless given, like that of all others. */
	readonly pace?: Pick<RequestPace, 'take'>;
	readonly strangersPace?: Pick<RequestPace, 'take'>;
}

const AGAIN_MS = 5000;
const MOST_CONNECTIONS = 128;
/** Silence on a connection, in the middle of an answer too. */
const SILENCE_MS = 30_000;

export class AdminServer {
	readonly feed = new Feed();
	readonly #setup: AdminSetup;
	readonly #keeper: Keeper;
	readonly #names: ReadonlySet<string>;
	/** Of whoever has no login: what strangers ask for costs operators nothing. */
	readonly #strangers: Pick<RequestPace, 'take'>;
	readonly #operators: Pick<RequestPace, 'take'>;
	readonly #assets = new Assets();
	readonly #server: Server;
	#again: NodeJS.Timeout | undefined;
	#hasFailed = false;

	constructor(setup: AdminSetup) {
		this.#setup = setup;
		this.#strangers = setup.strangersPace ?? new RequestPace();
		this.#operators = setup.pace ?? new RequestPace();
		this.#keeper = new Keeper(setup.token, setup.ports.node);
		this.#names = listOwnNames(setup);
		this.#server = createServer(
			{maxHeaderSize: 8192, headersTimeout: 5000, requestTimeout: 10_000, keepAliveTimeout: 5000},
			(request, response) => void this.#answer(request, response),
		);
		this.#server.maxConnections = MOST_CONNECTIONS;
		this.#server.timeout = SILENCE_MS;
		this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
		this.#server.on('listening', () => {
			this.#hasFailed = false;
			setup.log.info({}, `dashboard, API and metrics at ${this.url}`);
		});
		this.#server.on('error', (error: NodeJS.ErrnoException) => this.#retry(error));
	}

	get url(): string {
		const address = this.#server.address();
		const {host, port} = this.#setup;
		const bound = typeof address === 'object' && address !== null ? address.port : port;
		return `http://${host.includes(':') ? `[${host}]` : host}:${bound}/`;
	}

	/** Returns at once; a port that cannot be had now is tried again. */
	start(): void {
		const {host, port} = this.#setup;
		this.#server.listen({host, port});
	}

	async close(): Promise<void> {
		clearTimeout(this.#again);
		this.feed.close();
		this.#server.closeAllConnections();
		if (this.#server.listening) await new Promise(resolve => this.#server.close(resolve));
	}

	#retry({code, message}: NodeJS.ErrnoException): void {
		const {host, port, log} = this.#setup;
		const why = code === 'EADDRINUSE' ? 'another program listens there' : message;
		if (!this.#hasFailed) log.warn({host, port}, `no admin address: ${why}; it is tried again until it works`);
		this.#hasFailed = true;
		this.#again = setTimeout(() => this.start(), AGAIN_MS).unref();
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		response.on('error', () => response.destroy());
		try {
			const refusal = await this.#serve(request, response);
			if (refusal !== undefined) sendRefusal(request, response, refusal);
		} catch (error) {
			this.#setup.log.error({error: String(error)}, 'a request to the admin address failed');
			sendRefusal(request, response, {status: 500, message: 'internal error; the daemon log says more'});
		}
	}

	async #serve(request: IncomingMessage, response: ServerResponse): Promise<Refusal | undefined> {
		const identity = this.#identify(request);
		if (!this.#isInPace(identity)) return tooBusy;
		const url = URL.parse(request.url ?? '', 'http://admin');
		const found = url === null ? undefined : findRoute(request.method, url.pathname);
		const refusal = this.#findNamesRefusal(request, found !== undefined && 'path' in found && isPage(found));
		if (refusal !== undefined) return refusal;
		if (url === null || found === undefined)
			return {status: 404, message: 'there is nothing here; docs/admin.md lists what there is'};
		if ('status' in found) return found;
		const denied = found.isOpen ? undefined : findDenial(identity, request);
		if (denied !== undefined) return denied;
		const read = found.method === 'POST' ? await readBody(request) : {value: {}};
		if (read === undefined) return undefined;
		if ('refusal' in read) return read.refusal;
		const {ports} = this.#setup;
		const address = addressOf(request);
		const tellProgress: Exchange['tellProgress'] = (command, message) =>
			this.feed.send({type: 'progress', command, message});
		const others = {ports, keeper: this.#keeper, assets: this.#assets, tellProgress};
		await found.answer({request, response, url, address, identity, body: read.value, ...others});
		return undefined;
	}

	#upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
		socket.on('error', () => socket.destroy());
		const identity = this.#identify(request);
		const refusal = this.#findFeedRefusal(request, identity);
		if (refusal !== undefined) {
			refuseUpgrade(socket, refusal);
			return;
		}
		const isAllowed = (): boolean =>
			identity.kind === 'token' ||
			(identity.kind === 'session' && this.#keeper.isAlive(identity.key, performance.now()));
		// Silence is the feed's own matter now: it pings.
		request.socket.setTimeout(0);
		this.feed.accept(request, socket, head, isAllowed, this.#setup.hello);
	}

	#findFeedRefusal(request: IncomingMessage, identity: Identity): Refusal | undefined {
		if (!this.#isInPace(identity)) return tooBusy;
		const names = this.#findNamesRefusal(request, false);
		if (names !== undefined) return names;
		const {pathname} = URL.parse(request.url ?? '', 'http://admin') ?? {pathname: ''};
		const route = findRoute('GET', pathname);
		if (route === undefined || !('path' in route) || route.isFeed !== true)
			return {status: 404, message: 'there is no WebSocket here; it is at /api/feed'};
		const denied = findDenial(identity, request);
		if (denied !== undefined) return denied;
		if (this.feed.size < mostClients) return undefined;
		return {status: 503, message: `${mostClients} dashboards are open already`, headers: {'Retry-After': '10'}};
	}

	#findNamesRefusal({headers}: IncomingMessage, isOfPage: boolean): Refusal | undefined {
		const site = headers['sec-fetch-site'];
		// A link from elsewhere may lead to the page, which shows nothing by itself.
		const fetchSite = isOfPage || typeof site !== 'string' ? undefined : site;
		return findNamesRefusal({host: headers.host, origin: headers.origin, fetchSite}, this.#names);
	}

	#isInPace({kind}: Identity): boolean {
		return (kind === 'refused' ? this.#strangers : this.#operators).take(performance.now());
	}

	#identify(request: IncomingMessage): Identity {
		const {authorization, cookie} = request.headers;
		return this.#keeper.identify({authorization, cookie, address: addressOf(request)}, performance.now());
	}
}

const tooBusy: Refusal = {
	status: 429,
	message: 'too many requests; try again in a second',
	headers: {'Retry-After': '1', Connection: 'close'},
};

function isPage({path}: Route): boolean {
	return path === '/';
}

function findRoute(method: string | undefined, pathname: string): Route | Refusal | undefined {
	const here = routes.filter(({path}) => path === pathname);
	const wanted = method === 'HEAD' ? 'GET' : method;
	const route = here.find(candidate => candidate.method === wanted);
	if (route !== undefined || here.length === 0) return route;
	const allowed = here.map(candidate => candidate.method).join(', ');
	return {status: 405, message: `${pathname} is asked with ${allowed}`, headers: {Allow: allowed}};
}

/** A browser's cookie alone orders nothing: the page's origin, which no page can forge, must come with it. */
function findDenial(identity: Identity, {method, headers}: IncomingMessage): Refusal | undefined {
	if (identity.kind === 'refused') return identity.refusal;
	const changes = method === 'POST' || headers.upgrade !== undefined;
	if (identity.kind === 'session' && changes && headers.origin === undefined)
		return {status: 403, message: 'a browser sends its Origin; without a browser send the token'};
	return undefined;
}

function addressOf({socket}: IncomingMessage): string {
	return socket.remoteAddress ?? '';
}

function refuseUpgrade(socket: Duplex, {status, message, headers = {}}: Refusal): void {
	const body = `${JSON.stringify({ok: false, message})}\n`;
	const lines = [
		`HTTP/1.1 ${status} Refused`,
		'Content-Type: application/json; charset=utf-8',
		`Content-Length: ${Buffer.byteLength(body)}`,
		...Object.entries({...headers, Connection: 'close'}).map(([name, value]) => `${name}: ${value}`),
	];
	socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
	// Who does not take the answer is not waited for.
	setTimeout(() => socket.destroy(), 1000).unref();
}

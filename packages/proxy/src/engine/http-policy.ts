/**
 * What the configuration wants done with a request and its response.
 *
 * Decides, once a head has been read: answer here, or forward to which backend, with which head. Leaves carrying it out to `HttpSession`.
 */
import type {ConnectionMode} from '@hapair/config';
import type {RequestHead} from '../http1/request-head.ts';
import type {ResponseHead} from '../http1/response-head.ts';
import {type CookieReading, readRequestCookie, stripRequestCookie} from '../persistence/request-cookie.ts';
import {editResponseCookie} from '../persistence/response-cookie.ts';
import {addForwardFor, compileForwardFor, type ForwardForPlan} from '../rules/header-edit.ts';
import type {BackendRuntime} from './backend-runtime.ts';
import type {Core} from './core.ts';
import type {FrontendRuntime} from './frontend-runtime.ts';
import type {Session} from './session.ts';

export type ConnectionHeader = 'implicit' | 'close' | 'keep-alive';

export type Decision =
	| {
			readonly kind: 'respond';
			readonly status: number;
			readonly cause: string;
			readonly phase: string;
			readonly isLogged: boolean;
			text(connection: ConnectionHeader): string;
	  }
	| {readonly kind: 'forward'; readonly backend: BackendRuntime; readonly wanted: number; readonly head: string};

const REASONS: Readonly<Record<number, string>> = {
	400: 'Bad request',
	403: 'Forbidden',
	408: 'Request Time-out',
	500: 'Internal Server Error',
	501: 'Not Implemented',
	502: 'Bad Gateway',
	503: 'Service Unavailable',
	504: 'Gateway Time-out',
};

/** The stricter of two wins: either side may ask for closing. */
const STRICTNESS: readonly ConnectionMode[] = ['tunnel', 'keep-alive', 'server-close', 'close'];

export class HttpPolicy {
	readonly #frontend: FrontendRuntime;
	readonly #core: Core;
	readonly #default: BackendRuntime | undefined;
	readonly #modes = new Map<BackendRuntime, ConnectionMode>();
	readonly #forwardFor = new Map<BackendRuntime, ForwardForPlan | undefined>();

	constructor(core: Core, frontend: FrontendRuntime) {
		this.#core = core;
		this.#frontend = frontend;
		const {defaultBackend} = frontend.frontend;
		this.#default = defaultBackend === undefined ? undefined : core.backendsByName.get(defaultBackend);
		for (const backend of core.backends) {
			const a = frontend.frontend.connectionMode;
			const b = backend.backend.connectionMode;
			this.#modes.set(backend, STRICTNESS.indexOf(a) > STRICTNESS.indexOf(b) ? a : b);
			this.#forwardFor.set(backend, compileForwardFor(frontend.frontend.forwardFor, backend.backend.forwardFor));
		}
	}

	/** How connections are kept, before a backend is known by the frontend alone. */
	mode(backend: BackendRuntime | undefined): ConnectionMode {
		const mode = backend === undefined ? this.#frontend.frontend.connectionMode : this.#modes.get(backend)!;
		return mode === 'tunnel' ? 'keep-alive' : mode;
	}

	decide(session: Session, request: RequestHead): Decision {
		const backend = this.#default;
		if (backend === undefined) {
			return {
				kind: 'respond',
				status: 503,
				cause: 'S',
				phase: 'C',
				isLogged: true,
				text: connection => this.errorText(503, undefined, connection, request.method),
			};
		}
		const mode = this.mode(backend);
		let head = request.forward(mode === 'keep-alive' ? (request.version === 11 ? '' : 'keep-alive') : 'close');
		let wanted = -1;
		this.reading = undefined;
		if (backend.cookie !== undefined) {
			const reading = readRequestCookie(backend.cookie, head, backend.isOperational, this.#core.wallMs() / 1000);
			this.reading = reading;
			wanted = reading.server;
			session.record.cookieState = reading.state;
			session.record.cookieSent = 'N';
			if (reading.present) head = stripRequestCookie(backend.cookie, head);
		}
		const forwardFor = this.#forwardFor.get(backend);
		if (forwardFor !== undefined) head = addForwardFor(forwardFor, head, session.source);
		return {kind: 'forward', backend, wanted, head};
	}

	reading: CookieReading | undefined;

	editResponse(session: Session, request: RequestHead, response: ResponseHead, head: string): string {
		const {backend, server} = session;
		if (backend?.cookie === undefined || server === undefined || this.reading === undefined) return head;
		const edit = editResponseCookie(backend.cookie, head, {
			reading: this.reading,
			server: server.position,
			method: request.method,
			status: response.status,
			nowS: this.#core.wallMs() / 1000,
		});
		session.record.cookieSent = edit.sent;
		return edit.head;
	}

	errorText(
		status: number,
		_backend: BackendRuntime | undefined,
		connection: ConnectionHeader = 'close',
		method = 'GET',
	): string {
		const reason = REASONS[status] ?? 'Error';
		const body = `<html><body><h1>${status} ${reason}</h1></body></html>\n`;
		const hop = connection === 'implicit' ? '' : `connection: ${connection}\r\n`;
		return `HTTP/1.1 ${status} ${reason}\r\ncontent-length: ${body.length}\r\ncache-control: no-cache\r\ncontent-type: text/html\r\n${hop}\r\n${method === 'HEAD' ? '' : body}`;
	}

	log(session: Session): void {
		session.record.processConnections = this.#core.table.connections;
	}
}

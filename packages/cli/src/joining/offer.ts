/**
 * The side that has the configuration: waits at its own address for the one machine that knows the code.
 *
 * Decides when the code ends: after its lifetime, after a few wrong attempts, and once it has served. A machine that knows the code and finds
 * that it cannot be the other node leaves it unused. Keys go out last, when that machine has agreed. Leaves what is offered, and what is
 * said to people, to the command.
 */
import {createServer, type TLSSocket} from 'node:tls';
import {UserError} from '../exit-codes.ts';
import {keyOfCode} from './code.ts';
import {type Decision, type Done, Exchange, type Keys, pskIdentity, tlsOptions} from './exchange.ts';
import {isOlder} from './versions.ts';

export const codeLifetimeMs = 900_000;
const mostAttempts = 5;
const handshakeLimitMs = 5000;
const mostConnections = 4;
/** Writing three small files, and a person who is asked nothing. */
const writingLimitMs = 60_000;

export interface OfferSetup {
	/** An address of this node; nothing is listened on elsewhere. */
	readonly address: string;
	readonly port: number;
	/** As `readCode` gives it. */
	readonly code: string;
	readonly version: string;
	readonly node: string;
	readonly text: string;
	readonly keys: Keys['keys'];
	readonly lifetimeMs?: number;
	/** Something a person would like to see: a wrong code, a machine that declined. */
	readonly onRefusal: (sentence: string) => void;
	readonly signal: AbortSignal;
}

export type OfferEnd =
	| {readonly kind: 'joined'; readonly version: string}
	| {readonly kind: 'expired' | 'exhausted' | 'interrupted'};

export interface Offer {
	/** The port in use. */
	readonly port: number;
	readonly end: Promise<OfferEnd>;
}

/** Throws a `UserError` when the port cannot be opened. */
export async function offerConfiguration(setup: OfferSetup): Promise<Offer> {
	const {promise: end, resolve} = Promise.withResolvers<OfferEnd>();
	const key = keyOfCode(setup.code);
	let attempts = 0;
	const server = createServer({
		...tlsOptions,
		handshakeTimeout: handshakeLimitMs,
		pskCallback: (_socket, identity) => (identity === pskIdentity ? key : null),
	});
	server.maxConnections = mostConnections;
	const sockets = new Set<TLSSocket>();
	server.on('secureConnection', socket => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
		serve(socket, setup).then(
			version => {
				if (version !== undefined) resolve({kind: 'joined', version});
			},
			(error: unknown) => {
				socket.destroy();
				setup.onRefusal(error instanceof Error ? error.message : String(error));
			},
		);
	});
	server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
		// A handshake that takes too long would leave its connection open.
		socket.destroy();
		// Whoever goes away or says nothing has tried no code.
		if (error.code === 'ECONNRESET' || error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return;
		attempts++;
		const left = mostAttempts - attempts;
		setup.onRefusal(`a wrong code was tried; ${left === 0 ? 'that was the last attempt' : `${left} more may be`}`);
		if (left === 0) resolve({kind: 'exhausted'});
	});
	await listen(server, setup);
	const timer = setTimeout(() => resolve({kind: 'expired'}), setup.lifetimeMs ?? codeLifetimeMs);
	const interrupt = (): void => resolve({kind: 'interrupted'});
	setup.signal.addEventListener('abort', interrupt, {once: true});
	const closed = end.then(outcome => {
		clearTimeout(timer);
		setup.signal.removeEventListener('abort', interrupt);
		server.close();
		if (outcome.kind !== 'joined') for (const socket of sockets) socket.destroy();
		return outcome;
	});
	const bound = server.address();
	return {port: typeof bound === 'object' && bound !== null ? bound.port : setup.port, end: closed};
}

/** The joining side's version when it has everything; `undefined` when it declined. */
async function serve(socket: TLSSocket, setup: OfferSetup): Promise<string | undefined> {
	const exchange = new Exchange(socket);
	const hello = await exchange.receive(['hello']);
	if (isOlder(hello.hapair, setup.version)) {
		setup.onRefusal(`the other node has hapair ${hello.hapair}, older than the ${setup.version} of this one`);
	}
	exchange.send({type: 'configuration', hapair: setup.version, node: setup.node, text: setup.text});
	let answer: Decision | Done = await exchange.receive(['accept', 'decline']);
	if (answer.type === 'accept') {
		exchange.send({type: 'keys', keys: setup.keys});
		answer = await exchange.receive(['done', 'decline'], writingLimitMs);
	}
	exchange.end();
	if (answer.type === 'done') return hello.hapair;
	const reason = answer.type === 'decline' ? printable(answer.reason ?? '') : '';
	setup.onRefusal(`the other node declined, and the code stays good: ${reason}`);
	return undefined;
}

function listen(server: ReturnType<typeof createServer>, {address, port}: OfferSetup): Promise<void> {
	const {promise, resolve, reject} = Promise.withResolvers<void>();
	server.once('error', (error: NodeJS.ErrnoException) => {
		const message = `the other node cannot be waited for at ${address}, TCP port ${port}: ${error.message}`;
		const hint =
			error.code === 'EADDRINUSE'
				? 'is hapair init waiting in another terminal? end it, or give another --port'
				: 'is this the address of this machine?';
		reject(new UserError(message, {hint}));
	});
	server.listen(port, address, resolve);
	return promise;
}

/** What another machine said, in one line for a terminal. */
function printable(text: string): string {
	return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ').slice(0, 500);
}

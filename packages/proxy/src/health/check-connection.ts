/**
 * One connection of one check: opens it, keeps its deadlines, collects a bounded answer, closes it whatever happens.
 *
 * Decides nothing about the answer: the conversation does. Calls back exactly once.
 */
import {createConnection, type NetConnectOpts, type Socket} from 'node:net';
import {writeProxyHeader} from '../engine/proxy-header.ts';
import type {CheckResult} from './check-result.ts';
import type {CheckTarget} from './check-target.ts';
import {ANSWER_LIMIT_BYTES, type Conversation, type Reply, type Verdict} from './conversation.ts';

export interface RunningCheck {
	/** Ends it without a result. */
	cancel(): void;
}

/** Runs `conversation` (or a bare connect when absent) with `target`. */
export function runCheck(
	target: CheckTarget,
	conversation: Conversation | undefined,
	done: (result: CheckResult) => void,
	nowMs: () => number = () => performance.now(),
): RunningCheck {
	const check = new CheckConnection(target, conversation, done, nowMs);
	check.open();
	return {cancel: () => check.cancel()};
}

class CheckConnection {
	readonly #target: CheckTarget;
	readonly #conversation: Conversation | undefined;
	readonly #done: (result: CheckResult) => void;
	readonly #nowMs: () => number;
	readonly #startMs: number;
	#socket: Socket | undefined;
	#timer: NodeJS.Timeout | undefined;
	#isConnected = false;
	#isFinished = false;
	#answer: Buffer = Buffer.alloc(0);

	constructor(
		target: CheckTarget,
		conversation: Conversation | undefined,
		done: (result: CheckResult) => void,
		nowMs: () => number,
	) {
		this.#target = target;
		this.#conversation = conversation;
		this.#done = done;
		this.#nowMs = nowMs;
		this.#startMs = nowMs();
	}

	open(): void {
		const socket = this.#createSocket();
		if (socket === undefined) return;
		this.#socket = socket;
		this.#arm(this.#target.connectTimeoutMs, () => ({outcome: 'failed', status: 'L4TOUT'}));
		socket.on('connect', () => this.#onConnect(socket));
		socket.on('data', chunk => this.#onData(socket, chunk as Buffer));
		socket.on('end', () => this.#judge(socket, true));
		socket.on('error', (error: NodeJS.ErrnoException) => this.#onError(error));
		socket.on('close', () => this.#judge(socket, true));
	}

	cancel(): void {
		this.#close(undefined);
	}

	#onConnect(socket: Socket): void {
		this.#isConnected = true;
		const {proxyVersion: version} = this.#target;
		if (version !== undefined) socket.write(writeProxyHeader({version, ends: undefined}), 'latin1');
		const conversation = this.#conversation;
		if (conversation === undefined) {
			this.#finish({outcome: 'passed', status: 'L4OK'});
			return;
		}
		this.#arm(this.#target.answerTimeoutMs, () => {
			const info = conversation.timeoutInfo?.();
			return {outcome: 'failed', status: conversation.timeoutStatus, ...(info === undefined ? {} : {info})};
		});
		if (conversation.opening !== undefined) socket.write(conversation.opening);
		// A script that expects nothing has passed now.
		this.#judge(socket, false);
	}

	#onData(socket: Socket, chunk: Buffer): void {
		this.#answer = this.#answer.length === 0 ? chunk : Buffer.concat([this.#answer, chunk]);
		this.#judge(socket, this.#answer.length >= ANSWER_LIMIT_BYTES);
	}

	#judge(socket: Socket, ended: boolean): void {
		if (this.#isFinished || !this.#isConnected) return;
		const judged: Verdict | Reply | undefined = this.#conversation?.judge(this.#answer, ended);
		if (judged !== undefined && 'say' in judged) {
			this.#answer = Buffer.alloc(0);
			if (ended) this.#judge(socket, true);
			else socket.write(judged.say);
		} else if (judged !== undefined) {
			this.#finish(judged);
		} else if (ended) {
			this.#finish({outcome: 'failed', status: 'L7RSP'});
		}
	}

	#onError(error: NodeJS.ErrnoException): void {
		if (!this.#isConnected) this.#finish({outcome: 'failed', status: 'L4CON', info: describeSystemError(error)});
		else if (this.#answer.length > 0) this.#judge(this.#socket!, true);
		else this.#finish({outcome: 'failed', status: 'SOCKERR', info: describeSystemError(error)});
	}

	#finish({goodbye, ...verdict}: Verdict): void {
		if (this.#isFinished) return;
		this.#close(goodbye);
		this.#done({...verdict, durationMs: Math.round(this.#nowMs() - this.#startMs)});
	}

	#close(goodbye: Buffer | undefined): void {
		this.#isFinished = true;
		clearTimeout(this.#timer);
		const socket = this.#socket;
		if (socket === undefined) return;
		if (goodbye !== undefined && this.#isConnected && !socket.destroyed) {
			// Whoever says goodbye need not wait for the answer to it.
			socket.end(goodbye, () => socket.destroy());
			return;
		}
		// A bare connection is reset: a check each second of each server must not leave thousands of sockets in TIME_WAIT.
		if (this.#isConnected && this.#conversation === undefined) socket.resetAndDestroy();
		else socket.destroy();
	}

	#arm(delayMs: number, verdict: () => Verdict): void {
		clearTimeout(this.#timer);
		const leftMs = Math.min(delayMs, this.#target.wholeTimeoutMs - (this.#nowMs() - this.#startMs));
		this.#timer = setTimeout(() => this.#finish(verdict()), Math.max(0, leftMs));
	}

	/** A refused option (an address that is none) throws at once: that is a failed check, not a crash. */
	#createSocket(): Socket | undefined {
		const {address, sourceAddress} = this.#target;
		const options: NetConnectOpts =
			address.kind === 'unix'
				? {path: address.path}
				: {
						host: address.host,
						port: address.port,
						autoSelectFamily: false,
						noDelay: true,
						...(sourceAddress === undefined ? {} : {localAddress: sourceAddress}),
					};
		try {
			return createConnection(options);
		} catch (error) {
			const info = error instanceof Error ? error.message : String(error);
			setImmediate(() => this.#finish({outcome: 'failed', status: 'SOCKERR', info}));
			return undefined;
		}
	}
}

const systemErrorTexts: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'Connection refused',
	ECONNRESET: 'Connection reset by peer',
	EHOSTUNREACH: 'No route to host',
	ENETUNREACH: 'Network is unreachable',
	EPIPE: 'Broken pipe',
	EADDRNOTAVAIL: 'Cannot assign requested address',
	ENOENT: 'No such file or directory',
	EACCES: 'Permission denied',
	ENOTFOUND: 'Name does not resolve',
};

/** The C library's words, which people search their logs for. */
function describeSystemError(error: NodeJS.ErrnoException): string {
	return systemErrorTexts[error.code ?? ''] ?? error.code ?? error.message;
}

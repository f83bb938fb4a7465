/**
 * One connection of one check: opens it, keeps its deadlines, collects a bounded answer, closes it whatever happens.
 *
 * Decides nothing about the answer: `judge` does. Calls back exactly once.
 */
import {createConnection, type NetConnectOpts, type Socket} from 'node:net';
import type {CheckResult} from './check-result.ts';
import type {CheckTarget} from './check-target.ts';

export type Verdict = Omit<CheckResult, 'durationMs'>;

export interface Conversation {
	/** Written once connected; absent for a check that only connects. */
	readonly request?: Buffer;
	/** Called with all bytes so far; undefined waits for more unless `ended`. Then it must decide. */
	judge(answer: Buffer, ended: boolean): Verdict | undefined;
	/** Bytes of the answer that are read at most; `judge` decides on what there is. */
	readonly answerLimitBytes: number;
}

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
	const startMs = nowMs();
	let socket: Socket | undefined;
	let timer: NodeJS.Timeout | undefined;
	let connected = false;
	let finished = false;
	const chunks: Buffer[] = [];
	let size = 0;

	const close = () => {
		finished = true;
		clearTimeout(timer);
		// A bare connection is reset: a check each second of each server must not leave thousands of sockets in TIME_WAIT.
		if (connected && !conversation) socket?.resetAndDestroy();
		else socket?.destroy();
	};
	const finish = (verdict: Verdict) => {
		if (finished) return;
		close();
		done({...verdict, durationMs: Math.round(nowMs() - startMs)});
	};
	const finishJudged = () => {
		finish(conversation?.judge(Buffer.concat(chunks), true) ?? {outcome: 'failed', status: 'L7RSP'});
	};
	const armTimer = (delayMs: number, verdict: Verdict) => {
		clearTimeout(timer);
		const leftMs = Math.min(delayMs, target.wholeTimeoutMs - (nowMs() - startMs));
		timer = setTimeout(finish, Math.max(0, leftMs), verdict);
	};

	const opened = openSocket(target, finish);
	if (!opened) return {cancel: close};
	socket = opened;
	armTimer(target.connectTimeoutMs, {outcome: 'failed', status: 'L4TOUT'});
	socket.on('connect', () => {
		connected = true;
		if (!conversation) return finish({outcome: 'passed', status: 'L4OK'});
		armTimer(target.answerTimeoutMs, {outcome: 'failed', status: 'L7TOUT'});
		if (conversation.request) socket?.write(conversation.request);
	});
	socket.on('data', chunk => {
		chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
		size += chunk.length;
		if (size >= (conversation?.answerLimitBytes ?? 0)) return finishJudged();
		const verdict = conversation?.judge(Buffer.concat(chunks), false);
		if (verdict) finish(verdict);
	});
	socket.on('end', finishJudged);
	socket.on('error', (error: NodeJS.ErrnoException) => {
		if (!connected) finish({outcome: 'failed', status: 'L4CON', info: describeSystemError(error)});
		else if (size > 0) finishJudged();
		else finish({outcome: 'failed', status: 'L7RSP', info: describeSystemError(error)});
	});
	socket.on('close', finishJudged);
	return {cancel: close};
}

/** A refused option (an address that is none) throws at once: that is a failed check, not a crash. */
function openSocket(target: CheckTarget, finish: (verdict: Verdict) => void): Socket | undefined {
	const {address, sourceAddress} = target;
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
		setImmediate(finish, {
			outcome: 'failed',
			status: 'SOCKERR',
			info: error instanceof Error ? error.message : String(error),
		});
		return undefined;
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

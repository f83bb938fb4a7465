/**
 * Runs one program to its end, within a deadline, without a shell.
 *
 * Decides how a program is ended: at the deadline its whole process group gets SIGTERM, and SIGKILL after a grace.
 * Leaves what the outcome means to hooks and tracks.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import type {Readable} from 'node:stream';

export interface ProgramRequest {
	/** The program's absolute path and its arguments. */
	readonly argv: readonly string[];
	readonly timeoutMs: number;
	/** The whole environment; nothing is inherited. */
	readonly environment: Readonly<Record<string, string>>;
	/** Written to its stdin; without it there is none. */
	readonly input?: Uint8Array;
	/** Between SIGTERM and SIGKILL; 500 unless given. */
	readonly killGraceMs?: number;
	/** What is kept of stdout and stderr together; 4096 unless given. */
	readonly outputLimitBytes?: number;
	/** What it writes to stderr goes nowhere. */
	readonly onlyStdout?: true;
	readonly signal?: AbortSignal;
	/** Whom it runs as, without supplementary groups; this process's own user unless given. Needs root. */
	readonly account?: {readonly uid: number; readonly gid: number};
}

export interface ProgramOutcome {
	/** Absent when a signal ended the program or it could not be started. */
	readonly exitCode?: number;
	readonly signal?: string;
	readonly timedOut: boolean;
	/** Why it could not be started. */
	readonly spawnError?: string;
	/** The beginning of stdout and stderr, cut at the limit. */
	readonly output: string;
	readonly durationMs: number;
}

/** The only variable that programs inherit: a fixed search path. */
export const safePath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** After a program ended its output may still be in the pipe; a background child that holds the pipe must not hold us. */
const outputGraceMs = 50;

/** How long after SIGKILL a program is waited for. */
const reapGraceMs = 500;

/** Never rejects; resolves at the latest `timeoutMs + killGraceMs` and a moment after the start. */
export function runProgram(request: ProgramRequest): Promise<ProgramOutcome> {
	const startedMs = performance.now();
	const [file, ...parameters] = request.argv;
	const {promise, resolve} = Promise.withResolvers<ProgramOutcome>();
	if (file === undefined) {
		resolve({timedOut: false, spawnError: 'no program was named', output: '', durationMs: 0});
		return promise;
	}
	const child = spawn(file, parameters, {
		cwd: '/',
		detached: true,
		env: {...request.environment},
		stdio: [request.input === undefined ? 'ignore' : 'pipe', 'pipe', request.onlyStdout === true ? 'ignore' : 'pipe'],
		...(request.account === undefined ? {} : {uid: request.account.uid, gid: request.account.gid}),
	});
	// A program that reads nothing, or only a part, has its reasons: its exit code tells.
	child.stdin?.on('error', () => {});
	child.stdin?.end(request.input);
	const outputs = [child.stdout, child.stderr].filter(stream => stream !== null);
	const output = collectOutput(outputs, request.outputLimitBytes ?? 4096);
	let timedOut = false;
	let disarm = (): void => {};
	const finish = (facts: Pick<ProgramOutcome, 'exitCode' | 'signal' | 'spawnError'>): void => {
		disarm();
		for (const stream of outputs) stream.destroy();
		resolve({...facts, timedOut, output: output(), durationMs: performance.now() - startedMs});
	};
	disarm = armDeadline(child, request, {
		onTimeout: () => {
			timedOut = true;
		},
		onImmortal: () => finish({signal: 'SIGKILL without effect'}),
	});
	child.once('error', error => {
		if (child.pid === undefined) finish({spawnError: error.message});
	});
	child.once('exit', (code, signal) => {
		const facts = code === null ? {signal: signal ?? 'unknown'} : {exitCode: code};
		const grace = setTimeout(() => finish(facts), outputGraceMs);
		child.once('close', () => {
			clearTimeout(grace);
			finish(facts);
		});
	});
	return promise;
}

interface DeadlineEvents {
	onTimeout(): void;
	/** Not even SIGKILL ended it: it hangs in the kernel, typically on a dead disk or network file system. */
	onImmortal(): void;
}

function armDeadline(child: ChildProcess, request: ProgramRequest, events: DeadlineEvents): () => void {
	let kill: NodeJS.Timeout | undefined;
	let immortal: NodeJS.Timeout | undefined;
	const end = (): void => {
		if (kill !== undefined) return;
		signalGroup(child, 'SIGTERM');
		kill = setTimeout(() => {
			signalGroup(child, 'SIGKILL');
			immortal = setTimeout(() => events.onImmortal(), reapGraceMs);
		}, request.killGraceMs ?? 500);
	};
	const deadline = setTimeout(() => {
		events.onTimeout();
		end();
	}, request.timeoutMs);
	request.signal?.addEventListener('abort', end, {once: true});
	return () => {
		clearTimeout(deadline);
		clearTimeout(immortal);
		request.signal?.removeEventListener('abort', end);
		// What the program left behind in its group has had its SIGTERM and gets its SIGKILL as well.
		if (kill !== undefined) {
			clearTimeout(kill);
			signalGroup(child, 'SIGKILL');
		}
	};
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
	if (child.pid === undefined) return;
	try {
		process.kill(-child.pid, signal);
	} catch {
		// The whole group is gone already: that was the aim.
	}
}

function collectOutput(streams: readonly Readable[], limitBytes: number): () => string {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for (const stream of streams) {
		stream.on('error', () => {});
		stream.on('data', (chunk: Buffer) => {
			const kept = chunk.subarray(0, Math.max(0, limitBytes - bytes));
			bytes += kept.length;
			if (kept.length > 0) chunks.push(kept);
		});
	}
	return () => Buffer.concat(chunks).toString('utf8').trimEnd();
}

/** One clause for logs: "exited with 1", "was killed by SIGKILL", "did not end within 1000 ms". */
export function describeOutcome(outcome: ProgramOutcome, timeoutMs: number): string {
	if (outcome.spawnError !== undefined) return `could not be started: ${outcome.spawnError}`;
	if (outcome.timedOut) return `did not end within ${timeoutMs} ms and was stopped`;
	if (outcome.exitCode !== undefined) return `exited with ${outcome.exitCode}`;
	return `was killed by ${outcome.signal ?? 'a signal'}`;
}

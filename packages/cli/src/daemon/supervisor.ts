/**
 * Keeps one child process running: starts it, hears it, starts it again when it dies.
 *
 * Decides about this child alone; the death of one child never touches another. Back-off is in `back-off.ts`. A child
 * that says nothing for `silenceLimitMs` (`child-silence.ts`) is ended with SIGKILL and so restarted. Threads of a child may give signs
 * of life beside its messages, and are missed in the same way. Leaves what messages mean to the daemon.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import type {Readable} from 'node:stream';
import type {Log} from '../logging.ts';
import {backOffAfterCrash, restedBackOff} from './back-off.ts';
import {ChildSilence, tickMs} from './child-silence.ts';
import {readErrorLine} from './error-line.ts';
import {endsWithin} from './within.ts';

export interface ChildPlan<Incoming, Outgoing> {
	readonly name: string;
	/** Program and arguments, absolute path first. Asked at every start. */
	readonly argv: readonly string[];
	/** The first message of every life. */
	readonly firstMessage: (pid: number) => Outgoing;
	/** `handle` is a socket that came along. */
	readonly onMessage: (message: Incoming, handle: unknown) => void;
	/** Called when the process is gone, before it is started again. */
	readonly onExit: (exit: ChildExit) => void;
	/** Called with the pid after every start, for priorities and the like. */
	readonly onSpawn?: (pid: number) => void;
	/** Takes each line of its stdout; otherwise they are logged. */
	readonly onLine?: (line: string) => void;
	readonly silenceLimitMs: number;
	/** Begins a command that runs as the child's user, where that is not this process's own: nobody else may send it a signal. */
	readonly asItsUser?: readonly string[];
	/** Threads give signs of life on a descriptor of their own (`HAPAIR_SIGNS_FD`). */
	readonly givesSigns?: boolean;
	readonly log: Log;
}

export interface ChildExit {
	/** One clause: "was killed by SIGKILL". */
	readonly description: string;
	readonly expected: boolean;
	readonly restartInMs?: number;
}

/** After a child's end its last lines may still be in the pipe; a helper of its own that holds the pipe must not hold us. */
const outputGraceMs = 200;
/** SIGKILL acts at once unless the kernel holds the process, typically on a dead disk. */
const reapGraceMs = 1000;
/** The descriptor of the signs, as the child sees it; 3 is Node's channel. */
const signsFd = 4;
/** Longest line of a child's stdout that is logged. */
const lineLimit = 2000;

export class Supervisor<Incoming, Outgoing> {
	readonly #plan: ChildPlan<Incoming, Outgoing>;
	#child: ChildProcess | undefined;
	#backOff = restedBackOff;
	#restart: NodeJS.Timeout | undefined;
	#stopping = false;
	readonly #silence: ChildSilence;
	#exited: PromiseWithResolvers<void> | undefined;
	#ticker: NodeJS.Timeout | undefined;

	constructor(plan: ChildPlan<Incoming, Outgoing>) {
		this.#plan = plan;
		this.#silence = new ChildSilence(plan.silenceLimitMs);
	}

	get pid(): number | undefined {
		return this.#child?.pid;
	}

	/** Since the child's last message, in this process's own ticks. */
	get silentMs(): number {
		return this.#silence.silentMs;
	}

	/** Since a thread's last sign of life; undefined while none has ever come in this life. */
	get signlessMs(): number | undefined {
		return this.#silence.signlessMs;
	}

	start(): void {
		this.#ticker ??= setInterval(() => this.#tick(), tickMs);
		const [program = '', ...parameters] = this.#plan.argv;
		const startedMs = performance.now();
		const givesSigns = this.#plan.givesSigns === true;
		const child = spawn(program, parameters, {
			// Its own session: a terminal's Ctrl-C goes to the daemon, which then ends its children in order.
			detached: true,
			stdio: ['ignore', 'pipe', 'pipe', 'ipc', ...(givesSigns ? (['pipe'] as const) : [])],
			env: givesSigns ? {...process.env, HAPAIR_SIGNS_FD: String(signsFd)} : process.env,
			serialization: 'advanced',
		});
		this.#child = child;
		this.#silence.begin();
		this.#exited = Promise.withResolvers();
		child.on('message', (message, handle) => {
			this.#silence.hearWord();
			if (this.#child === child) this.#plan.onMessage(message as Incoming, handle);
		});
		child.stdio[signsFd]?.on('data', () => {
			if (this.#child === child) this.#silence.hearSign();
		});
		child.stdio[signsFd]?.on('error', () => {});
		const {log, onLine = line => log.info({}, line.slice(0, lineLimit))} = this.#plan;
		readLines(child.stdout, onLine);
		readLines(child.stderr, line => {
			const {level, text} = readErrorLine(line);
			log[level]({}, text);
		});
		// A child that cannot be started has no 'exit'; one that was started has no other way to be gone.
		child.once('error', error => {
			if (child.pid === undefined) this.#gone(child, `could not be started: ${error.message}`, startedMs);
		});
		child.once('exit', (code, signal) => {
			const description = signal === null ? `exited with ${code}` : `was killed by ${signal}`;
			releasePipes(child);
			afterLastMessage(child, () => this.#gone(child, description, startedMs));
		});
		if (child.pid === undefined) return;
		this.#plan.onSpawn?.(child.pid);
		this.send(this.#plan.firstMessage(child.pid));
	}

	/**
	 * Sends if there is a child to hear it; a child that starts later gets what it needs in its first message. `handle` is a socket that goes
	 * along; `sent` is called in any case, once the message has left.
	 */
	send(message: Outgoing, handle?: unknown, sent?: () => void): boolean {
		const child = this.#child;
		if (child?.connected !== true) {
			sent?.();
			return false;
		}
		child.send(message as object, handle as undefined, {}, error => {
			sent?.();
			if (error !== null) this.#plan.log.debug({error: error.message}, 'a message was lost: the process is gone');
		});
		return true;
	}

	/**
	 * From now on an exit is expected and final. The child gets SIGKILL after `limitMs` or when `hurry` is aborted.
	 * Resolves a moment later at the latest, with false when not even that ended it.
	 */
	async stop(lastMessage: Outgoing, limitMs: number, hurry?: AbortSignal): Promise<boolean> {
		this.#stopping = true;
		clearTimeout(this.#restart);
		clearInterval(this.#ticker);
		if (this.#child === undefined || this.#exited === undefined) return true;
		const exited = this.#exited.promise;
		this.send(lastMessage);
		if (await endsWithin(exited, limitMs, hurry)) return true;
		const why = hurry?.aborted === true ? 'is not waited for' : `did not end within ${limitMs} ms`;
		this.#plan.log.warn({pid: this.pid}, `${why}, killing it`);
		this.kill();
		return endsWithin(exited, reapGraceMs);
	}

	/** From now on an exit is expected and final; when it comes is the child's business, unless it falls silent. `stop` may follow. */
	letEnd(lastMessage: Outgoing): void {
		this.#stopping = true;
		clearTimeout(this.#restart);
		this.send(lastMessage);
	}

	kill(): void {
		const {pid} = this;
		const [program, ...parameters] = this.#plan.asItsUser ?? [];
		if (program === undefined || pid === undefined) {
			this.#child?.kill('SIGKILL');
			return;
		}
		const argv = [...parameters, '/bin/sh', '-c', 'kill -KILL "$0"', String(pid)];
		const killer = spawn(program, argv, {stdio: 'ignore'});
		killer.on('error', error => this.#plan.log.error({pid, error: error.message}, 'cannot be killed'));
	}

	#tick(): void {
		if (this.#child === undefined) return;
		const limitMs = this.#silence.tick();
		if (limitMs === undefined) return;
		this.#plan.log.error({pid: this.pid}, `said nothing for ${limitMs} ms, killing it`);
		this.kill();
	}

	#gone(child: ChildProcess, description: string, startedMs: number): void {
		if (this.#child !== child) return;
		this.#child = undefined;
		this.#exited?.resolve();
		if (this.#stopping) {
			clearInterval(this.#ticker);
			this.#plan.onExit({description, expected: true});
			return;
		}
		const {backOff, pauseMs} = backOffAfterCrash(this.#backOff, performance.now() - startedMs);
		this.#backOff = backOff;
		const when = pauseMs === 0 ? 'at once' : `in ${pauseMs} ms`;
		this.#plan.log.error({pid: child.pid, crashes: backOff.crashes}, `${description}; starting it again ${when}`);
		this.#restart = setTimeout(() => this.start(), pauseMs);
		this.#plan.onExit({description, expected: false, restartInMs: pauseMs});
	}
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
	if (stream === null) return;
	createInterface({input: stream}).on('line', line => {
		if (line !== '') onLine(line);
	});
}

/** Closes what is left of a dead child's pipes, so that nobody who inherited them keeps this process alive. */
function releasePipes(child: ChildProcess): void {
	const grace = setTimeout(() => {
		child.stdout?.destroy();
		child.stderr?.destroy();
		child.stdio[signsFd]?.destroy();
		if (child.connected) child.disconnect();
	}, outputGraceMs);
	child.once('close', () => clearTimeout(grace));
}

/** Its last words may still be in the channel when its end is known: a transition to `stopped` has a hook waiting for it. */
function afterLastMessage(child: ChildProcess, work: () => void): void {
	if (!child.connected) {
		setImmediate(work);
		return;
	}
	const grace = setTimeout(work, outputGraceMs);
	child.once('disconnect', () => {
		clearTimeout(grace);
		setImmediate(work);
	});
}

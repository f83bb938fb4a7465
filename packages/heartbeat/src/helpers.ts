/**
 * A system tool kept running, so that at a takeover nothing has to be forked.
 *
 * Decides how a tool that reads commands from its standard input (`ip -batch -`, `nft -i`) is spoken to: one request
 * at a time or many, each confirmed, each with a deadline, the tool replaced when it dies or hangs. Leaves the meaning
 * of commands and answers to whoever asks.
 *
 * Neither tool says "done". So every request is followed by a line the tool must refuse, with a number in it; the
 * refusal comes back in order, on the same pipe, and proves that everything before it was executed.
 * The tools ignore SIGTERM, SIGINT and SIGHUP (a service manager signals the whole group, and the release still needs
 * them) and end when their input does: also when this process is killed.
 */
import {type ChildProcessByStdio, spawn} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';

/** Longest answer kept, in characters; a tool that says more is replaced. */
const answerLimitChars = 4 << 20;
const respawnDelaysMs = [0, 100, 500, 2000];

export interface HelperKind {
	/** For messages: `ip`, `nft`. */
	readonly name: string;
	/** Absolute path and arguments. */
	readonly argv: readonly string[];
	/** The line that is refused, and how the refusal looks: the line that holds `mark`, and lines around it. */
	readonly confirmation: {
		readonly line: (mark: string) => string;
		readonly isMark: (line: string, mark: string) => boolean;
		readonly linesBefore: number;
		readonly linesAfter: number;
	};
}

/**
 * `ip -j -force -batch -`: a device that cannot exist; iproute2 answers with its name and "Command failed".
 *
 * @param family of routing rules, which no line can name; others go by their addresses.
 */
export function ipHelper(path: string, family: 4 | 6 = 4): HelperKind {
	return {
		name: 'ip',
		argv: [path, ...(family === 6 ? ['-6'] : []), '-j', '-force', '-batch', '-'],
		confirmation: {
			line: mark => `addr show dev ${mark}`,
			isMark: (line, mark) => line.includes(`"${mark}"`),
			linesBefore: 0,
			linesAfter: 1,
		},
	};
}

/** `nft -i` without a terminal: no prompt, one transaction a line; a syntax error repeats the line it is about. */
export function nftHelper(path: string): HelperKind {
	return {
		name: 'nft',
		argv: [path, '-i'],
		confirmation: {line: mark => mark, isMark: (line, mark) => line === mark, linesBefore: 1, linesAfter: 1},
	};
}

export interface Answer {
	/** False when the tool died or did not answer in time; whether the commands took effect is then unknown. */
	readonly confirmed: boolean;
	/** Everything the tool said to these commands, errors too. */
	readonly lines: readonly string[];
	/** Why not confirmed. */
	readonly reason: string;
}

interface Pending {
	readonly mark: string;
	readonly lines: string[];
	marked: boolean;
	linesToSkip: number;
	readonly timer: NodeJS.Timeout;
	readonly resolve: (answer: Answer) => void;
}

type HelperChild = ChildProcessByStdio<Writable, Readable, null>;

export class KeptHelper {
	readonly #kind: HelperKind;
	#child: HelperChild | undefined;
	#pending: Pending[] = [];
	#partial = '';
	#marks = 0;
	#deaths = 0;
	#stopped = false;
	#respawnTimer: NodeJS.Timeout | undefined;
	/** How often the tool was replaced. */
	restarts = 0;

	constructor(kind: HelperKind) {
		this.#kind = kind;
	}

	/** Forks the tool now. Later requests fork only if it died. */
	start(): void {
		this.#stopped = false;
		this.#child ??= this.#spawn();
	}

	/**
	 * Sends commands, one a line, and resolves when the tool has executed them all. Never rejects.
	 * A command must not hold a line break: that would be a second command.
	 */
	ask(commands: readonly string[], timeoutMs: number): Promise<Answer> {
		if (commands.some(command => /[\r\n\0]/.test(command))) throw new Error('a helper command holds a line break');
		if (this.#stopped) return Promise.resolve(unconfirmed(`${this.#kind.name} helper is stopped`));
		this.#child ??= this.#spawn();
		this.#marks = (this.#marks + 1) % 1_000_000;
		const mark = `hapair${this.#marks}`;
		const {line} = this.#kind.confirmation;
		return new Promise(resolve => {
			const timer = setTimeout(() => this.restart(`no answer within ${timeoutMs} ms`), timeoutMs);
			this.#pending.push({mark, lines: [], marked: false, linesToSkip: 0, timer, resolve});
			this.#child?.stdin.write(`${[...commands, line(mark)].join('\n')}\n`);
		});
	}

	/** Replaces the tool at once; whatever waits is answered "unconfirmed". */
	restart(reason: string): void {
		this.#drop(reason);
		if (!this.#stopped) this.#child = this.#spawn();
	}

	/** Ends the tool by closing its input; kills it if that does not help within 500 ms. */
	async stop(): Promise<void> {
		this.#stopped = true;
		clearTimeout(this.#respawnTimer);
		const child = this.#child;
		this.#child = undefined;
		this.#answerAll('stopped');
		if (child) await endByInput(child);
	}

	#spawn(): HelperChild {
		this.restarts += this.#marks === 0 ? 0 : 1;
		this.#partial = '';
		const child = spawn('/bin/sh', ['-c', 'trap "" TERM INT HUP; exec "$0" "$@" 2>&1', ...this.#kind.argv], {
			stdio: ['pipe', 'pipe', 'ignore'],
			detached: true,
			env: {LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TERM: 'dumb'},
		});
		child.stdout.setEncoding('utf8');
		child.stdout.on('data', (text: string) => {
			if (this.#child === child) this.#read(text);
		});
		child.stdin.on('error', () => {});
		child.stdout.on('error', () => {});
		child.once('error', error => this.#died(child, error.message));
		child.once('exit', (code, signal) => this.#died(child, `ended (${signal ?? code})`));
		return child;
	}

	#died(child: HelperChild, reason: string): void {
		child.stdout.destroy();
		if (this.#child !== child) return;
		this.#drop(`${this.#kind.name} ${reason}`);
		if (this.#stopped) return;
		const delayMs = respawnDelaysMs[Math.min(this.#deaths++, respawnDelaysMs.length - 1)] ?? 2000;
		this.#respawnTimer = setTimeout(() => {
			if (!this.#stopped) this.#child ??= this.#spawn();
		}, delayMs);
	}

	#drop(reason: string): void {
		const child = this.#child;
		this.#child = undefined;
		if (child && child.exitCode === null) child.kill('SIGKILL');
		this.#answerAll(reason);
	}

	#answerAll(reason: string): void {
		const waiting = this.#pending;
		this.#pending = [];
		for (const {timer, resolve} of waiting) {
			clearTimeout(timer);
			resolve(unconfirmed(reason));
		}
	}

	#read(text: string): void {
		const lines = (this.#partial + text).split('\n');
		this.#partial = lines.pop() ?? '';
		for (const line of lines) this.#readLine(line);
		if (this.#partial.length > answerLimitChars) this.restart('answered without an end');
	}

	#readLine(line: string): void {
		const request = this.#pending[0];
		if (!request) return;
		const {isMark, linesBefore, linesAfter} = this.#kind.confirmation;
		if (request.marked) request.linesToSkip -= 1;
		else if (isMark(line, request.mark)) {
			request.marked = true;
			request.linesToSkip = linesAfter;
			if (linesBefore > 0) request.lines.splice(-linesBefore);
		} else request.lines.push(line);
		if (!request.marked || request.linesToSkip > 0) return;
		this.#pending.shift();
		this.#deaths = 0;
		clearTimeout(request.timer);
		request.resolve({confirmed: true, lines: request.lines, reason: ''});
	}
}

/** Closes a child's input and waits for its end; SIGKILL after 500 ms. */
export async function endByInput(child: HelperChild): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	await new Promise<void>(resolve => {
		const timer = setTimeout(() => child.kill('SIGKILL'), 500);
		child.once('exit', () => {
			clearTimeout(timer);
			resolve();
		});
		child.once('error', () => resolve());
		child.stdin.end();
	});
}

function unconfirmed(reason: string): Answer {
	return {confirmed: false, lines: [], reason};
}

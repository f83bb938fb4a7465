/**
 * The history on the disk: one JSON line each, appended, in two files of bounded size.
 *
 * Decides that nobody waits for a disk that is full or slow: lines wait in memory, a bounded number of them, and are written when it takes bytes
 * again; and which lines are too old to be kept. Written by the daemon, never by the heartbeat.
 */
import {appendFile, readFile, rename, rm, stat, truncate, writeFile} from 'node:fs/promises';
import type {Log} from '../logging.ts';
import {type HistoryRecord, readRecord} from './record.ts';

/** Then the file becomes `.1`, and a former `.1` goes. Some thousand transitions each. */
const MOST_BYTES = 1_048_576;
/** What may wait for a disk; beyond it the oldest line is lost. */
const MOST_WAITING = 1000;
/** Written at once: some lines more than MOST_BYTES do no harm, a thousand would. */
const MOST_AT_ONCE = 100;
/** How often a disk that refused is tried again. */
const RETRY_MS = 5000;
/** A disk that takes longer for a line does not answer. */
const SLOW_MS = 5000;

export class HistoryFile {
	readonly #path: string | undefined;
	readonly #log: Log;
	readonly #retryMs: number;
	#waiting: string[] = [];
	#lost = 0;
	#forgetBeforeMs: number | undefined;
	#working: Promise<void> | undefined;
	#workingSinceMs = 0;
	#trouble: string | undefined;
	#retry: NodeJS.Timeout | undefined;

	/** @param path Nothing: no history is kept. */
	constructor(path: string | undefined, log: Log, retryMs = RETRY_MS) {
		this.#path = path;
		this.#log = log;
		this.#retryMs = retryMs;
	}

	append(record: HistoryRecord): void {
		if (this.#path === undefined) return;
		this.#waiting.push(`${JSON.stringify(record)}\n`);
		if (this.#waiting.length > MOST_WAITING) {
			this.#waiting.shift();
			this.#lost += 1;
		}
		this.#start(this.#path);
	}

	/** Takes out what was written before `beforeMs`. Wall clock, ms since 1970. */
	forget(beforeMs: number): void {
		if (this.#path === undefined) return;
		this.#forgetBeforeMs = beforeMs;
		this.#start(this.#path);
	}

	/** Why the disk does not have what has happened, as a sentence; nothing when it has. */
	get trouble(): string | undefined {
		const isSlow = this.#working !== undefined && performance.now() - this.#workingSinceMs > SLOW_MS;
		const why = this.#trouble ?? (isSlow ? 'the disk does not answer' : undefined);
		if (why === undefined) return undefined;
		const waiting = this.#waiting.length === 1 ? '1 line waits' : `${this.#waiting.length} lines wait`;
		const lost = this.#lost === 0 ? '' : `, ${this.#lost} are lost`;
		return `the history is not kept: ${why}; ${waiting} in memory${lost}`;
	}

	/** The newest, oldest first; none where none are kept or can be read. */
	async newest(count: number): Promise<HistoryRecord[]> {
		if (this.#path === undefined) return [];
		await this.flushed();
		const written = await readHistory(this.#path, count).catch(() => []);
		return [...written, ...this.#waiting.flatMap(line => readRecord(line) ?? [])].slice(-count);
	}

	/** Resolves when everything is written, or the disk has refused. */
	async flushed(): Promise<void> {
		while (this.#working !== undefined) await this.#working;
	}

	#start(path: string): void {
		if (this.#working !== undefined || this.#retry !== undefined) return;
		this.#workingSinceMs = performance.now();
		this.#working = this.#work(path).finally(() => {
			this.#working = undefined;
			if (this.#waiting.length > 0 || this.#forgetBeforeMs !== undefined) this.#start(path);
		});
	}

	/** Never rejects. */
	async #work(path: string): Promise<void> {
		try {
			const lines = this.#waiting.slice(0, MOST_AT_ONCE);
			if (lines.length > 0) await write(path, lines.join(''));
			// Meanwhile the oldest may have gone for want of room.
			this.#waiting = this.#waiting.filter(line => !lines.includes(line));
			const forgetBeforeMs = this.#forgetBeforeMs;
			if (forgetBeforeMs !== undefined) {
				for (const name of [`${path}.1`, path]) await forgetIn(name, forgetBeforeMs);
				if (this.#forgetBeforeMs === forgetBeforeMs) this.#forgetBeforeMs = undefined;
			}
			if (this.#trouble !== undefined) this.#log.info({path}, 'the history is kept again');
			this.#trouble = undefined;
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			if (this.#trouble === undefined) this.#log.warn({path}, `the history is not kept: ${message}`);
			this.#trouble = message;
			this.#retry = setTimeout(() => {
				this.#retry = undefined;
				this.#start(path);
			}, this.#retryMs).unref();
		}
	}
}

/** A file that took only half of it is as before. */
async function write(path: string, text: string): Promise<void> {
	let size = await stat(path).then(
		({size: bytes}) => bytes,
		() => 0,
	);
	if (size > MOST_BYTES) {
		await rename(path, `${path}.1`);
		size = 0;
	}
	try {
		await appendFile(path, text, {mode: 0o640});
	} catch (error) {
		await truncate(path, size).catch(() => {});
		throw error;
	}
}

/** A file of which nothing is left goes as well. A line without a time is kept by nobody's wish, and goes. */
async function forgetIn(path: string, beforeMs: number): Promise<void> {
	const text = await readIfThere(path);
	const lines = text.split('\n').filter(line => line !== '');
	const kept = lines.filter(line => Date.parse(readRecord(line)?.time ?? '') >= beforeMs);
	if (kept.length === lines.length) return;
	if (kept.length === 0) return rm(path, {force: true});
	await writeFile(`${path}.new`, kept.map(line => `${line}\n`).join(''), {mode: 0o640});
	await rename(`${path}.new`, path);
}

/** The newest `count` records, oldest first. Lines that are none are left out. @throws when there is a file that cannot be read. */
export async function readHistory(path: string, count: number): Promise<HistoryRecord[]> {
	const texts = await Promise.all([`${path}.1`, path].map(readIfThere));
	return texts
		.join('')
		.split('\n')
		.flatMap(line => readRecord(line) ?? [])
		.slice(-count);
}

async function readIfThere(path: string): Promise<string> {
	try {
		return await readFile(path, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
		throw error;
	}
}

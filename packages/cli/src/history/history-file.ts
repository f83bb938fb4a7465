/**
 * The history on the disk: one JSON line each, appended, in two files of bounded size.
 *
 * Decides that a full or slow disk costs lines, with one warning, and nothing else, and which lines are too old to be kept. Written by the daemon, never by the heartbeat.
 */
import {appendFile, readFile, rename, rm, stat, writeFile} from 'node:fs/promises';
import type {Log} from '../logging.ts';
import {type HistoryRecord, readRecord} from './record.ts';

/** Then the file becomes `.1`, and a former `.1` goes. Some thousand transitions each. */
const MOST_BYTES = 1_048_576;
/** What may wait for a disk that does not answer. */
const MOST_WAITING = 1000;

export class HistoryFile {
	readonly #path: string | undefined;
	readonly #log: Log;
	#waiting = 0;
	#last: Promise<void> = Promise.resolve();
	#broken = false;

	/** @param path Nothing: no history is kept. */
	constructor(path: string | undefined, log: Log) {
		this.#path = path;
		this.#log = log;
	}

	append(record: HistoryRecord): void {
		const path = this.#path;
		if (path === undefined || this.#waiting >= MOST_WAITING) return;
		this.#waiting += 1;
		const line = `${JSON.stringify(record)}\n`;
		this.#last = this.#last.then(() => this.#attempt(path, () => write(path, line)));
	}

	/** Takes out what was written before `beforeMs`, in the order of the writes. Wall clock, ms since 1970. */
	forget(beforeMs: number): void {
		const path = this.#path;
		if (path === undefined || this.#waiting >= MOST_WAITING) return;
		this.#waiting += 1;
		this.#last = this.#last.then(() =>
			this.#attempt(path, async () => {
				for (const name of [`${path}.1`, path]) await forgetIn(name, beforeMs);
			}),
		);
	}

	/** The newest, oldest first; none where none are kept or can be read. */
	async newest(count: number): Promise<HistoryRecord[]> {
		if (this.#path === undefined) return [];
		await this.#last;
		return readHistory(this.#path, count).catch(() => []);
	}

	/** Resolves when everything is written, or given up. */
	flushed(): Promise<void> {
		return this.#last;
	}

	async #attempt(path: string, work: () => Promise<void>): Promise<void> {
		try {
			await work();
			this.#broken = false;
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			if (!this.#broken) this.#log.warn({path}, `the history is not kept: ${message}`);
			this.#broken = true;
		} finally {
			this.#waiting -= 1;
		}
	}
}

async function write(path: string, line: string): Promise<void> {
	const size = await stat(path).then(
		({size: bytes}) => bytes,
		() => 0,
	);
	if (size > MOST_BYTES) await rename(path, `${path}.1`);
	await appendFile(path, line, {mode: 0o640});
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

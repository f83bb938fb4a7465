/**
 * The history on the disk: one JSON line each, appended, in two files of bounded size.
 *
 * Decides that a full or slow disk costs lines, with one warning, and nothing else. Written by the daemon, never by the heartbeat.
 */
import {appendFile, readFile, rename, stat} from 'node:fs/promises';
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
		this.#last = this.#last.then(() => this.#write(path, `${JSON.stringify(record)}\n`));
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

	async #write(path: string, line: string): Promise<void> {
		try {
			const size = await stat(path).then(
				({size: bytes}) => bytes,
				() => 0,
			);
			if (size > MOST_BYTES) await rename(path, `${path}.1`);
			await appendFile(path, line, {mode: 0o640});
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

/**
 * The highest term this node has used or heard of, on the disk: terms grow over restarts of both nodes too.
 *
 * Decides that it is written and flushed whenever it changes, which is when the address moves, and never before a claim: no claim waits for
 * a disk. What both nodes lose when their power fails within that moment is one term. A file that cannot be read or written
 * is a warning and costs only that.
 */
import {closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync} from 'node:fs';
import type {Log} from '../logging.ts';

/** Terms are 48 bits on the wire; half of them is more than any pair uses. */
const HIGHEST = 2 ** 47;

export class TermFile {
	readonly #path: string | undefined;
	readonly #log: Log;
	#term: number;
	#broken = false;

	/** @param path Nothing: terms live in memory only. */
	constructor(path: string | undefined, log: Log) {
		this.#path = path;
		this.#log = log;
		this.#term = path === undefined ? 0 : this.#read(path);
	}

	/** Claims begin above it. */
	readonly first = (): number => this.#term;

	/** This term was used or heard of. */
	note(term: number): void {
		if (term <= this.#term) return;
		this.#term = Math.min(HIGHEST, term);
		if (this.#path !== undefined) this.#write(this.#path);
	}

	#read(path: string): number {
		try {
			const term = Number(readFileSync(path, 'utf8').trim());
			if (Number.isSafeInteger(term) && term >= 0 && term <= HIGHEST) return term;
			this.#log.warn({path}, `${path} does not hold a term: terms begin again, unless the peer knows better`);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#complain(path, error);
		}
		return 0;
	}

	#write(path: string): void {
		try {
			const descriptor = openSync(`${path}.new`, 'w', 0o600);
			try {
				writeSync(descriptor, `${this.#term}\n`);
				fsyncSync(descriptor);
			} finally {
				closeSync(descriptor);
			}
			renameSync(`${path}.new`, path);
			this.#broken = false;
		} catch (error) {
			this.#complain(path, error);
		}
	}

	#complain(path: string, error: unknown): void {
		if (this.#broken) return;
		this.#broken = true;
		const message = error instanceof Error ? error.message : String(error);
		this.#log.warn({path}, `terms are not kept over a restart of both nodes: ${message}`);
	}
}

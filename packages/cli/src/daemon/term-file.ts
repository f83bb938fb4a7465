/**
 * The highest term this node may have used, on the disk: terms grow over restarts of both nodes too.
 *
 * Decides that the file holds a bound, a few claims ahead, written and flushed before a term comes near it. So a claim waits for no
 * disk, and a crash loses no term; a restart skips some. A file that cannot be read or written is a warning and costs only that.
 */
import {closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync} from 'node:fs';
import type {Log} from '../logging.ts';

/** How far the bound is ahead of the highest term when it is written. */
const AHEAD = 16;
/** Written again when fewer claims than this are left. */
const LOW = 8;
/** Terms are 48 bits on the wire; half of them is more than any pair uses. */
const HIGHEST = 2 ** 47;

export class TermFile {
	readonly #path: string | undefined;
	readonly #log: Log;
	#bound: number;
	#broken = false;

	/** @param path Nothing: terms live in memory only. */
	constructor(path: string | undefined, log: Log) {
		this.#path = path;
		this.#log = log;
		this.#bound = path === undefined ? 0 : this.#read(path);
		this.note(this.#bound);
	}

	/** Claims begin above it. */
	readonly first = (): number => this.#first;
	#first = 0;

	/** This term was used or heard of. */
	note(term: number): void {
		this.#first = Math.max(this.#first, term);
		if (term <= this.#bound - LOW && this.#bound > 0) return;
		this.#bound = Math.min(HIGHEST, term + AHEAD);
		if (this.#path !== undefined) this.#write(this.#path);
	}

	#read(path: string): number {
		try {
			const bound = Number(readFileSync(path, 'utf8').trim());
			if (Number.isSafeInteger(bound) && bound >= 0 && bound <= HIGHEST) return bound;
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
				writeSync(descriptor, `${this.#bound}\n`);
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

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
const RETRY_MS = 5000;
const notKept = 'terms are not kept over a restart of both nodes';

export class TermFile {
	readonly #path: string | undefined;
	readonly #log: Log;
	#term: number;
	/** Why the disk does not have the term. */
	#trouble: string | undefined;
	readonly #nowMs: () => number;
	#isUnwritten = false;
	#triedAtMs = 0;

	/** @param path Nothing: terms live in memory only. */
	constructor(path: string | undefined, log: Log, nowMs = () => performance.now()) {
		this.#nowMs = nowMs;
		this.#path = path;
		this.#log = log;
		this.#term = path === undefined ? 0 : this.#read(path);
	}

	/** Claims begin above it. */
	readonly first = (): number => this.#term;

	/** This term was used or heard of. A disk that refused is tried again. */
	note(term: number): void {
		const isNew = term > this.#term;
		if (isNew) this.#term = Math.min(HIGHEST, term);
		const isDue = isNew || (this.#isUnwritten && this.#nowMs() - this.#triedAtMs >= RETRY_MS);
		if (isDue && this.#path !== undefined) this.#write(this.#path);
	}

	/** Why the disk does not have the term, as a sentence; nothing when it has. */
	get trouble(): string | undefined {
		return this.#trouble === undefined ? undefined : `${notKept}: ${this.#trouble}`;
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
		this.#triedAtMs = this.#nowMs();
		this.#isUnwritten = true;
		try {
			const descriptor = openSync(`${path}.new`, 'w', 0o600);
			try {
				writeSync(descriptor, `${this.#term}\n`);
				fsyncSync(descriptor);
			} finally {
				closeSync(descriptor);
			}
			renameSync(`${path}.new`, path);
			this.#isUnwritten = false;
			this.#trouble = undefined;
		} catch (error) {
			this.#complain(path, error);
		}
	}

	#complain(path: string, error: unknown): void {
		const message = error instanceof Error ? error.message : String(error);
		if (this.#trouble === undefined) this.#log.warn({path}, `${notKept}: ${message}`);
		this.#trouble = message;
	}
}

/**
 * A long answer that many may ask for: as bytes, and packed once when somebody first takes it so.
 *
 * Decides for how long one is kept. Leaves what it says to whoever makes the text.
 */
import {gzipSync} from 'node:zlib';

export class Page {
	readonly text: string;
	readonly plain: Buffer;
	#packed: Buffer | undefined;

	constructor(text: string) {
		this.text = text;
		this.plain = Buffer.from(text);
	}

	/** Level 1: it is for few readers and one moment. */
	get packed(): Buffer {
		this.#packed ??= gzipSync(this.plain, {level: 1});
		return this.#packed;
	}
}

/** Makes a page when it is asked for, and keeps it for a moment, unless it is forgotten before. */
export class KeptPage {
	readonly #write: () => string;
	readonly #keepMs: number;
	#kept: {readonly page: Page; readonly atMs: number} | undefined;

	constructor(write: () => string, keepMs: number) {
		this.#write = write;
		this.#keepMs = keepMs;
	}

	get(nowMs: number): Page {
		if (this.#kept === undefined || nowMs - this.#kept.atMs >= this.#keepMs)
			this.#kept = {page: new Page(this.#write()), atMs: nowMs};
		return this.#kept.page;
	}

	forget(): void {
		this.#kept = undefined;
	}
}

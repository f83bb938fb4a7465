/**
 * Takes a chunked body apart as it arrives and says what to send on (RFC 9112 §7.1).
 *
 * Decides where the body ends and that every byte of its framing is exact: sizes are plain hexadecimal, lines end in CR LF.
 * Chunk extensions are dropped, trailers are checked and forwarded without those that concern framing or routing.
 * Chunks that arrive whole go on as they are, so that a read becomes one write; a size line cut by the end of a read is written
 * anew. Leaves reading and writing to the caller.
 */
import {FIELD_VALUE} from './characters.ts';
import {HeadFacts} from './head-facts.ts';

const MAX_SIZE_DIGITS = 16;
/** Of one chunk, and of a whole body: nobody uses them, so many of them are an attack. */
const MAX_EXTENSION_BYTES = 256;
const MAX_EXTENSIONS_BYTES = 8192;
const MAX_TRAILER_BYTES = 8192;

const FORBIDDEN_TRAILER =
	/^(?:content-length|transfer-encoding|host|connection|keep-alive|te|trailer|upgrade|proxy-.*|content-(?:encoding|type|range)|authorization|cookie|set-cookie|cache-control|expect|max-forwards|range|if-.*|www-authenticate|age|date|expires|location|retry-after|vary|warning|x-forwarded-.*|forwarded):/i;

const SIZE = 0;
const EXTENSION = 1;
const SIZE_LF = 2;
const DATA = 3;
const DATA_CR = 4;
const DATA_LF = 5;
const TRAILER = 6;
const DONE = 7;

export class ChunkedDecoder {
	/** The last chunk and its trailers have been read. */
	done = false;
	/** The framing is broken; nothing more may be forwarded. */
	failed = false;
	/** To be sent before the spans of this read. */
	prefix = '';
	/** To be sent after the spans: the last chunk and the trailers, when `done`. */
	tail = '';
	/** Pairs of offsets into the buffer of this read. */
	readonly spans: number[] = [];
	#unpack = false;
	#state = SIZE;
	#size = 0;
	#digits = 0;
	#extension = 0;
	#extensions = 0;
	#trailer = '';
	/** The size line began in an earlier read. */
	#lineIsSplit = false;
	#runAt = -1;

	/** Begins a body. With `unpack` the spans hold the data alone, without any framing. */
	reset(unpack: boolean): void {
		this.done = false;
		this.failed = false;
		this.#unpack = unpack;
		this.#state = SIZE;
		this.#size = 0;
		this.#digits = 0;
		this.#extensions = 0;
		this.#trailer = '';
		this.#lineIsSplit = false;
	}

	/** Reads from `from` to `to`; returns the offset behind the body's last byte when `done`, else `to`. */
	decode(bytes: Uint8Array, from: number, to: number): number {
		this.prefix = '';
		this.tail = '';
		this.spans.length = 0;
		this.#runAt = -1;
		let at = from;
		let lineAt = from;
		// A line that continues is not forwarded from here: `prefix` will say it again.
		if (this.#state > SIZE_LF && this.#state < TRAILER && !this.#unpack) this.#runAt = from;
		while (at < to && this.#state !== DONE) {
			const code = bytes[at]!;
			switch (this.#state) {
				case SIZE:
					if (this.#digits === 0) {
						lineAt = at;
						if (this.#runAt < 0 && !this.#unpack) this.#runAt = at;
						this.#lineIsSplit = false;
					}
					if (!this.#readSizeByte(code, lineAt)) return this.#fail(to);
					at++;
					break;
				case EXTENSION:
					if (code === 13) this.#state = SIZE_LF;
					else if (FIELD_VALUE[code] !== 1 || ++this.#extension > MAX_EXTENSION_BYTES) return this.#fail(to);
					at++;
					break;
				case SIZE_LF:
					if (code !== 10) return this.#fail(to);
					at++;
					if (!this.#endSizeLine(lineAt, at)) return this.#fail(to);
					break;
				case DATA:
					at = this.#readData(at, to);
					break;
				case DATA_CR:
					if (code !== 13) return this.#fail(to);
					this.#state = DATA_LF;
					at++;
					break;
				case DATA_LF:
					if (code !== 10) return this.#fail(to);
					this.#state = SIZE;
					this.#digits = 0;
					this.#size = 0;
					at++;
					break;
				case TRAILER:
					this.#trailer += String.fromCharCode(code);
					at++;
					if (code === 10 && !this.#endTrailerLine()) return this.#fail(to);
					if (this.#trailer.length > MAX_TRAILER_BYTES) return this.#fail(to);
					break;
			}
		}
		this.#endRead(lineAt, at);
		return at;
	}

	#readData(at: number, to: number): number {
		const end = Math.min(to, at + this.#size);
		if (this.#unpack) this.spans.push(at, end);
		this.#size -= end - at;
		if (this.#size === 0) this.#state = DATA_CR;
		return end;
	}

	#readSizeByte(code: number, lineAt: number): boolean {
		const digit = hexDigit(code);
		if (digit >= 0) {
			this.#size = this.#size * 16 + digit;
			return ++this.#digits <= MAX_SIZE_DIGITS && this.#size <= Number.MAX_SAFE_INTEGER;
		}
		if (this.#digits === 0) return false;
		this.#extension = 0;
		if (code === 13) {
			this.#state = SIZE_LF;
			return true;
		}
		if (code !== 59) return false;
		// The size is written anew without its extension.
		this.#closeRun(lineAt);
		this.#state = EXTENSION;
		this.#extension = 1;
		return true;
	}

	/** The line is exact: forward it as it stands, or say it anew when it was cut or had an extension. */
	#endSizeLine(lineAt: number, at: number): boolean {
		this.#extensions += this.#extension;
		if (this.#extensions > MAX_EXTENSIONS_BYTES) return false;
		if (this.#size === 0) {
			this.#closeRun(lineAt);
			this.#state = TRAILER;
			return true;
		}
		this.#state = DATA;
		if (this.#unpack) return true;
		if (this.#lineIsSplit) {
			this.prefix = `${this.#size.toString(16)}\r\n`;
			this.#runAt = at;
		} else if (this.#extension > 0) {
			// The digits and the CR LF around the extension, both taken from the line itself.
			this.spans.push(lineAt, lineAt + this.#digits);
			this.#runAt = at - 2;
		}
		return true;
	}

	#closeRun(end: number): void {
		if (this.#runAt >= 0 && end > this.#runAt) this.spans.push(this.#runAt, end);
		this.#runAt = -1;
	}

	#endRead(lineAt: number, at: number): void {
		if (this.#state <= SIZE_LF && (this.#digits > 0 || this.#state !== SIZE)) {
			if (!this.#lineIsSplit) this.#closeRun(lineAt);
			this.#lineIsSplit = true;
		} else if (this.#state !== DONE) {
			this.#closeRun(at);
		}
		this.#runAt = -1;
	}

	/** False when the trailer is malformed; after the empty line the body is done. */
	#endTrailerLine(): boolean {
		const text = this.#trailer;
		if (text === '\r\n' || text.endsWith('\r\n\r\n')) {
			if (text !== '\r\n' && !new HeadFacts().scan(text, 0, text.length)) return false;
			this.done = true;
			this.#state = DONE;
			if (!this.#unpack) this.tail = `0\r\n${keepTrailers(text)}\r\n`;
			return true;
		}
		return text.endsWith('\r\n');
	}

	#fail(to: number): number {
		this.failed = true;
		this.#state = DONE;
		this.spans.length = 0;
		this.prefix = '';
		return to;
	}
}

function keepTrailers(text: string): string {
	if (text === '\r\n') return '';
	const kept = text
		.slice(0, -4)
		.split('\r\n')
		.filter(line => !FORBIDDEN_TRAILER.test(line));
	return kept.map(line => `${line}\r\n`).join('');
}

function hexDigit(code: number): number {
	if (code >= 48 && code <= 57) return code - 48;
	const lower = code | 32;
	return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** The data of a chunked body, or of the beginning of one, as far as its framing is exact. `done`: all of it is there. */
export function readChunks(body: string): {readonly data: string; readonly done: boolean} {
	const decoder = new ChunkedDecoder();
	decoder.reset(true);
	const bytes = Buffer.from(body, 'latin1');
	decoder.decode(bytes, 0, bytes.length);
	let data = '';
	for (let i = 0; i < decoder.spans.length; i += 2) data += body.slice(decoder.spans[i], decoder.spans[i + 1]);
	return {data, done: decoder.done};
}

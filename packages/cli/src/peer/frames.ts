/**
 * Frames of the peer channel: four bytes of length, then one JSON object in UTF-8. Pure.
 *
 * Decides the limit before a byte of the frame is kept: a stranger's length never makes memory. Leaves what is in them to `peer-session.ts`.
 */

/** A frame that is too long or no JSON object. The connection is of no more use. */
export class FrameError extends Error {
	override readonly name = 'FrameError';
}

export type FrameObject = Readonly<Record<string, unknown>>;

const headBytes = 4;

export function encodeFrame(value: object): Buffer {
	const text = Buffer.from(JSON.stringify(value));
	const frame = Buffer.allocUnsafe(headBytes + text.length);
	frame.writeUInt32BE(text.length, 0);
	text.copy(frame, headBytes);
	return frame;
}

/** Puts frames together from what arrives in pieces. */
export class FrameReader {
	/** Longest frame, bytes; may grow once the other side is known. */
	limitBytes: number;
	#pieces: Buffer[] = [];
	#length = 0;

	constructor(limitBytes: number) {
		this.limitBytes = limitBytes;
	}

	/** The frames that this piece completes. Throws a `FrameError`. */
	read(piece: Buffer): FrameObject[] {
		this.#pieces.push(piece);
		this.#length += piece.length;
		const frames: FrameObject[] = [];
		for (let frame = this.#take(); frame !== undefined; frame = this.#take()) frames.push(parseFrame(frame));
		return frames;
	}

	#take(): Buffer | undefined {
		if (this.#length < headBytes) return undefined;
		const [first] = this.#pieces;
		if (first === undefined || first.length < headBytes) this.#pieces = [Buffer.concat(this.#pieces)];
		const bytes = this.#pieces[0]?.readUInt32BE(0) ?? 0;
		if (bytes > this.limitBytes)
			throw new FrameError(`a frame of ${bytes} bytes, at most ${this.limitBytes} are taken`);
		if (this.#length < headBytes + bytes) return undefined;
		const all = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
		if (all === undefined) return undefined;
		const rest = all.subarray(headBytes + bytes);
		this.#pieces = rest.length === 0 ? [] : [rest];
		this.#length = rest.length;
		return all.subarray(headBytes, headBytes + bytes);
	}
}

function parseFrame(bytes: Buffer): FrameObject {
	let value: unknown;
	try {
		value = JSON.parse(bytes.toString('utf8'));
	} catch {
		throw new FrameError('a frame that is not JSON');
	}
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		throw new FrameError('a frame that is no object');
	return value as FrameObject;
}

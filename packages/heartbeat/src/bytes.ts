/**
 * Numbers and identifiers in datagrams: big-endian, identifiers as lower-case hex (pure).
 *
 * Decides the layout of one field. Leaves which fields there are to `advertisement.ts` and `witness/wire.ts`.
 */
import assert from 'node:assert/strict';

/** Big-endian, up to 6 bytes: beyond 32 bits shifts would wrap, so this multiplies. */
export function readNumber(bytes: Uint8Array, offset: number, length: number): number {
	let value = 0;
	for (let index = offset; index < offset + length; index += 1) value = value * 256 + bytes[index]!;
	return value;
}

/** Writes what `readNumber` reads. @throws when `value` does not fit: that is a bug of ours. */
export function writeNumber(bytes: Uint8Array, offset: number, length: number, value: number): void {
	assert(Number.isInteger(value) && value >= 0 && value < 256 ** length, `${value} does not fit in ${length} bytes`);
	let rest = value;
	for (let index = offset + length - 1; index >= offset; index -= 1) {
		bytes[index] = rest % 256;
		rest = Math.floor(rest / 256);
	}
}

const HEX_OF_BYTE: readonly string[] = Array.from({length: 256}, (_, byte) => byte.toString(16).padStart(2, '0'));

/** `length` bytes as lower-case hex. */
export function readHex(bytes: Uint8Array, offset: number, length: number): string {
	let text = '';
	for (let index = offset; index < offset + length; index += 1) text += HEX_OF_BYTE[bytes[index]!]!;
	return text;
}

/** Writes what `readHex` reads. @throws when `hex` is not `length` bytes. */
export function writeHex(bytes: Uint8Array, offset: number, length: number, hex: string): void {
	assert(hex.length === length * 2, `"${hex}" is not ${length} bytes of hex`);
	for (let index = 0; index < length; index += 1) {
		const byte = hexDigit(hex.charCodeAt(index * 2)) * 16 + hexDigit(hex.charCodeAt(index * 2 + 1));
		assert(byte >= 0, `"${hex}" is not lower-case hex`);
		bytes[offset + index] = byte;
	}
}

/** The value of a lower-case hex digit, else a number so negative that a sum with it stays below zero. */
function hexDigit(code: number): number {
	if (code >= 48 && code <= 57) return code - 48;
	return code >= 97 && code <= 102 ? code - 87 : -1000;
}

/**
 * Hash functions of `hash-type` (HAProxy manual, `hash-type`), from their public definitions: sdbm (Ozan Yigit), djb2
 * (Daniel J. Bernstein), CRC-32 (ISO 3309), and the integer mix of Bob Jenkins for `avalanche`.
 *
 * Decides numbers only, the ones that HAProxy computes: a client keeps its server when HAProxy is replaced. Texts are
 * latin1, one character a byte. Results are 0 … 2³²−1.
 */
import type {HashType} from '@hapair/config';

/** The hash of a key as the backend's `hash-type` wants it. */
export function hashText(text: string, hashType: HashType): number {
	return finishHash(FUNCTIONS[hashType.function](text), hashType);
}

/** Scrambles a hash when `hash-type` says so. */
export function finishHash(hash: number, hashType: HashType): number {
	return hashType.avalanche ? mixInteger(hash) : hash;
}

/** Every bit of the result depends on every bit of `value`. */
export function mixInteger(value: number): number {
	let a = value | 0;
	a = (a + 0x7ed55d16 + (a << 12)) | 0;
	a = a ^ 0xc761c23c ^ (a >>> 19);
	a = (a + 0x165667b1 + (a << 5)) | 0;
	a = (a + 0xd3a2646c) ^ (a << 9);
	a = (a + 0xfd7046c5 + (a << 3)) | 0;
	a = a ^ 0xb55a4f09 ^ (a >>> 16);
	// Near three quarters of the range and prime, so that neighbours end far apart on a circle too.
	return Math.imul(a, 3_221_225_473) >>> 0;
}

const FUNCTIONS: Readonly<Record<HashType['function'], (text: string) => number>> = {
	sdbm(text) {
		let hash = 0;
		for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 65_599) + text.charCodeAt(i)) | 0;
		return hash >>> 0;
	},
	djb2(text) {
		let hash = 5381;
		for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 33) + text.charCodeAt(i)) | 0;
		return hash >>> 0;
	},
	crc32(text) {
		let crc = 0xffffffff;
		for (let i = 0; i < text.length; i++) crc = CRC_TABLE[(crc ^ text.charCodeAt(i)) & 255]! ^ (crc >>> 8);
		return (crc ^ 0xffffffff) >>> 0;
	},
};

const CRC_TABLE = crcTable(0xedb88320);
const CASTAGNOLI_TABLE = crcTable(0x82f63b78);

function crcTable(polynomial: number): Uint32Array {
	return Uint32Array.from({length: 256}, (_, byte) => {
		let crc = byte;
		for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
		return crc;
	});
}

/** CRC-32C (RFC 3720, section 12.1). */
export function hashCastagnoli(text: string): number {
	let crc = 0xffffffff;
	for (let i = 0; i < text.length; i++) crc = CASTAGNOLI_TABLE[(crc ^ text.charCodeAt(i)) & 255]! ^ (crc >>> 8);
	return (crc ^ 0xffffffff) >>> 0;
}

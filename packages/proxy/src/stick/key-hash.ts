/**
 * Where the key of a stick table lies: MurmurHash3 (32 bits, public domain) over its bytes.
 *
 * Pure. The seed is drawn anew for each process, so that clients who choose their keys cannot choose the chain they end up in.
 */

/** Unsigned. `bytes` may be longer than the key. */
export function hashKey(bytes: Uint8Array, length: number, seed: number): number {
	let hash = seed | 0;
	const whole = length & ~3;
	for (let at = 0; at < whole; at += 4) {
		const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
		hash ^= scramble(word);
		hash = (hash << 13) | (hash >>> 19);
		hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
	}
	let tail = 0;
	for (let at = length - 1; at >= whole; at--) tail = (tail << 8) | bytes[at]!;
	if (whole < length) hash ^= scramble(tail);
	hash ^= length;
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(word: number): number {
	const mixed = Math.imul(word, 0xcc9e2d51);
	return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

/**
 * Signs and verifies a datagram: HMAC-SHA256, the first 16 bytes of it (RFC 2104 §5 allows half of the output).
 *
 * Decides whether bytes come from a holder of a key of this pair. Leaves freshness to `replay-guard.ts`. The first key signs,
 * every key is accepted, so keys are changed without a gap: add the new one on both nodes, then put it first, then drop the old.
 */
import {createHmac, timingSafeEqual} from 'node:crypto';
import {MAC_BYTES} from './advertisement.ts';

export interface Key {
	/** Names the key on the wire, 0–255; several keys may share it. */
	readonly id: number;
	readonly secret: Uint8Array;
}

/** Fills in the MAC of what `encode` laid out. */
export function sign(bytes: Uint8Array, key: Key): void {
	bytes.set(computeMac(bytes, key), bytes.length - MAC_BYTES);
}

/** Where the key id stands; it must be readable before anything is believed. */
const KEY_ID_OFFSET = 5;

/** `ok`, or why not: no key of that id here (`foreignKey`), or the MAC is wrong (`mac`). Compares in constant time. */
export function verify(bytes: Uint8Array, keys: readonly Key[]): 'ok' | 'foreignKey' | 'mac' {
	if (bytes.length <= MAC_BYTES + KEY_ID_OFFSET) return 'mac';
	const claimed = bytes.subarray(bytes.length - MAC_BYTES);
	let known = false;
	for (const key of keys) {
		if (key.id !== bytes[KEY_ID_OFFSET]) continue;
		known = true;
		if (timingSafeEqual(computeMac(bytes, key), claimed)) return 'ok';
	}
	return known ? 'mac' : 'foreignKey';
}

function computeMac(bytes: Uint8Array, key: Key): Uint8Array {
	const signed = bytes.subarray(0, bytes.length - MAC_BYTES);
	return createHmac('sha256', key.secret).update(signed).digest().subarray(0, MAC_BYTES);
}

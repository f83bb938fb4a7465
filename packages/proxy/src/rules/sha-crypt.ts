/**
 * Passwords as crypt(3) writes them with SHA-256 (`$5$`) and SHA-512 (`$6$`), after Ulrich Drepper's public specification "Unix crypt
 * using SHA-256 and SHA-512".
 *
 * Decides the digest and its odd base64. Leaves who has which password to `userlists.ts`. Takes about 10 ms with the default 5000
 * rounds: callers remember what they have learned.
 */
import {createHash} from 'node:crypto';

/** Base64 as crypt(3) has it. */
export const CRYPT_ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const DEFAULT_ROUNDS = 5000;

interface Kind {
	readonly hash: 'sha256' | 'sha512';
	readonly bytes: number;
	/** Distance of the three bytes that are written together. */
	readonly step: number;
	/** How each triple moves on: as the specification lists the places. */
	readonly shift: number;
}

const KINDS: Readonly<Record<string, Kind>> = {
	'5': {hash: 'sha256', bytes: 32, step: 10, shift: 21},
	'6': {hash: 'sha512', bytes: 64, step: 21, shift: 22},
};

/** The encrypted form of `password` with the kind, rounds and salt of `setting`; `undefined` when the setting is neither SHA. */
export function shaCrypt(password: string, setting: string): string | undefined {
	const found = /^\$([56])\$(?:rounds=(\d{1,9})\$)?([^$]{0,16})/.exec(setting);
	if (found === null) return undefined;
	const kind = KINDS[found[1]!]!;
	const rounds = Math.min(999_999_999, Math.max(1000, Number(found[2] ?? DEFAULT_ROUNDS)));
	const salt = Buffer.from(found[3]!, 'latin1');
	const digest = computeDigest(kind, Buffer.from(password, 'latin1'), salt, rounds);
	const prefix = found[2] === undefined ? '' : `rounds=${rounds}$`;
	return `$${found[1]}$${prefix}${found[3]}$${encode(kind, digest)}`;
}

function computeDigest({hash, bytes}: Kind, key: Buffer, salt: Buffer, rounds: number): Buffer {
	const sum = (...parts: readonly Buffer[]): Buffer => {
		const one = createHash(hash);
		for (const part of parts) one.update(part);
		return one.digest();
	};
	const alternate = sum(key, salt, key);
	const parts = [key, salt, repeatTo(alternate, key.length)];
	for (let length = key.length; length > 0; length >>= 1) parts.push(length & 1 ? alternate : key);
	let digest = sum(...parts);
	const keySequence = repeatTo(sum(...new Array<Buffer>(key.length).fill(key)), key.length);
	const saltSequence = repeatTo(sum(...new Array<Buffer>(16 + digest[0]!).fill(salt)), salt.length);
	for (let round = 0; round < rounds; round++) {
		const one = createHash(hash);
		one.update(round & 1 ? keySequence : digest.subarray(0, bytes));
		if (round % 3 !== 0) one.update(saltSequence);
		if (round % 7 !== 0) one.update(keySequence);
		one.update(round & 1 ? digest.subarray(0, bytes) : keySequence);
		digest = one.digest();
	}
	return digest;
}

function repeatTo(bytes: Buffer, length: number): Buffer {
	const repeated = Buffer.alloc(length);
	for (let at = 0; at < length; at += bytes.length) bytes.copy(repeated, at, 0, Math.min(bytes.length, length - at));
	return repeated;
}

function encode({bytes, step, shift}: Kind, digest: Buffer): string {
	let text = '';
	const write = (value: number, characters: number): void => {
		for (let left = characters, rest = value; left > 0; left--, rest >>>= 6) text += CRYPT_ALPHABET[rest & 63];
	};
	const whole = step * 3;
	for (let turn = 0, a = 0; turn < step; turn++, a = (a + shift) % whole) {
		const b = (a + step) % whole;
		const c = (a + 2 * step) % whole;
		write((digest[a]! << 16) | (digest[b]! << 8) | digest[c]!, 4);
	}
	if (bytes === 32) write((digest[31]! << 8) | digest[30]!, 3);
	else write(digest[63]!, 2);
	return text;
}

/**
 * Passwords as crypt(3) writes them with MD5 (`$1$`), the way of FreeBSD's 1995 libcrypt.
 *
 * Decides the digest. Leaves who has which password to `userlists.ts`. Takes a millisecond or two.
 */
import {createHash} from 'node:crypto';
import {CRYPT_ALPHABET} from './sha-crypt.ts';

const ROUNDS = 1000;
/** Which bytes are written together. */
const TRIPLES = [
	[0, 6, 12],
	[1, 7, 13],
	[2, 8, 14],
	[3, 9, 15],
	[4, 10, 5],
] as const;

/** The encrypted form of `password` with the salt of `setting`; undefined when the setting is of another kind. */
export function md5Crypt(password: string, setting: string): string | undefined {
	const saltText = /^\$1\$([^$]{0,8})/.exec(setting)?.[1];
	if (saltText === undefined) return undefined;
	const key = Buffer.from(password, 'latin1');
	const salt = Buffer.from(saltText, 'latin1');
	const sum = (...parts: readonly Uint8Array[]): Buffer => {
		const one = createHash('md5');
		for (const part of parts) one.update(part);
		return one.digest();
	};
	const alternate = sum(key, salt, key);
	const parts: Uint8Array[] = [key, Buffer.from('$1$'), salt];
	for (let left = key.length; left > 0; left -= 16) parts.push(alternate.subarray(0, Math.min(16, left)));
	for (let length = key.length; length > 0; length >>= 1) parts.push(length & 1 ? Buffer.alloc(1) : key.subarray(0, 1));
	let digest = sum(...parts);
	for (let round = 0; round < ROUNDS; round++) {
		const isOdd = (round & 1) === 1;
		const middle = [...(round % 3 === 0 ? [] : [salt]), ...(round % 7 === 0 ? [] : [key])];
		digest = sum(isOdd ? key : digest, ...middle, isOdd ? digest : key);
	}
	return `$1$${saltText}$${encode(digest)}`;
}

function encode(digest: Buffer): string {
	let text = '';
	const write = (value: number, characters: number): void => {
		for (let left = characters, rest = value; left > 0; left--, rest >>>= 6) text += CRYPT_ALPHABET[rest & 63];
	};
	for (const [a, b, c] of TRIPLES) write((digest[a]! << 16) | (digest[b]! << 8) | digest[c]!, 4);
	write(digest[11]!, 2);
	return text;
}

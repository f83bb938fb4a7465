/**
 * The one-time code that admits the second node, and the key of the exchange that is made from it.
 *
 * Decides its form: twenty signs of Crockford's base 32, 100 random bits, in groups of five. So many bits cannot be tried out, neither at
 * the door nor at home with a recorded exchange, and a plain hash is enough to make a key of them. Pure but for the randomness.
 */
import {hkdfSync, randomBytes} from 'node:crypto';

const signs = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const length = 20;
const keyBytes = 32;

/** As `7K3QF-0M2WX-…`. */
export function makeCode(): string {
	const text = Array.from(randomBytes(length), byte => signs.charAt(byte & 31)).join('');
	return text.replace(/.{5}(?=.)/g, '$&-');
}

/** The code in its one spelling: case, spaces, hyphens and letters that look like digits do not matter. `undefined`: this is no code. */
export function readCode(text: string): string | undefined {
	const plain = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
	return plain.length === length && [...plain].every(sign => signs.includes(sign)) ? plain : undefined;
}

/** @param code as `readCode` gives it. */
export function keyOfCode(code: string): Buffer {
	return Buffer.from(hkdfSync('sha256', code, 'hapair join', '1', keyBytes));
}

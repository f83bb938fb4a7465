/**
 * A sample: what conditions compare and texts show (HAProxy manual, "Converting samples").
 *
 * Decides how one type becomes another. Bytes are latin1 text, one character each.
 */
import {type Address, parseAddress} from './address.ts';

export type Sample = string | number | boolean | Address;

/** As a text shows it. */
export function toText(sample: Sample): string {
	if (typeof sample === 'string') return sample;
	if (typeof sample === 'number') return String(sample);
	return typeof sample === 'boolean' ? (sample ? '1' : '0') : sample.text;
}

/** As a number: a text by the digits it begins with, an IPv4 address by its 32 bits. */
export function toInteger(sample: Sample): number {
	if (typeof sample === 'number') return sample;
	if (typeof sample === 'string') return readLeadingInteger(sample);
	return typeof sample === 'boolean' ? Number(sample) : sample.words[3];
}

export function toBoolean(sample: Sample): boolean {
	return typeof sample === 'boolean' ? sample : toInteger(sample) !== 0;
}

/** As an address; a text may have a port behind it. */
export function toAddress(sample: Sample): Address | undefined {
	if (typeof sample === 'string') return parseAddress(withoutPort(sample));
	return typeof sample === 'object' ? sample : undefined;
}

/** As C's number reading: an optional minus, digits, and whatever follows is ignored; no digits are 0. */
export function readLeadingInteger(text: string): number {
	const negative = text.charCodeAt(0) === 45;
	let value = 0;
	for (let at = negative ? 1 : 0; at < text.length; at++) {
		const digit = text.charCodeAt(at) - 48;
		if (digit < 0 || digit > 9) break;
		value = value * 10 + digit;
	}
	return negative ? -value : value;
}

/** `192.0.2.1:80` and `[2001:db8::1]:80` are addresses too in a header. */
function withoutPort(text: string): string {
	if (text.startsWith('[')) {
		const close = text.indexOf(']');
		return close === -1 ? text : text.slice(1, close);
	}
	const colon = text.indexOf(':');
	return colon !== -1 && colon === text.lastIndexOf(':') ? text.slice(0, colon) : text;
}

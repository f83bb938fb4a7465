/**
 * Addresses, networks, ports and interface names as text.
 *
 * Decides what is a literal address and what may be a host name. Leaves resolving names to whoever connects.
 */
import type {Network} from './model.ts';

export type Family = 4 | 6;

const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/** 4 or 6 for a literal address; undefined for anything else (`1.2.3`, `010.0.0.1`, a name). No zone, no brackets. */
export function addressFamily(text: string): Family | undefined {
	if (parseIpv4(text) !== undefined) return 4;
	return parseIpv6(text) === undefined ? undefined : 6;
}

/** Four bytes, or undefined. A leading zero is refused: some readers take it for octal. */
export function parseIpv4(text: string): readonly number[] | undefined {
	const found = IPV4.exec(text);
	if (found === null) return undefined;
	const bytes = [Number(found[1]), Number(found[2]), Number(found[3]), Number(found[4])];
	return bytes.every(byte => byte <= 255) ? bytes : undefined;
}

/** Sixteen bytes, or undefined (RFC 4291 section 2.2). */
function parseIpv6(text: string): readonly number[] | undefined {
	if (text.length > 45 || !text.includes(':')) return undefined;
	const halves = text.split('::');
	if (halves.length > 2) return undefined;
	const head = parseGroups(halves[0]!, halves.length === 1);
	const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
	if (head === undefined || tail === undefined) return undefined;
	const missing = 16 - head.length - tail.length;
	if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
	return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
	if (text === '') return [];
	const bytes: number[] = [];
	const groups = text.split(':');
	for (const [index, group] of groups.entries()) {
		if (mayEndInIpv4 && index === groups.length - 1 && group.includes('.')) {
			const ipv4 = parseIpv4(group);
			if (ipv4 === undefined) return undefined;
			bytes.push(...ipv4);
		} else if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
			const value = Number.parseInt(group, 16);
			bytes.push(value >> 8, value & 255);
		} else return undefined;
	}
	return bytes;
}

/** The bytes of a literal address of either family. */
export function addressBytes(text: string): readonly number[] | undefined {
	return parseIpv4(text) ?? parseIpv6(text);
}

/** Whether two literal addresses are the same, however they are written. */
export function sameAddress(a: string, b: string): boolean {
	return addressKey(a) === addressKey(b);
}

/** One text for all spellings of an address; other text (host names) in lower case. */
export function addressKey(text: string): string {
	return addressBytes(text)?.join('.') ?? text.toLowerCase();
}

/** A host name (RFC 1123 section 2.1): the last label is not a number, so that a mistyped address is no name. */
export function isHostName(text: string): boolean {
	if (text.length > 253) return false;
	const labels = (text.endsWith('.') ? text.slice(0, -1) : text).split('.');
	return (
		labels.every(label => /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label)) &&
		!/^\d+$/.test(labels.at(-1)!)
	);
}

/** `ADDR`, `ADDR/LEN` or `ADDR/MASK`. Host bits are cleared; undefined when it is no network. */
export function parseNetwork(text: string): Network | undefined {
	const slash = text.indexOf('/');
	const literal = slash < 0 ? text : text.slice(0, slash);
	const bytes = addressBytes(literal);
	if (bytes === undefined) return undefined;
	const family = bytes.length === 4 ? 4 : 6;
	const bits = slash < 0 ? bytes.length * 8 : parsePrefixBits(text.slice(slash + 1), family);
	if (bits === undefined) return undefined;
	return {address: formatAddress(clearHostBits(bytes, bits)), bits, family};
}

/** A prefix length, or for IPv4 a contiguous mask. */
export function parsePrefixBits(text: string, family: Family): number | undefined {
	if (/^\d{1,3}$/.test(text)) {
		const bits = Number(text);
		return bits <= (family === 4 ? 32 : 128) ? bits : undefined;
	}
	const mask = family === 4 ? parseIpv4(text) : undefined;
	if (mask === undefined) return undefined;
	const digits = mask.map(byte => byte.toString(2).padStart(8, '0')).join('');
	return /^1*0*$/.test(digits) ? digits.lastIndexOf('1') + 1 : undefined;
}

/** The bytes with everything after the first `bits` bits cleared. */
export function clearHostBits(bytes: readonly number[], bits: number): readonly number[] {
	return bytes.map((byte, index) => {
		const kept = Math.min(8, Math.max(0, bits - index * 8));
		return byte & (0xff << (8 - kept)) & 0xff;
	});
}

/** Bytes back into text; IPv6 in the form of RFC 5952. */
export function formatAddress(bytes: readonly number[]): string {
	if (bytes.length === 4) return bytes.join('.');
	const groups = Array.from({length: 8}, (_, index) => ((bytes[index * 2]! << 8) | bytes[index * 2 + 1]!).toString(16));
	const text = groups.join(':');
	let longest = '';
	for (const found of text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)) {
		if (found[0].length > longest.length) longest = found[0];
	}
	if (longest === '') return text;
	const at = text.search(new RegExp(`(?<![0-9a-f])${longest}(?![0-9a-f])`));
	return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}

/** A name that Linux gives to an interface and that no tool can misread: at most 15 bytes, no alias, no leading dash. */
export function isInterfaceName(text: string): boolean {
	return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.test(text);
}

/** An address of this machine that no packet carries elsewhere. */
export function isLoopback(text: string): boolean {
	const bytes = addressBytes(text);
	if (bytes === undefined) return false;
	return bytes.length === 4 ? bytes[0] === 127 : sameAddress(text, '::1');
}

/** An address that can be given to one machine: not unspecified, multicast or broadcast. */
export function isUnicast(text: string): boolean {
	const bytes = addressBytes(text);
	if (bytes === undefined) return false;
	if (bytes.every(byte => byte === 0)) return false;
	return bytes.length === 4 ? bytes[0]! >= 1 && bytes[0]! < 224 : bytes[0] !== 0xff;
}

/**
 * IP addresses as numbers, for networks and hashes.
 *
 * Decides how an address is written and which networks hold it. An IPv4 client that arrived on a double-stack socket
 * (`::ffff:192.0.2.1`) is that IPv4 client. Leaves names and ports to others.
 */
import type {Network} from '@hapair/config';

/** An address as four 32-bit words, unsigned. IPv4 stands in the last word behind the mapping prefix `::ffff:0:0`. */
export interface Address {
	readonly family: 4 | 6;
	readonly words: readonly [number, number, number, number];
	/** As text; an IPv4-mapped address is written as IPv4. */
	readonly text: string;
}

const MAPPED = 0xffff;

/** Reads an IPv4 or IPv6 address; a zone (`%eth0`) is dropped. `undefined` when it is neither. Parse once per connection. */
export function parseAddress(text: string): Address | undefined {
	const zone = text.indexOf('%');
	const bare = zone === -1 ? text : text.slice(0, zone);
	if (bare.length > 45) return undefined;
	if (!bare.includes(':')) {
		const word = parseDottedQuad(bare);
		return word === undefined ? undefined : {family: 4, words: [0, 0, MAPPED, word], text: bare};
	}
	const words = parseGroups(bare);
	if (words === undefined) return undefined;
	const [a, b, c, d] = words;
	if (a === 0 && b === 0 && c === MAPPED) return {family: 4, words, text: formatDottedQuad(d)};
	return {family: 6, words, text: bare};
}

/** A network ready for comparison; IPv4 networks are compared inside the mapping prefix. */
export interface CompiledNetwork {
	readonly words: readonly [number, number, number, number];
	readonly masks: readonly [number, number, number, number];
}

/** Prepares a network of the configuration; `undefined` when its address cannot be read. */
export function compileNetwork(network: Network): CompiledNetwork | undefined {
	const address = parseAddress(network.address);
	if (address === undefined) return undefined;
	const bits = network.family === 4 ? network.bits + 96 : network.bits;
	const masks: [number, number, number, number] = [
		maskWord(bits),
		maskWord(bits - 32),
		maskWord(bits - 64),
		maskWord(bits - 96),
	];
	const [a, b, c, d] = address.words;
	return {words: [(a & masks[0]) >>> 0, (b & masks[1]) >>> 0, (c & masks[2]) >>> 0, (d & masks[3]) >>> 0], masks};
}

/** Is the address in the network? */
export function isInNetwork(address: Address, network: CompiledNetwork): boolean {
	const {words} = address;
	const {masks} = network;
	return (
		(words[3] & masks[3]) >>> 0 === network.words[3] &&
		(words[2] & masks[2]) >>> 0 === network.words[2] &&
		(words[1] & masks[1]) >>> 0 === network.words[1] &&
		(words[0] & masks[0]) >>> 0 === network.words[0]
	);
}

/** An address of these words, written in full. */
export function formatAddress(family: 4 | 6, words: Address['words']): Address {
	if (family === 4) return {family, words, text: formatDottedQuad(words[3])};
	const groups = words.flatMap(word => [word >>> 16, word & 0xffff]).map(group => group.toString(16));
	return {family, words, text: compressZeros(groups)};
}

/** The longest run of zero groups becomes `::` (RFC 5952 §4.2). */
function compressZeros(groups: readonly string[]): string {
	let best = {at: -1, length: 1};
	for (let at = 0; at < groups.length; at++) {
		let length = 0;
		while (groups[at + length] === '0') length++;
		if (length > best.length) best = {at, length};
	}
	if (best.at === -1) return groups.join(':');
	return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}

function maskWord(bits: number): number {
	if (bits <= 0) return 0;
	return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}

function formatDottedQuad(word: number): string {
	return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

function parseDottedQuad(text: string): number | undefined {
	let word = 0;
	let parts = 0;
	let octet = -1;
	for (let i = 0; i <= text.length; i++) {
		const code = i === text.length ? 46 : text.charCodeAt(i);
		if (code === 46) {
			if (octet === -1 || ++parts > 4) return undefined;
			word = word * 256 + octet;
			octet = -1;
		} else if (code >= 48 && code <= 57) {
			// A leading zero is octal to some readers and decimal to others: refused.
			if (octet === 0) return undefined;
			octet = (octet === -1 ? 0 : octet * 10) + code - 48;
			if (octet > 255) return undefined;
		} else {
			return undefined;
		}
	}
	return parts === 4 ? word : undefined;
}

function parseGroups(text: string): [number, number, number, number] | undefined {
	const halves = text.split('::');
	if (halves.length > 2) return undefined;
	const head = parseHalf(halves[0]!, halves.length === 1);
	const tail = halves.length === 2 ? parseHalf(halves[1]!, true) : [];
	if (head === undefined || tail === undefined) return undefined;
	const missing = 8 - head.length - tail.length;
	if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
	const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
	const word = (i: number) => groups[i]! * 65_536 + groups[i + 1]!;
	return [word(0), word(2), word(4), word(6)];
}

function parseHalf(text: string, mayEndInQuad: boolean): number[] | undefined {
	if (text === '') return [];
	const groups: number[] = [];
	const parts = text.split(':');
	for (const [i, part] of parts.entries()) {
		if (mayEndInQuad && i === parts.length - 1 && part.includes('.')) {
			const word = parseDottedQuad(part);
			if (word === undefined) return undefined;
			groups.push(word >>> 16, word & 0xffff);
		} else {
			if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
			groups.push(Number.parseInt(part, 16));
		}
	}
	return groups;
}

/**
 * The PROXY protocol: who the client is, said by a proxy before its first byte (HAProxy's `proxy-protocol.txt`, versions 1 and 2).
 *
 * Decides what a header says and how one is written. Pure. Leaves reading and writing to others.
 */
import {hashCastagnoli} from '../balance/hash-functions.ts';
import {type Address, formatAddress, parseAddress} from '../rules/address.ts';

export interface ProxiedEnds {
	readonly source: Address;
	readonly sourcePort: number;
	readonly destination: Address;
	readonly destinationPort: number;
}

export interface ProxyHeader {
	/** Bytes up to the first of the client's own. */
	readonly length: number;
	/** Absent: the connection counts as it came (`UNKNOWN`, `LOCAL`). */
	readonly ends?: ProxiedEnds;
	/** Latin1. */
	readonly authority?: string;
	readonly uniqueId?: string;
}

/** A whole header of version 2 is no longer than this. */
export const MAX_PROXY_HEADER_BYTES = 4096;
/** With its line end. */
const MAX_LINE_BYTES = 107;
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const START = Buffer.from('PROXY ', 'latin1');
const Tlv = {authority: 2, crc32c: 3, uniqueId: 5} as const;
const MAX_UNIQUE_ID_BYTES = 128;

/** `incomplete`: more bytes may make one. */
export function readProxyHeader(bytes: Buffer): ProxyHeader | 'incomplete' | 'wrong' {
	if (startsLike(bytes, SIGNATURE)) return bytes.length < 16 ? 'incomplete' : readBinary(bytes);
	return startsLike(bytes, START) ? readLine(bytes) : 'wrong';
}

function startsLike(bytes: Buffer, start: Buffer): boolean {
	const length = Math.min(bytes.length, start.length);
	return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function readLine(bytes: Buffer): ProxyHeader | 'incomplete' | 'wrong' {
	const end = bytes.subarray(0, MAX_LINE_BYTES).indexOf('\r\n');
	if (end === -1) return bytes.length < MAX_LINE_BYTES ? 'incomplete' : 'wrong';
	const line = bytes.toString('latin1', 0, end);
	const length = end + 2;
	if (/^PROXY UNKNOWN(?: |$)/.test(line)) return {length};
	const found = /^PROXY TCP([46]) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/.exec(line);
	if (found === null) return 'wrong';
	const ends = endsOf(found[2]!, Number(found[4]), found[3]!, Number(found[5]));
	return ends === undefined || ends.source.family !== Number(found[1]) ? 'wrong' : {length, ends};
}

function endsOf(source: string, sourcePort: number, to: string, destinationPort: number): ProxiedEnds | undefined {
	const [from, destination] = [parseAddress(source), parseAddress(to)];
	if (from === undefined || destination === undefined || from.family !== destination.family) return undefined;
	if (sourcePort > 65_535 || destinationPort > 65_535) return undefined;
	// As everybody writes them, whatever way the other proxy did.
	return {
		source: formatAddress(from.family, from.words),
		sourcePort,
		destination: formatAddress(destination.family, destination.words),
		destinationPort,
	};
}

/** Bytes of both addresses and ports, by the byte that names their family; what else there is has none for us. */
const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map([
	[0x11, 4],
	[0x21, 16],
]);

function readBinary(bytes: Buffer): ProxyHeader | 'incomplete' | 'wrong' {
	const length = 16 + bytes.readUInt16BE(14);
	if (length > MAX_PROXY_HEADER_BYTES || bytes[12]! >> 4 !== 2 || (bytes[12]! & 15) > 1) return 'wrong';
	if (bytes.length < length) return 'incomplete';
	if ((bytes[12]! & 15) === 0) return {length};
	const size = ADDRESS_BYTES.get(bytes[13]!);
	if (size === undefined) return bytes[13] === 0 ? {length} : 'wrong';
	const tlvsAt = 16 + size * 2 + 4;
	if (tlvsAt > length) return 'wrong';
	const ends = endsOf(
		addressText(bytes.subarray(16, 16 + size)),
		bytes.readUInt16BE(tlvsAt - 4),
		addressText(bytes.subarray(16 + size, 16 + size * 2)),
		bytes.readUInt16BE(tlvsAt - 2),
	);
	const said = readTlvs(bytes.subarray(0, length), tlvsAt);
	return ends === undefined || said === undefined ? 'wrong' : {length, ends, ...said};
}

function addressText(bytes: Buffer): string {
	if (bytes.length === 4) return bytes.join('.');
	const words: string[] = [];
	for (let at = 0; at < 16; at += 2) words.push(bytes.readUInt16BE(at).toString(16));
	return words.join(':');
}

/** Undefined when they do not fit, or the checksum is wrong. */
function readTlvs(header: Buffer, from: number): {authority?: string; uniqueId?: string} | undefined {
	const said: {authority?: string; uniqueId?: string} = {};
	let at = from;
	while (at < header.length) {
		if (at + 3 > header.length) return undefined;
		const end = at + 3 + header.readUInt16BE(at + 1);
		if (end > header.length) return undefined;
		const value = header.subarray(at + 3, end);
		const type = header[at];
		if (type === Tlv.authority) said.authority = value.toString('latin1');
		else if (type === Tlv.uniqueId) {
			if (value.length > MAX_UNIQUE_ID_BYTES) return undefined;
			said.uniqueId = value.toString('latin1');
		} else if (type === Tlv.crc32c && !isChecksum(header, at + 3, value)) return undefined;
		at = end;
	}
	return said;
}

/** Over the whole header with zeros in its own place. */
function isChecksum(header: Buffer, at: number, value: Buffer): boolean {
	if (value.length !== 4) return false;
	const copy = Buffer.from(header);
	copy.fill(0, at, at + 4);
	return hashCastagnoli(copy.toString('latin1')) === value.readUInt32BE(0);
}

/** What a server is told. `ends` undefined: a connection of our own, a check for instance. */
export interface ProxyWords {
	readonly version: 1 | 2;
	readonly ends: ProxiedEnds | undefined;
	readonly uniqueId?: string | undefined;
	readonly checksum?: boolean;
}

/** As latin1 text. Addresses of two families are not said in version 1, and said as IPv6 in version 2. */
export function writeProxyHeader({version, ends, uniqueId, checksum}: ProxyWords): string {
	if (version === 1) {
		if (ends === undefined || ends.source.family !== ends.destination.family) return 'PROXY UNKNOWN\r\n';
		const {source, destination, sourcePort, destinationPort} = ends;
		return `PROXY TCP${source.family} ${source.text} ${destination.text} ${sourcePort} ${destinationPort}\r\n`;
	}
	const isIpv4 = ends?.source.family === 4 && ends.destination.family === 4;
	const parts: Buffer[] = ends === undefined ? [] : [addressBytes(ends, isIpv4)];
	if (uniqueId !== undefined) parts.push(tlv(Tlv.uniqueId, Buffer.from(uniqueId, 'latin1')));
	if (checksum === true) parts.push(tlv(Tlv.crc32c, Buffer.alloc(4)));
	const body = Buffer.concat(parts);
	const start = Buffer.from([ends === undefined ? 0x20 : 0x21, ends === undefined ? 0 : isIpv4 ? 0x11 : 0x21, 0, 0]);
	start.writeUInt16BE(body.length, 2);
	const header = Buffer.concat([SIGNATURE, start, body]);
	if (checksum === true) header.writeUInt32BE(hashCastagnoli(header.toString('latin1')), header.length - 4);
	return header.toString('latin1');
}

function tlv(type: number, value: Buffer): Buffer {
	const start = Buffer.from([type, 0, 0]);
	start.writeUInt16BE(value.length, 1);
	return Buffer.concat([start, value]);
}

function addressBytes({source, destination, sourcePort, destinationPort}: ProxiedEnds, isIpv4: boolean): Buffer {
	const words = [source, destination].flatMap(({family, words: all}) => {
		if (isIpv4) return [all[3]];
		return family === 6 ? [...all] : [0, 0, 0xffff, all[3]];
	});
	const bytes = Buffer.alloc(words.length * 4 + 4);
	for (const [place, word] of words.entries()) bytes.writeUInt32BE(word! >>> 0, place * 4);
	bytes.writeUInt16BE(sourcePort, words.length * 4);
	bytes.writeUInt16BE(destinationPort, words.length * 4 + 2);
	return bytes;
}

/**
 * Numeric addresses as the kernel spells them: `struct sockaddr_in` and `sockaddr_in6` (ip(7), ipv6(7)).
 *
 * Decides nothing. Scopes of IPv6 addresses are not known here.
 */
import {isIPv6} from 'node:net';
import {parseAddress} from '../rules/address.ts';
import {AF_INET6} from './socket-constants.ts';

const AF_INET = 2;

export function writeSocketAddress(host: string, port: number): Buffer {
	const isVersion6 = isIPv6(host);
	const address = Buffer.alloc(isVersion6 ? 28 : 16);
	address.writeUInt16LE(isVersion6 ? AF_INET6 : AF_INET, 0);
	address.writeUInt16BE(port, 2);
	if (isVersion6) {
		const {words} = parseAddress(host) ?? {words: [0, 0, 0, 0]};
		for (const [i, word] of words.entries()) address.writeUInt32BE(word, 8 + 4 * i);
	} else {
		for (const [i, byte] of host.split('.').entries()) address[4 + i] = Number(byte);
	}
	return address;
}

/** `host` as Node writes it; undefined when it is no address of the internet. */
export function readSocketAddress(bytes: Buffer): {
	readonly host: string | undefined;
	readonly port: number | undefined;
} {
	const family = bytes.readUInt16LE(0);
	if (family === AF_INET) return {host: `${bytes[4]}.${bytes[5]}.${bytes[6]}.${bytes[7]}`, port: bytes.readUInt16BE(2)};
	if (family !== AF_INET6) return {host: undefined, port: undefined};
	return {host: formatVersion6(bytes), port: bytes.readUInt16BE(2)};
}

/** RFC 5952; a mapped IPv4 address keeps its dots. */
function formatVersion6(bytes: Buffer): string {
	const isMapped = bytes.readUInt32BE(8) === 0 && bytes.readUInt32BE(12) === 0 && bytes.readUInt32BE(16) === 0xffff;
	if (isMapped) return `::ffff:${bytes[20]}.${bytes[21]}.${bytes[22]}.${bytes[23]}`;
	const groups = Array.from({length: 8}, (_, i) => bytes.readUInt16BE(8 + 2 * i).toString(16));
	return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

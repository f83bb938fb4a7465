/**
 * The first message of a TLS client, as far as it can be read without a key (RFC 8446 §4.1.2, RFC 6066 §3).
 *
 * Decides whether it is there, its version and the server's name. Every length is checked against what is there: the bytes come from
 * whoever connects.
 */

export interface ClientHello {
	/** Of the handshake: 0x0303 is TLS 1.2, and what TLS 1.3 says too. */
	readonly version: number;
	readonly serverName: string | undefined;
}

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;

/** `contents` is latin1. `incomplete` while more bytes may make it one. */
export function readClientHello(contents: string): ClientHello | 'incomplete' | 'none' {
	const byte = (at: number) => contents.charCodeAt(at);
	const two = (at: number) => byte(at) * 256 + byte(at + 1);
	if (contents.length > 0 && byte(0) !== HANDSHAKE) return 'none';
	if (contents.length > 1 && byte(1) !== 3) return 'none';
	if (contents.length < 6) return 'incomplete';
	if (byte(5) !== CLIENT_HELLO) return 'none';
	const end = 5 + two(3);
	if (end < 5 + 38) return 'none';
	if (contents.length < end) return 'incomplete';
	const version = two(9);
	// Behind version and random: session id, cipher suites, compression methods, each with its length.
	let at = 43;
	at += 1 + byte(at);
	at += 2 + two(at);
	at += 1 + byte(at);
	if (!(at + 2 <= end)) return {version, serverName: undefined};
	const extensionsEnd = Math.min(end, at + 2 + two(at));
	at += 2;
	while (at + 4 <= extensionsEnd) {
		const length = two(at + 2);
		if (two(at) === SERVER_NAME) return {version, serverName: readServerName(contents, at + 4, length, extensionsEnd)};
		at += 4 + length;
	}
	return {version, serverName: undefined};
}

/** The first name of the list, when it is a host's. */
function readServerName(contents: string, at: number, length: number, limit: number): string | undefined {
	if (length < 5 || at + length > limit || contents.charCodeAt(at + 2) !== HOST_NAME) return undefined;
	const nameLength = contents.charCodeAt(at + 3) * 256 + contents.charCodeAt(at + 4);
	if (nameLength === 0 || 5 + nameLength > length) return undefined;
	return contents.slice(at + 5, at + 5 + nameLength);
}

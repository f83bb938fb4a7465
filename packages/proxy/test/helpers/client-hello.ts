/** A whole TLS record with a client hello (RFC 8446 §4.1.2), latin1. */
export function clientHello(name: string, version = '\x03\x03'): string {
	const two = (length: number) => String.fromCharCode(length >> 8, length & 255);
	const entry = `\x00${two(name.length)}${name}`;
	const serverName = `\x00\x00${two(entry.length + 2)}${two(entry.length)}${entry}`;
	const extensions = `\x00\x0b\x00\x02\x01\x00${serverName}`;
	const body = `${version}${'r'.repeat(32)}\x00\x00\x02\x13\x01\x01\x00${two(extensions.length)}${extensions}`;
	const handshake = `\x01\x00${two(body.length)}${body}`;
	return `\x16\x03\x01${two(handshake.length)}${handshake}`;
}

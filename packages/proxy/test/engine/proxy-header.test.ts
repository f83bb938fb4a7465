import test from 'ava';
import {MAX_PROXY_HEADER_BYTES, readProxyHeader, writeProxyHeader} from '../../src/engine/proxy-header.ts';
import {parseAddress} from '../../src/rules/address.ts';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const ends = (source: string, destination: string) => ({
	source: parseAddress(source)!,
	sourcePort: 11,
	destination: parseAddress(destination)!,
	destinationPort: 22,
});

for (const version of [1, 2] as const) {
	for (const [source, destination] of [
		['192.0.2.1', '192.0.2.2'],
		['2001:db8::1', '2001:db8::2'],
	] as const) {
		test(`version ${version}: what is written of ${source} is read, and no part of it is a whole`, t => {
			const header = Buffer.from(writeProxyHeader({version, ends: ends(source, destination)}), 'latin1');
			const read = readProxyHeader(Buffer.concat([header, Buffer.from('GET')]));
			t.like(read, {length: header.length, ends: {sourcePort: 11, destinationPort: 22}});
			if (typeof read === 'object')
				t.deepEqual([read.ends?.source.text, read.ends?.destination.text], [source, destination]);
			for (let length = 0; length < header.length; length++) {
				t.is(readProxyHeader(header.subarray(0, length)), 'incomplete', `${length} bytes`);
			}
		});
	}
	test(`version ${version}: a connection of the proxy's own names nobody`, t => {
		const header = Buffer.from(writeProxyHeader({version, ends: undefined}), 'latin1');
		t.deepEqual(readProxyHeader(header), {length: header.length});
	});
}

test('addresses of two families: unknown in version 1, IPv6 in version 2', t => {
	const mixed = ends('192.0.2.1', '2001:db8::2');
	t.is(writeProxyHeader({version: 1, ends: mixed}), 'PROXY UNKNOWN\r\n');
	const header = Buffer.from(writeProxyHeader({version: 2, ends: mixed}), 'latin1');
	t.is(header.toString('hex', 12, 36), '212100240000000000000000 0000ffffc0000201 20010db8'.replaceAll(' ', ''));
});

test('the checksum is read, and a single changed bit refused', t => {
	const said = {version: 2, ends: ends('192.0.2.1', '192.0.2.2'), uniqueId: 'id', checksum: true} as const;
	const header = Buffer.from(writeProxyHeader(said), 'latin1');
	t.like(readProxyHeader(header), {uniqueId: 'id'});
	header[20]! ^= 1;
	t.is(readProxyHeader(header), 'wrong');
});

for (const [name, bytes] of [
	['no header', Buffer.from('GET / HTTP/1.1\r\n')],
	['another protocol', Buffer.from('PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n')],
	['families that differ', Buffer.from('PROXY TCP4 192.0.2.1 ::1 1 2\r\n')],
	['a family that is not said', Buffer.from('PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n')],
	['a port that is none', Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n')],
	['a line without an end', Buffer.from(`PROXY TCP4 ${'1'.repeat(107)}`)],
	['version 3', hex(`${SIGNATURE} 3111000c c0000201 c0000202 00010002`)],
	['an unknown command', hex(`${SIGNATURE} 2211000c c0000201 c0000202 00010002`)],
	['too few bytes for addresses', hex(`${SIGNATURE} 2111000b c0000201 c0000202 000100`)],
	['a value that does not fit', hex(`${SIGNATURE} 21110010 c0000201 c0000202 00010002 05000269`)],
	['a header too large to keep', hex(`${SIGNATURE} 2111${MAX_PROXY_HEADER_BYTES.toString(16)}`)],
] as const) {
	test(`refused: ${name}`, t => {
		t.is(readProxyHeader(bytes), 'wrong');
	});
}

/** Fuzz target of the pair protocol: the bytes of an advertisement. Pure. */
import assert from 'node:assert/strict';
import {decode, encode, MAC_BYTES, MAX_DATAGRAM_BYTES, sign, verify} from '../../packages/heartbeat/src/index.ts';
import {sampleAdvertisement, sampleDatagram} from '../../packages/heartbeat/test/helpers/samples.ts';
import type {FuzzTarget} from './target.ts';

const key = {id: sampleDatagram.keyId, secret: Buffer.alloc(32, 1)};
const {clusterId, nodeId} = sampleDatagram;

const samples = [
	sampleDatagram,
	{...sampleDatagram, challenge: {bootId: 'dead00000000beef', sequence: 3}},
	{...sampleDatagram, advertisement: {...sampleAdvertisement, note: 'a note', refusal: {wish: 4, reason: 'no'}}},
].map(datagram => Buffer.from(encode(datagram)).toString('latin1'));

/** The announced length follows the input, so that mutations get past the first look. */
function withLength(input: string): Buffer {
	const bytes = Buffer.from(input, 'latin1');
	if (bytes.length >= 8) bytes.writeUInt16BE(bytes.length & 0xffff, 6);
	return bytes;
}

function check(input: string): void {
	for (const bytes of [Buffer.from(input, 'latin1'), withLength(input)]) {
		if (bytes.length >= MAC_BYTES) {
			const before = Buffer.from(bytes);
			const verdict = verify(bytes, [key]);
			assert.deepEqual(bytes, before, 'verifying changes nothing');
			assert.ok(verdict !== 'ok', 'nobody signs by chance');
		}
		const decoded = decode(bytes, {clusterId, nodeId});
		if (!decoded.ok) continue;
		assert.ok(bytes.length <= MAX_DATAGRAM_BYTES);
		const again = encode(decoded.datagram);
		const unsigned = Buffer.from(bytes);
		unsigned.fill(0, unsigned.length - MAC_BYTES);
		assert.deepEqual(Buffer.from(again), unsigned, 'bytes that can be read have one reading');
		if (decoded.datagram.keyId !== key.id) continue;
		sign(again, key);
		assert.equal(verify(again, [key]), 'ok');
	}
}

export const heartbeatTargets: readonly FuzzTarget[] = [
	{
		name: 'advertisement',
		corpus: samples,
		words: ['HAPR', '\x01', '\0\0', '\xff\xff', '\x00\x00\x00\x00\x00\x01', 'note', '\xc3\xa4', '\xed\xa0\x80', '\xc8'],
		maxBytes: 700,
		check,
	},
];

import {createHmac} from 'node:crypto';
import test from 'ava';
import {encode, MAC_BYTES, sign, verify} from '../src/index.ts';
import {sampleDatagram} from './helpers/samples.ts';

const key = {id: 7, secret: Buffer.alloc(32, 1)};
const other = {id: 9, secret: Buffer.alloc(32, 2)};

function signed(): Uint8Array {
	const bytes = encode(sampleDatagram);
	sign(bytes, key);
	return bytes;
}

test('RFC 2104 §5: the MAC is the first half of HMAC-SHA256 over everything before it', t => {
	const bytes = signed();
	const body = bytes.subarray(0, bytes.length - MAC_BYTES);
	const expected = createHmac('sha256', key.secret).update(body).digest().subarray(0, 16);
	t.deepEqual(Buffer.from(bytes.subarray(-MAC_BYTES)), expected);
});

test('The right key is accepted wherever it stands among the keys', t => {
	t.is(verify(signed(), [key]), 'ok');
	t.is(verify(signed(), [other, key]), 'ok');
});

test('Two keys may share an id: either is accepted', t => {
	t.is(verify(signed(), [{...other, id: 7}, key]), 'ok');
});

test('A key that this node does not have is named as foreign, a wrong MAC as such', t => {
	t.is(verify(signed(), [other]), 'foreignKey');
	t.is(verify(signed(), []), 'foreignKey');
	t.is(verify(signed(), [{...other, id: 7}]), 'mac');
});

test('Every bit of the MAC counts', t => {
	const bytes = signed();
	for (let bit = 0; bit < MAC_BYTES * 8; bit += 1) {
		const flipped = Uint8Array.from(bytes);
		flipped[bytes.length - MAC_BYTES + (bit >> 3)]! ^= 1 << (bit & 7);
		t.is(verify(flipped, [key]), 'mac');
	}
});

test('Too few bytes are refused without a look at them', t => {
	for (let length = 0; length <= MAC_BYTES + 5; length += 1) t.is(verify(new Uint8Array(length), [key]), 'mac');
});

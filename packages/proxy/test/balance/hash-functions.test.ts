import test from 'ava';
import {hashText, mixInteger} from '../../src/balance/hash-functions.ts';

const of = (name: 'sdbm' | 'djb2' | 'crc32', text: string) =>
	hashText(text, {method: 'map-based', function: name, avalanche: false});

test('CRC-32 has its check value', t => {
	t.is(of('crc32', '123456789'), 0xcbf43926);
	t.is(of('crc32', ''), 0);
});

test('djb2 begins at 5381 and multiplies by 33', t => {
	t.is(of('djb2', ''), 5381);
	t.is(of('djb2', 'a'), 5381 * 33 + 97);
});

test('sdbm begins at 0 and multiplies by 65599', t => {
	t.is(of('sdbm', ''), 0);
	t.is(of('sdbm', 'ab'), (97 * 65_599 + 98) % 2 ** 32);
});

test('avalanche changes half of the bits when one changes', t => {
	let changed = 0;
	for (let i = 0; i < 1000; i++) {
		let bits = (mixInteger(i) ^ mixInteger(i + 1)) >>> 0;
		for (; bits !== 0; bits &= bits - 1) changed++;
	}
	t.true(changed / 1000 > 14 && changed / 1000 < 18, `${changed / 1000} of 32`);
	t.is(hashText('a', {method: 'map-based', function: 'sdbm', avalanche: true}), mixInteger(97));
});

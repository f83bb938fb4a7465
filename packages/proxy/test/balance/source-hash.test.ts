import test from 'ava';
import {hashSource} from '../../src/balance/source-hash.ts';
import {parseAddress} from '../../src/rules/address.ts';

for (const [address, expected] of [
	['127.0.0.1', 0x7f000001],
	['255.255.255.255', 0xffffffff],
	['::ffff:127.0.0.1', 0x7f000001],
	['::1', 1],
	['2001:db8::1', (0x20010db8 ^ 1) >>> 0],
] as const) {
	test(`${address} hashes to ${expected}`, t => {
		t.is(hashSource(parseAddress(address)), expected);
	});
}

test('a client without an address hashes to 0', t => {
	t.is(hashSource(undefined), 0);
});

import test from 'ava';
import {buildPlan, pickServer} from '../../src/balance/pick.ts';
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

// HAProxy 2.6 on loopback: servers 1 2 3 with weights 3 1 2, clients 127.0.0.1 to 127.0.0.24.
test('clients reach the servers that HAProxy 2.6 gave them', t => {
	const weights = [3, 1, 2];
	const view = {
		count: 3,
		usable: () => true,
		weight: (i: number) => weights[i]!,
		backup: () => false,
		slots: () => 0,
		full: () => false,
	};
	const plan = buildPlan('source', view, false);
	let got = '';
	for (let host = 1; host <= 24; host++) {
		got += pickServer(plan, view, 0, hashSource(parseAddress(`127.0.0.${host}`)), -1) + 1;
	}
	t.is(got, '311312311312311312311312');
});

import test from 'ava';
import {isMapped, parseAccounts, parseCapabilities, parseGroups, parseIdMap} from '../../src/privileges/accounts.ts';

test('accounts are read in file order and broken lines are passed over', t => {
	const text =
		'root:x:0:0:root:/root:/bin/sh\n# x\nbad line\nneg:x:-1:5::\nlast:x:4294967295:1::\nweb:x:33:34::/:/bin/sh\n';
	t.deepEqual(parseAccounts(text), [
		{name: 'root', uid: 0, gid: 0},
		{name: 'web', uid: 33, gid: 34},
	]);
});

test('groups carry their members', t => {
	t.deepEqual(parseGroups('a:x:5:\nb:x:6:u,v\n:x:7:\n'), [
		{name: 'a', gid: 5, members: []},
		{name: 'b', gid: 6, members: ['u', 'v']},
	]);
});

test('an id is mapped when a range of the namespace holds it', t => {
	const ranges = parseIdMap('         0       1000          1\n     65534 200000 2\n');
	t.true(isMapped(0, ranges));
	t.false(isMapped(1, ranges));
	t.true(isMapped(65535, ranges));
	t.false(isMapped(65536, ranges));
});

test('capabilities are the low 32 bits of the effective set', t => {
	t.is(parseCapabilities('CapPrm:\t00ff\nCapEff:\t0000000000000400\n'), 1 << 10);
	t.is(parseCapabilities('CapEff:\t000001ffffffffff\n'), -1);
	t.is(parseCapabilities('Name:\tnode\n'), 0);
});

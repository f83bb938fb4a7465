import test from 'ava';
import {addressIdOf, clusterIdOf, nodeIdOf} from '../src/index.ts';

test('Identifiers have their length on the wire and differ by name', t => {
	t.regex(clusterIdOf('oslo'), /^[0-9a-f]{32}$/);
	t.regex(nodeIdOf('lb1'), /^[0-9a-f]{16}$/);
	t.not(clusterIdOf('oslo'), clusterIdOf('bergen'));
	t.not(nodeIdOf('lb1'), nodeIdOf('lb2'));
	t.is(clusterIdOf('oslo'), clusterIdOf('oslo'));
});

test('RFC 4291 §2.5.5.2: an IPv4 address is mapped, so that both families compare', t => {
	t.is(addressIdOf('10.0.0.11'), '00000000000000000000ffff0a00000b');
	t.is(addressIdOf('2001:db8::1'), '20010db8000000000000000000000001');
	t.true(addressIdOf('10.0.0.9') < addressIdOf('10.0.0.10'), 'compared as numbers, not as text');
});

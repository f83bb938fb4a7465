import test from 'ava';
import {FlightRing} from '../src/flight-ring.ts';

test('What was written is read in its order, to a tenth of a millisecond', t => {
	const ring = new FlightRing();
	ring.sent(7, 1000.04);
	ring.heard(1, 2 ** 40, 1001);
	ring.late(312.4, 1400);
	ring.state('master', 1401);
	t.deepEqual(ring.read(), [
		{kind: 'sent', atMs: 1000, sequence: 7},
		{kind: 'heard', atMs: 1001, sequence: 2 ** 40, path: 1},
		{kind: 'late', atMs: 1400, lateMs: 312},
		{kind: 'state', atMs: 1401, state: 'master'},
	]);
});

test('The newest 1024 entries are kept, oldest first', t => {
	const ring = new FlightRing();
	for (let sequence = 1; sequence <= 2500; sequence += 1) ring.sent(sequence, sequence);
	const entries = ring.read();
	t.is(entries.length, 1024);
	t.is(entries[0]?.atMs, 1477);
	t.is(entries.at(-1)?.atMs, 2500);
});

import test from 'ava';
import {WakeDelays} from '../src/wake-delays.ts';

test('the mean, the highest and the ninety-ninth of a hundred', t => {
	const delays = new WakeDelays();
	t.is(delays.read(), undefined);
	for (let late = 100; late >= 1; late--) delays.note(late);
	t.deepEqual(delays.read(), {meanMs: 50.5, p99Ms: 99, maxMs: 100});
});

test('to be early is to be in time, and what was long ago is forgotten', t => {
	const delays = new WakeDelays();
	delays.note(5000);
	delays.note(-3);
	t.deepEqual(delays.read(), {meanMs: 2500, p99Ms: 5000, maxMs: 5000});
	for (let i = 0; i < 512; i++) delays.note(2);
	t.deepEqual(delays.read(), {meanMs: 2, p99Ms: 2, maxMs: 2});
});

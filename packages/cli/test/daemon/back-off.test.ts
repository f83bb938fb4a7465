import test from 'ava';
import {backOffAfterCrash, restedBackOff, stableAfterMs} from '../../src/daemon/back-off.ts';

test('the first crash restarts at once, further ones wait from 100 ms up to 5 s', t => {
	let backOff = restedBackOff;
	const pauses: number[] = [];
	for (let crash = 0; crash < 9; crash++) {
		const next = backOffAfterCrash(backOff, 10);
		backOff = next.backOff;
		pauses.push(next.pauseMs);
	}
	t.deepEqual(pauses, [0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});

test('a child that was stable is forgiven', t => {
	const tired = {crashes: 7};
	t.is(backOffAfterCrash(tired, stableAfterMs).pauseMs, 0);
	t.is(backOffAfterCrash(tired, stableAfterMs - 1).pauseMs, 5000);
});

import test from 'ava';
import {endsWithin} from '../../src/daemon/within.ts';

const never = new Promise<void>(() => {});

test('work that ends in time has ended', async t => {
	t.true(await endsWithin(Promise.resolve(), 10_000));
});

test('work that never ends is given up at the limit', async t => {
	t.false(await endsWithin(never, 1));
});

test('a hurry that begins, or had begun before, ends the wait', async t => {
	const hurry = new AbortController();
	const waiting = endsWithin(never, 600_000, hurry.signal);
	hurry.abort();
	t.false(await waiting);
	t.false(await endsWithin(never, 600_000, hurry.signal));
});

test('work that had ended before is not called unfinished by a hurry', async t => {
	const ended = (async () => {})();
	t.true(await endsWithin(ended, 600_000, AbortSignal.abort()));
});

test('work that fails fails the wait', async t => {
	await t.throwsAsync(endsWithin(Promise.reject(new Error('no')), 10_000), {message: 'no'});
});

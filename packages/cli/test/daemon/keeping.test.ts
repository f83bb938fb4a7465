import type {ProxySnapshot} from '@hapair/proxy';
import test from 'ava';
import {Keeping} from '../../src/daemon/keeping.ts';
import {sampleSnapshot} from '../helpers/samples.ts';

/** A proxy in virtual time that reports every 100 ms. `connections` are what it has at a time; absent: it does not answer. */
function stage(connections: (nowMs: number) => number | undefined, living = (_nowMs: number): number => 0) {
	const calls: string[] = [];
	let nowMs = 0;
	let draining = false;
	const note = (what: string): void => void calls.push(`${nowMs} ${what}`);
	const keeping = new Keeping({
		snapshot: (): ProxySnapshot | undefined => {
			const now = connections(nowMs);
			return now === undefined ? undefined : {...sampleSnapshot, draining, connections: now};
		},
		nextSnapshot: async limitMs => {
			await new Promise<void>(resolve => setImmediate(resolve));
			nowMs += Math.min(100, limitMs);
		},
		drainProxy: on => {
			draining = on;
			note(`drain ${on ? 'on' : 'off'}`);
		},
		closeIdle: () => note('idle ones closed'),
		countLiving: async () => living(nowMs),
		endKept: () => note('the others closed'),
		endKeeping: () => note('nothing lives on'),
		nowMs: () => nowMs,
	});
	return {keeping, calls};
}

test('It is over when the last connection has ended', async t => {
	const {keeping, calls} = stage(nowMs => (nowMs < 300 ? 2 : 0));
	keeping.begin(60_000);
	t.is(keeping.leftMs, 60_000);
	await keeping.over;
	t.deepEqual(calls, ['0 drain on', '300 drain off', '300 nothing lives on']);
	t.is(keeping.leftMs, 0);
});

test('When the time is over the rest is closed here, and what that says to clients still gets through', async t => {
	const {keeping, calls} = stage(() => 2);
	keeping.begin(1000);
	await keeping.over;
	t.deepEqual(calls, ['0 drain on', '1000 the others closed', '1500 drain off', '1500 nothing lives on']);
});

test('A proxy that does not answer ends it at its time', async t => {
	const {keeping, calls} = stage(() => undefined);
	keeping.begin(1000);
	await keeping.over;
	t.deepEqual(calls, ['0 drain on', '1000 drain off', '1000 nothing lives on']);
});

test('A node that is master again closes nothing', async t => {
	const {keeping, calls} = stage(() => 2);
	keeping.begin(1000);
	const {over} = keeping;
	keeping.cancel();
	await over;
	t.deepEqual(calls, ['0 drain on', '0 drain off']);
});

test('A stop shortens it; who asks within a second is told to go by the response, idle ones are closed after it', async t => {
	const {keeping, calls} = stage(() => 2);
	keeping.begin(60_000);
	keeping.hurry(3000);
	await keeping.over;
	t.deepEqual(calls.slice(0, 3), ['0 drain on', '1000 idle ones closed', '3000 the others closed']);
});

test('What the proxy has left to the kernel is waited for, up to the time', async t => {
	const sent = stage(
		() => 0,
		nowMs => (nowMs < 700 ? 1 : 0),
	);
	sent.keeping.begin(60_000);
	await sent.keeping.over;
	t.deepEqual(sent.calls.slice(1), ['700 drain off', '700 nothing lives on']);
	const stuck = stage(
		() => 0,
		() => 1,
	);
	stuck.keeping.begin(1000);
	await stuck.keeping.over;
	t.is(stuck.calls.at(-1), '1000 nothing lives on');
});

test('A second failover begins a new round: the first one ends nothing any more', async t => {
	const {keeping, calls} = stage(() => 2);
	keeping.begin(1000);
	const first = keeping.over;
	keeping.cancel();
	keeping.begin(2000);
	await Promise.all([first, keeping.over]);
	t.deepEqual(
		calls.filter(call => call.includes('closed')),
		['2000 the others closed'],
	);
});

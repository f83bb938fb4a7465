/** What threads look up: changes of any of them are in all of them, in one order, before the next look. */
import {once} from 'node:events';
import {Worker} from 'node:worker_threads';
import test from 'ava';
import {createFeed} from '../../src/patterns/change-feed.ts';
import {Lookups} from '../../src/patterns/lookups.ts';

const CONFIGURATION = {
	patternLists: [
		{
			id: 0,
			file: 'f',
			isMap: true,
			isAcl: false,
			description: '',
			uses: [{match: 'str', ignoreCase: false, output: 'str', of: 'map'}],
			entries: [{key: '/a', value: 'old'}],
		},
	],
} as const;

let feeds = 0;
const newFeed = () => createFeed(`test-${process.pid}-${feeds++}`);
const lookUp = (lookups: Lookups, key: string) => lookups.findInFile('f', 'str', false, key)?.entry.value;

test('a change is seen at the next look, without a turn of the event loop', t => {
	const feed = newFeed();
	const [one, two] = [new Lookups(CONFIGURATION, feed, 0), new Lookups(CONFIGURATION, feed, 1)];
	one.change(() => [{kind: 'put', list: 0, key: '/a', value: 'new'}]);
	t.is(lookUp(two, '/a'), 'new');
	two.setVariable('proc.x', 5);
	t.is(one.variable('proc.x'), 5);
	one.setVariable('proc.x', undefined);
	t.is(two.variable('proc.x'), undefined);
	one.close();
	two.close();
});

test('messages that the event loop brings first are not made twice', async t => {
	const feed = newFeed();
	const [one, two] = [new Lookups(CONFIGURATION, feed, 0), new Lookups(CONFIGURATION, feed, 1)];
	for (let i = 0; i < 10; i++) {
		one.change(() => [{kind: 'add', list: 0, key: `/${i}`, value: ''}]);
		await new Promise(resolve => setImmediate(resolve));
		two.change(() => [{kind: 'add', list: 0, key: `/${i}`, value: ''}]);
	}
	two.catchUp();
	one.catchUp();
	t.is(two.lists[0]!.size, 21);
	t.deepEqual(two.lists[0]!.entries(), one.lists[0]!.entries());
	one.close();
	two.close();
});

test('who decides sees the newest state, and whoever throws changes nothing', t => {
	const feed = newFeed();
	const [one, two] = [new Lookups(CONFIGURATION, feed, 0), new Lookups(CONFIGURATION, feed, 1)];
	one.change(() => [{kind: 'remove', list: 0, wanted: '/a'}]);
	t.throws(() =>
		two.change(() => {
			if (two.lists[0]!.matching('/a').length === 0) throw new Error('gone');
			return [];
		}),
	);
	one.change(() => [{kind: 'add', list: 0, key: '/b', value: 'x'}]);
	t.is(lookUp(two, '/b'), 'x');
	one.close();
	two.close();
});

test('a thread that starts late takes a snapshot and goes on from there', t => {
	const feed = newFeed();
	const one = new Lookups(CONFIGURATION, feed, 0);
	one.change(() => [{kind: 'put', list: 0, key: '/a', value: 'second'}]);
	one.setVariable('proc.x', 'y');
	const late = new Lookups(CONFIGURATION, feed, 1);
	t.true(late.isBehind);
	// Between the two it hears of a change that the snapshot has too.
	one.change(() => [{kind: 'add', list: 0, key: '/c', value: 'third'}]);
	late.restore(one.snapshot());
	t.false(late.isBehind);
	one.change(() => [{kind: 'add', list: 0, key: '/d', value: 'fourth'}]);
	t.is(lookUp(late, '/d'), 'fourth');
	t.is(late.lists[0]!.size, 3);
	t.is(late.variable('proc.x'), 'y');
	one.close();
	late.close();
});

test('the lock of a thread that died is given back', t => {
	const feed = newFeed();
	const [main, dead] = [new Lookups(CONFIGURATION, feed, 9), new Lookups(CONFIGURATION, feed, 0)];
	const words = new Int32Array(feed.words);
	// As it is left when the thread ends between its message and its count.
	dead.change(() => [{kind: 'put', list: 0, key: '/a', value: 'last words'}]);
	words[0] = 1;
	words[15] = 0;
	main.reclaim(1);
	t.is(words[0], 1);
	main.reclaim(0);
	t.is(words[0], 0);
	t.is(lookUp(main, '/a'), 'last words');
	main.setVariable('proc.x', 1);
	t.is(words[15], 2);
	main.close();
	dead.close();
});

test('threads that change one map at a time agree about it', async t => {
	const feed = newFeed();
	const rounds = 200;
	const workers = [0, 1, 2].map(
		holder =>
			new Worker(new URL('../fixtures/lookups-worker.ts', import.meta.url), {
				workerData: {configuration: CONFIGURATION, feed, holder, rounds},
			}),
	);
	t.teardown(() => Promise.all(workers.map(worker => worker.terminate())));
	await Promise.all(workers.map(worker => once(worker, 'message')));
	const done = workers.map(worker => once(worker, 'message'));
	for (const worker of workers) worker.postMessage('run');
	await Promise.all(done);
	const told = workers.map(worker => once(worker, 'message'));
	for (const worker of workers) worker.postMessage('tell');
	const [first, ...others] = (await Promise.all(told)).map(([state]) => state);
	t.is(first.count, 3 * rounds);
	for (const other of others) t.deepEqual(other, first);
});

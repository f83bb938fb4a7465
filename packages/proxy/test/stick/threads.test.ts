/** The same table in several threads at once: nothing is lost, and nothing is torn. */
import {once} from 'node:events';
import {Worker} from 'node:worker_threads';
import test from 'ava';
import {SharedStickTable} from '../../src/stick/shared-stick-table.ts';
import {keyOf, makeStickTable} from '../helpers/stick-table.ts';

const program = new URL('../fixtures/stick-worker.ts', import.meta.url);
const threads = 3;
const rounds = 20_000;

test('counts of several threads are exact', async t => {
	const spec = makeStickTable({size: 64});
	const main = SharedStickTable.create(spec, threads, 1);
	const workers = Array.from(
		{length: threads},
		(_, index) => new Worker(program, {workerData: {spec, buffer: main.buffer, threads, index, rounds, keys: 16}}),
	);
	await Promise.all(workers.map(worker => once(worker, 'exit')));
	const gpc0 = main.column('gpc0')!;
	const counts = Array.from({length: 16}, (_, key) => main.valueByKey(keyOf(`k${key}`), gpc0, 1) ?? 0);
	t.is(
		counts.reduce((sum, count) => sum + count, 0),
		threads * rounds,
	);
	t.true([...main.list(1)].every(({use}) => use === 0));
});

test('a table that is always too small stays whole', async t => {
	const spec = makeStickTable({size: 8, expireMs: 50});
	const main = SharedStickTable.create(spec, threads, 1);
	const workers = Array.from(
		{length: threads},
		(_, index) => new Worker(program, {workerData: {spec, buffer: main.buffer, threads, index, rounds, keys: 40}}),
	);
	await Promise.all(workers.map(worker => once(worker, 'exit')));
	t.true(main.used <= 8);
	t.is([...main.list(1)].length, main.used);
	main.expireAll(Number.MAX_SAFE_INTEGER);
	t.is(main.used, 0);
	for (let key = 0; key < 8; key++) main.addByKey(keyOf(`n${key}`), [main.column('gpc0')], 1, 1);
	t.is(main.used, 8);
});

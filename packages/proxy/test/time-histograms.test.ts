import test from 'ava';
import {ANSWER_CLASSES, TIME_BOUNDS_MS, TIME_COLUMNS, TIME_KINDS, TimeHistograms} from '../src/time-histograms.ts';

const size = {backends: 2, workers: 2};

function createThreads() {
	const buffer = new SharedArrayBuffer(TimeHistograms.bytes(size));
	const [main, first, second] = [-1, 0, 1].map(worker => new TimeHistograms(buffer, 0, size, worker));
	return {main: main!, first: first!, second: second!};
}

/** The cells of one class and time. */
function cells(all: Float64Array, answers: (typeof ANSWER_CLASSES)[number], time: (typeof TIME_KINDS)[number]) {
	const at = (ANSWER_CLASSES.indexOf(answers) * TIME_KINDS.length + TIME_KINDS.indexOf(time)) * TIME_COLUMNS;
	return [...all.subarray(at, at + TIME_COLUMNS)];
}

/** Buckets by their bound, Infinity for what is above all. */
function filled(row: readonly number[]) {
	return Object.fromEntries(
		row.slice(0, -1).flatMap((count, index) => (count === 0 ? [] : [[TIME_BOUNDS_MS[index] ?? 'more', count]])),
	);
}

test('a time is counted at the first bound that is not below it, over all workers', t => {
	const {main, first, second} = createThreads();
	first.count(0, 200, 0, 1, 1.5, 10_001);
	second.count(0, 204, 0, 2, 5, 10_000);
	const all = main.read(0);
	t.deepEqual(filled(cells(all, '2xx', 'queue')), {1: 2});
	t.deepEqual(filled(cells(all, '2xx', 'connect')), {1: 1, 2: 1});
	t.deepEqual(filled(cells(all, '2xx', 'response')), {2: 1, 5: 1});
	t.deepEqual(filled(cells(all, '2xx', 'total')), {10000: 1, more: 1});
	t.deepEqual(cells(all, '2xx', 'response').at(-1), 6.5);
	t.true(main.read(1).every(cell => cell === 0));
});

test('a time that was not reached is not counted; classes are kept apart', t => {
	const {main, first} = createThreads();
	first.count(1, 503, 40, -1, -1, 41);
	first.count(1, -1, -1, -1, -1, 7);
	first.count(1, 101, 0, 0, 0, 0);
	const all = main.read(1);
	t.deepEqual(filled(cells(all, '5xx', 'queue')), {50: 1});
	t.deepEqual(filled(cells(all, '5xx', 'connect')), {});
	t.deepEqual(filled(cells(all, 'none', 'total')), {10: 1});
	t.deepEqual(filled(cells(all, '1xx', 'total')), {1: 1});
	t.deepEqual([filled([...main.readTotals()]), main.readTotals().at(-1)], [{1: 1, 10: 1, 50: 1}, 48]);
});

test('what a former process has counted is added, by name', t => {
	const {main, first} = createThreads();
	first.count(0, 200, 0, 1, 2, 3);
	main.addCarried(0, '2xx total 5', 4);
	main.addCarried(0, '2xx total more', 1);
	main.addCarried(0, '2xx total sum', 30);
	main.addCarried(0, '2xx total 75', 2);
	main.addCarried(0, '2xx total 99999', 1);
	for (const cell of ['9xx total 5', '2xx total', '2xx total many', '']) main.addCarried(0, cell, 1);
	const row = cells(main.read(0), '2xx', 'total');
	t.deepEqual(filled(row), {5: 5, 100: 2, more: 2});
	t.is(row.at(-1), 33);
	t.is(main.readTotals().at(-1), 33);
	t.true(main.read(1).every(cell => cell === 0));
});

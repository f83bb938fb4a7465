import {Worker} from 'node:worker_threads';
import test from 'ava';
import {Counter, ServerState, SharedTable} from '../src/shared-table.ts';
import {FrontendColumn, ProcessColumn, ServerColumn, ServerText} from '../src/status-board.ts';
import {makeBackend, makeConfiguration, makeFrontend, makeServer} from './helpers/configuration.ts';

const configuration = makeConfiguration(
	[makeFrontend(), makeFrontend({name: 'other'})],
	[
		makeBackend([makeServer(1), makeServer(2, {name: 's2', index: 1, disabled: true, weight: 7})]),
		makeBackend([makeServer(3, {index: 2})]),
	],
);

test('a new table has every server as configured', t => {
	const table = SharedTable.create(configuration, 2);
	t.is(table.serverState(0), ServerState.up);
	t.is(table.serverState(1), ServerState.maint);
	t.is(table.serverWeight(1), 7);
	t.is(table.connections, 0);
});

test('two views count into the same gauges and a limit holds over both', t => {
	const main = SharedTable.create(configuration, 2);
	const first = SharedTable.attach(main.buffer, configuration, 0);
	const second = SharedTable.attach(main.buffer, configuration, 1);
	t.true(first.claimSlot(2, 2));
	t.true(second.claimSlot(2, 2));
	t.false(first.claimSlot(2, 2));
	t.is(main.serverSlots(2), 2);
	t.is(second.releaseSlot(2), 1);
	t.true(first.claimSlot(2, 2));
});

test('a frontend at its limit does not cost the process a connection', t => {
	const main = SharedTable.create(configuration, 1);
	const worker = SharedTable.attach(main.buffer, configuration, 0);
	t.true(worker.claimConnection(1, 1, 10));
	t.false(worker.claimConnection(1, 1, 10));
	t.is(main.connections, 1);
	t.true(worker.claimConnection(0, 1, 2));
	t.false(worker.claimConnection(0, 5, 2));
	t.is(main.frontendConnections(0), 1);
});

test('what a dead worker held is given back, and only that', t => {
	const main = SharedTable.create(configuration, 2);
	const dead = SharedTable.attach(main.buffer, configuration, 0);
	const alive = SharedTable.attach(main.buffer, configuration, 1);
	dead.claimConnection(0, 0, 0);
	dead.claimConnection(0, 0, 0);
	dead.claimSlot(1, 3);
	dead.addBackendQueued(1, 1);
	dead.setOldestWaiter('backend', 1, 5);
	alive.claimConnection(0, 0, 0);
	alive.claimSlot(1, 3);
	main.reclaim(0);
	t.is(main.connections, 1);
	t.is(main.frontendConnections(0), 1);
	t.is(main.serverSlots(1), 1);
	t.is(main.backendQueued(1), 0);
	t.is(main.workerWithOldestWaiter('backend', 1), -1);
});

test('a change of state raises the generations of its server and backend only', t => {
	const table = SharedTable.create(configuration, 1);
	const before = [table.serverGeneration(0), table.serverGeneration(1), table.backendGeneration(0)];
	const other = table.backendGeneration(1);
	table.setServer(0, 1, ServerState.up, 3);
	t.deepEqual(
		[table.serverGeneration(0), table.serverGeneration(1), table.backendGeneration(0)],
		[before[0], before[1]! + 1, before[2]! + 1],
	);
	t.is(table.backendGeneration(1), other);
});

test('counters are summed over workers, maxima compared', t => {
	const main = SharedTable.create(configuration, 2);
	const first = SharedTable.attach(main.buffer, configuration, 0);
	const second = SharedTable.attach(main.buffer, configuration, 1);
	const row = main.row('server', 2);
	first.count(row, Counter.bytesOut, 2 ** 40);
	second.count(row, Counter.bytesOut, 5);
	first.countMax(row, Counter.maxConnections, 3);
	second.countMax(row, Counter.maxConnections, 9);
	second.countMax(row, Counter.maxConnections, 4);
	t.is(main.readSum(row, Counter.bytesOut), 2 ** 40 + 5);
	t.is(main.readMax(row, Counter.maxConnections), 9);
	t.is(main.readSum(main.row('server', 1), Counter.bytesOut), 0);
	t.is(main.readSum(main.row('backend', 1), Counter.bytesOut), 0);
});

test('the longest waiter is found over workers', t => {
	const main = SharedTable.create(configuration, 2);
	SharedTable.attach(main.buffer, configuration, 0).setOldestWaiter('server', 2, 200);
	SharedTable.attach(main.buffer, configuration, 1).setOldestWaiter('server', 2, 100);
	t.is(main.workerWithOldestWaiter('server', 2), 1);
	t.is(main.workerWithOldestWaiter('backend', 0), -1);
});

test('a table of another configuration is refused', t => {
	const table = SharedTable.create(configuration, 1);
	t.throws(() => SharedTable.attach(table.buffer, makeConfiguration([], []), 0), {message: /another configuration/});
});

test('a bell rung by another thread wakes the waiting one', async t => {
	const table = SharedTable.create(configuration, 1);
	const worker = SharedTable.attach(table.buffer, configuration, 0);
	const seen = worker.bellCount;
	const waiting = worker.waitForBell(seen);
	t.not(waiting, undefined);
	const thread = new Worker(new URL('helpers/ring-bell.ts', import.meta.url), {
		workerData: {buffer: table.buffer, configuration},
	});
	const keepAlive = setInterval(() => {}, 1000);
	await waiting;
	clearInterval(keepAlive);
	t.is(worker.bellCount, seen + 1);
	t.is(worker.waitForBell(seen), undefined);
	await thread.terminate();
});

test('clearing begins sums and maxima anew, while their writers go on', t => {
	const main = SharedTable.create(configuration, 2);
	const workers = [0, 1].map(index => SharedTable.attach(main.buffer, configuration, index));
	const row = main.row('server', 1);
	for (const worker of workers) {
		worker.count(row, Counter.bytesIn, 10);
		worker.countMax(row, Counter.maxConnections, 7);
	}
	main.clearCounters(false);
	t.is(main.readSum(row, Counter.bytesIn), 20);
	t.is(main.readMax(row, Counter.maxConnections), 0);
	main.clearCounters(true);
	t.is(workers[0]!.readSum(row, Counter.bytesIn), 0);
	workers[1]!.count(row, Counter.bytesIn, 3);
	workers[1]!.countMax(row, Counter.maxConnections, 2);
	t.is(main.readSum(row, Counter.bytesIn), 3);
	t.is(main.readMax(row, Counter.maxConnections), 2);
});

test('mean times are those of the last transactions over all threads', t => {
	const main = SharedTable.create(configuration, 2);
	const [first, second] = [0, 1].map(index => SharedTable.attach(main.buffer, configuration, index));
	const row = main.row('backend', 1);
	t.is(main.readMean(row, Counter.totalTimes), 0);
	first!.countTimes(row, -1, 2, 10, 30);
	second!.countTimes(row, 4, 2, 20, 50);
	t.is(main.readMean(row, Counter.queueTimes), 2);
	t.is(main.readMean(row, Counter.responseTimes), 15);
	t.is(main.readMean(row, Counter.totalTimes), 40);
	t.is(main.readMax(row, Counter.longestTotal), 50);
	main.clearCounters(true);
	t.is(main.readMean(row, Counter.totalTimes), 0);
	first!.countTimes(row, 0, 0, 0, 6);
	t.is(main.readMean(row, Counter.totalTimes), 6);
	for (let i = 0; i < 20_000; i++) first!.countTimes(row, 0, 0, 0, 9);
	t.is(main.readMean(row, Counter.totalTimes), 9);
});

test('limits of the moment begin as configured', t => {
	const {board} = SharedTable.create(configuration, 1);
	t.is(board.get(board.row('process'), ProcessColumn.maxconn), 2000);
	t.is(board.get(board.row('frontend', 1), FrontendColumn.maxconn), 2000);
	t.is(board.get(board.row('server', 1), ServerColumn.weight), 7);
	t.is(board.text(2, ServerText.host), '127.0.0.1');
});

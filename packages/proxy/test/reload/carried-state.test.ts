/** What two processes tell each other, without the processes: everything is cloned as on a channel. */
import test from 'ava';
import type {CheckResult} from '../../src/health/check-result.ts';
import {ServerStates} from '../../src/health/server-states.ts';
import {addCounters, CounterReport} from '../../src/reload/carry-counters.ts';
import {describeEntries, EntryCollector} from '../../src/reload/carry-entries.ts';
import {
	describeBackends,
	describeFrontends,
	describeLimits,
	describeOrders,
	describeServers,
	restoreLimits,
	restoreOrders,
	restoreServers,
} from '../../src/reload/carry-servers.ts';
import {Counter, ServerState, SharedTable} from '../../src/shared-table.ts';
import {FrontendColumn, FrontendState, ServerColumn} from '../../src/status-board.ts';
import {SharedStickTable} from '../../src/stick/shared-stick-table.ts';
import {readConfiguration} from '../helpers/proxy.ts';
import {keyOf} from '../helpers/stick-table.ts';

const defaults = 'defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n';
const failed: CheckResult = {outcome: 'failed', status: 'L4CON', durationMs: 0};

function start(text: string, workers = 1) {
	const configuration = readConfiguration(`${defaults}${text}`);
	const table = SharedTable.create(configuration, workers);
	const events: string[] = [];
	const states = new ServerStates({configuration, table, onEvent: ({kind}) => events.push(kind)});
	return {configuration, table, states, events};
}

type Side = ReturnType<typeof start>;

function carryServers(from: Side, to: Side): void {
	const servers = describeServers(from.configuration, from.states, from.table);
	const backends = describeBackends(from.configuration, from.states);
	restoreServers(to.configuration, to.states, to.table, structuredClone({servers, backends}));
}

const file = (over: {a?: string; b?: string} = {}) =>
	`frontend in\n bind :80\n default_backend web\nbackend web\n server a ${over.a ?? '10.0.0.1:80 check weight 10'}\n server b ${over.b ?? '10.0.0.2:80 check'}\n`;

test('what checks have found and people have ordered holds on, and nothing is said of it', t => {
	const old = start(file());
	const [a, b] = old.states.all;
	old.states.record(0, failed);
	old.states.setAdmin(b!, 'drain');
	old.states.setWeight(a!, 3);
	old.states.setMaxconn(b!, 7);
	old.states.setAddress(b!, '10.0.0.9', 8080);
	const next = start(file());
	carryServers(old, next);
	const [a2, b2] = next.states.all;
	t.is(next.table.serverState(0), ServerState.down);
	t.is(a2!.weight, 3);
	t.deepEqual([a2!.downs, a2!.failures], [1, 1]);
	t.is(a2!.lastCheck?.status, 'L4CON');
	t.is(b2!.admin, 'drain');
	t.deepEqual(b2!.server.address, {kind: 'ip', host: '10.0.0.9', port: 8080});
	t.is(next.table.board.get(next.table.board.row('server', 1), ServerColumn.maxconn), 7);
	t.deepEqual(next.events, []);
	t.is(next.states.backendTimes(0).downs, old.states.backendTimes(0).downs);
});

test('a process that serves by itself takes orders, and keeps what its own checks have found', t => {
	const master = start(file());
	const [a, b] = master.states.all;
	master.states.record(0, failed);
	master.states.setWeight(a!, 3);
	master.states.setAdmin(b!, 'maint');
	master.states.setMaxconn(b!, 7);
	master.states.setAddress(b!, '10.0.0.9', 8080);
	const standby = start(file());
	const tell = (to: Side): void => {
		const orders = structuredClone(describeOrders(master.configuration, master.states, master.table));
		restoreOrders(to.configuration, to.states, to.table, orders);
	};
	tell(standby);
	const [a2, b2] = standby.states.all;
	t.deepEqual([a2!.weight, b2!.admin], [3, 'maint']);
	t.deepEqual(b2!.server.address, {kind: 'ip', host: '10.0.0.9', port: 8080});
	t.is(standby.table.board.get(standby.table.board.row('server', 1), ServerColumn.maxconn), 7);
	t.is(standby.table.serverState(0), ServerState.up);
	t.is(standby.table.serverState(1), ServerState.maint);
	const {length} = standby.events;
	tell(standby);
	t.is(standby.events.length, length, 'the same orders change nothing');
	master.states.setAddress(b!, '10.0.0.2', 80);
	tell(standby);
	t.deepEqual(b2!.server.address, {kind: 'ip', host: '10.0.0.2', port: 80}, 'and back');
	const other = start(file({a: '10.0.0.1:80 check weight 20', b: '10.0.0.3:80 check maxconn 5'}));
	master.states.setAddress(b!, '10.0.0.9', 8080);
	tell(other);
	t.is(other.states.all[0]!.weight, 20, 'another weight in its file');
	t.like(other.states.all[1]!.server.address, {host: '10.0.0.3'}, 'another address in its file');
	t.is(other.table.board.get(other.table.board.row('server', 1), ServerColumn.maxconn), 5);
});

test('where the file says something else than before, the file is the newer word', t => {
	const old = start(file({b: '10.0.0.2:80 check disabled'}));
	const [a, b] = old.states.all;
	old.states.setWeight(a!, 3);
	old.states.record(0, failed);
	t.is(b!.admin, 'maint');
	const next = start(file({a: '10.0.0.3:80 check weight 20', b: '10.0.0.2:80 check'}));
	carryServers(old, next);
	const [a2, b2] = next.states.all;
	t.is(a2!.weight, 20, 'another weight in the file');
	t.is(next.table.serverState(0), ServerState.up, 'another machine: nothing is known of it');
	t.is(b2!.admin, 'ready', 'no longer disabled in the file');
});

test('servers that are gone are forgotten, new ones begin like new ones', t => {
	const old = start(file());
	old.states.setAdmin(old.states.all[0]!, 'maint');
	const next = start('backend web\n server new 10.0.0.7:80 check\n server a 10.0.0.1:80 check weight 10\n');
	carryServers(old, next);
	t.is(next.states.find('web', 'new')!.admin, 'ready');
	t.is(next.states.find('web', 'a')!.admin, 'maint');
	t.is(next.table.serverState(1), ServerState.maint);
});

test('limits and stopped frontends hold on, unless the file has new ones', t => {
	const old = start(file());
	const row = old.table.board.row('frontend', 0);
	old.table.board.set(row, FrontendColumn.maxconn, 5);
	old.table.board.set(row, FrontendColumn.state, FrontendState.stopped);
	const told = structuredClone({
		process: describeLimits(old.configuration, old.table),
		frontends: describeFrontends(old.configuration, old.table),
	});
	const next = start(file());
	t.true(restoreLimits(next.configuration, next.table, told));
	t.is(next.table.board.get(row, FrontendColumn.maxconn), 5);
	t.is(next.table.board.get(row, FrontendColumn.state), FrontendState.stopped);
	const changed = start(file().replace('default_backend', 'maxconn 9\n default_backend'));
	restoreLimits(changed.configuration, changed.table, told);
	t.is(changed.table.board.get(row, FrontendColumn.maxconn), 9);
});

function countAs({configuration, table}: Side, worker: number): (column: keyof typeof Counter, amount: number) => void {
	const own = SharedTable.attach(table.buffer, configuration, worker);
	const row = own.row('frontend', 0);
	return (column, amount) =>
		column === 'maxConnections' ? own.countMax(row, Counter[column], amount) : own.count(row, Counter[column], amount);
}

const sumOf = ({table}: Side, column: keyof typeof Counter): number =>
	table.readSum(table.row('frontend', 0), Counter[column]);

test('totals add up over processes, and what comes later is counted once', t => {
	const old = start(file(), 2);
	const next = start(file());
	countAs(old, 0)('requests', 3);
	countAs(old, 1)('requests', 4);
	countAs(old, 1)('maxConnections', 9);
	const report = new CounterReport(old.configuration, old.table);
	const carry = (): void => addCounters(next.configuration, next.table, structuredClone([...report.next()]));
	carry();
	countAs(next, 0)('requests', 10);
	t.is(sumOf(next, 'requests'), 17);
	t.is(next.table.readMax(next.table.row('frontend', 0), Counter.maxConnections), 9);
	countAs(old, 0)('requests', 1);
	carry();
	carry();
	t.is(sumOf(next, 'requests'), 18);
	// What was inherited is told on, and only once.
	const third = start(file());
	addCounters(third.configuration, third.table, new CounterReport(next.configuration, next.table).next());
	t.is(sumOf(third, 'requests'), 18);
	third.table.clearCounters(true);
	t.is(sumOf(third, 'requests'), 0);
});

test('histograms of times go on, and what comes later is counted once', t => {
	const old = start(file(), 2);
	const next = start(file().replace('\nbackend web', '\nbackend other\n server o 10.0.0.5:80\nbackend web'));
	const counting = SharedTable.attach(old.table.buffer, old.configuration, 1);
	const totals = ({table, configuration}: Side) =>
		[...table.times.read(configuration.backends.findIndex(({name}) => name === 'web'))].filter(cell => cell > 0);
	counting.times.count(0, 200, 0, 3, 30, 300);
	const report = new CounterReport(old.configuration, old.table);
	const carry = (): void => addCounters(next.configuration, next.table, structuredClone([...report.next()]));
	carry();
	t.deepEqual(totals(next), totals(old));
	t.true(
		next.table.times.read(0).every(cell => cell === 0),
		'the other backend has none',
	);
	SharedTable.attach(next.table.buffer, next.configuration, 0).times.count(1, 503, 1, -1, -1, 1);
	counting.times.count(0, 200, 0, 3, 30, 300);
	carry();
	carry();
	t.is(next.table.times.readTotals().at(-1), 601);
	const third = start(file());
	addCounters(third.configuration, third.table, new CounterReport(next.configuration, next.table).next());
	t.deepEqual(totals(third), totals(next));
});

test('mean times go on from where they were', t => {
	const old = start(file(), 2);
	const worker = SharedTable.attach(old.table.buffer, old.configuration, 0);
	worker.countTimes(worker.row('frontend', 0), 0, 10, 30, 40);
	const next = start(file());
	addCounters(next.configuration, next.table, new CounterReport(old.configuration, old.table).next());
	t.is(next.table.readMean(next.table.row('frontend', 0), Counter.totalTimes), 40);
	const own = SharedTable.attach(next.table.buffer, next.configuration, 0);
	own.countTimes(own.row('frontend', 0), 0, 10, 30, 60);
	t.is(next.table.readMean(next.table.row('frontend', 0), Counter.totalTimes), 50);
});

const sticky = (servers: string, table = 'type string len 8 size 100 expire 10s store gpc0,http_req_rate(10s)') =>
	`backend web\n stick-table ${table}\n stick on hdr(x)\n${servers}`;
const both = ' server a 10.0.0.1:80\n server b 10.0.0.2:80\n';

function tableOf({configuration}: Side): SharedStickTable {
	return SharedStickTable.create(configuration.stickTables[0]!, 1, 7);
}

async function carryEntries(
	from: Side,
	source: SharedStickTable,
	to: Side,
	target: SharedStickTable,
	nowMs: number,
): Promise<void> {
	const collector = new EntryCollector(to.configuration, [target]);
	for (const some of describeEntries(from.configuration, source, nowMs)) collector.take(structuredClone(some));
	await collector.settle(nowMs + 1000);
}

test('entries keep their values, their age and their server, whatever its number is now', async t => {
	const old = start(sticky(both));
	const source = tableOf(old);
	source.setByKey(
		keyOf('one'),
		[
			[source.column('server_id')!, 2],
			[source.column('gpc0')!, 5],
		],
		1000,
	);
	source.addByKey(keyOf('two'), [source.column('http_req_rate')], 8, 4000);
	const next = start(sticky(` server c 10.0.0.3:80\n${both}`));
	const target = tableOf(next);
	await carryEntries(old, source, next, target, 4000);
	t.is(target.valueByKey(keyOf('one'), target.column('server_id')!, 5000), 3, 'b is the third now');
	t.is(target.valueByKey(keyOf('one'), target.column('gpc0')!, 5000), 5);
	t.is(target.valueByKey(keyOf('two'), target.column('http_req_rate')!, 5000), 8);
	// The first was used 3 s before the other, and expires 3 s before it.
	t.true(target.has(keyOf('one'), 5000 + 6900));
	t.false(target.has(keyOf('one'), 5000 + 7100));
	t.true(target.has(keyOf('two'), 5000 + 9900));
});

test('a server that is gone is nobody’s, a table of another type begins anew, a column with another period too', async t => {
	const old = start(sticky(both));
	const source = tableOf(old);
	source.setByKey(
		keyOf('one'),
		[
			[source.column('server_id')!, 2],
			[source.column('gpc0')!, 5],
		],
		0,
	);
	source.addByKey(keyOf('one'), [source.column('http_req_rate')], 8, 0);
	const without = start(
		sticky(' server a 10.0.0.1:80\n', 'type string len 8 size 100 expire 10s store http_req_rate(5s)'),
	);
	const target = tableOf(without);
	await carryEntries(old, source, without, target, 0);
	t.is(target.valueByKey(keyOf('one'), target.column('server_id')!, 1000), 0);
	t.is(target.valueByKey(keyOf('one'), target.column('http_req_rate')!, 1000), 0);
	const other = start(sticky(both, 'type string len 16 size 100 expire 10s store gpc0'));
	const fresh = tableOf(other);
	await carryEntries(old, source, other, fresh, 0);
	t.is(fresh.used, 0);
});

test('more entries than one message or the new table holds: the youngest stay', async t => {
	const old = start(sticky(both, 'type string len 8 size 3000 expire 10s store gpc0'));
	const source = tableOf(old);
	for (let at = 0; at < 2500; at++) source.setByKey(keyOf(`k${at}`), [[source.column('gpc0')!, at]], at);
	const next = start(sticky(both, 'type string len 8 size 1000 expire 10s store gpc0'));
	const target = tableOf(next);
	await carryEntries(old, source, next, target, 2500);
	t.is(target.used, 1000);
	t.is(target.valueByKey(keyOf('k2499'), target.column('gpc0')!, 3500), 2499);
	t.false(target.has(keyOf('k1400'), 3500));
	t.true(target.has(keyOf('k1600'), 3500));
});

test('the second telling has only what was used since the first', t => {
	const old = start(sticky(both));
	const source = tableOf(old);
	source.setByKey(keyOf('early'), [[source.column('gpc0')!, 1]], 0);
	source.setByKey(keyOf('late'), [[source.column('gpc0')!, 1]], 5000);
	const counts = [...describeEntries(old.configuration, source, 5500, 4500)].map(({lengths}) => lengths.length);
	t.deepEqual(counts, [1]);
});

import test from 'ava';
import type {CheckResult} from '../../src/health/check-result.ts';
import {type ServerEvent, ServerStates} from '../../src/health/server-states.ts';
import {ServerState, SharedTable} from '../../src/shared-table.ts';
import {BackendColumn, ServerColumn, ServerText} from '../../src/status-board.ts';
import {makeBackend, makeConfiguration, makeServer} from '../helpers/configuration.ts';

const check = {interMs: 2000, rise: 2, fall: 3};
const passed: CheckResult = {outcome: 'passed', status: 'L7OK', code: 200, durationMs: 1};
const failed: CheckResult = {outcome: 'failed', status: 'L4CON', durationMs: 0};

function makeStates() {
	const configuration = makeConfiguration(
		[],
		[
			makeBackend([
				makeServer(1, {name: 'a', index: 0, check}),
				makeServer(2, {name: 'b', index: 1, check, backup: true}),
				makeServer(3, {name: 'c', index: 2, disabled: true}),
			]),
		],
	);
	const table = SharedTable.create(configuration, 1);
	const events: ServerEvent[] = [];
	let nowMs = 0;
	const states = new ServerStates({configuration, table, onEvent: event => events.push(event), nowMs: () => nowMs});
	const kinds = () => events.map(({kind}) => kind).filter(kind => kind !== 'checked');
	return {states, table, events, kinds, sleep: (ms: number) => (nowMs += ms)};
}

test('the first failed check takes a server down in the shared table', t => {
	const {states, table, events, kinds} = makeStates();
	const generation = table.backendGeneration(0);
	states.record(0, failed);
	t.is(table.serverState(0), ServerState.down);
	t.not(table.backendGeneration(0), generation);
	t.deepEqual(kinds(), ['down']);
	t.deepEqual(events.at(-1)?.usable, {active: 0, backup: 1});
});

test('rise successes bring it back, and the next check comes at the delay of its state', t => {
	const {states, table, kinds} = makeStates();
	states.record(0, failed);
	states.record(0, passed);
	t.is(table.serverState(0), ServerState.down);
	t.is(states.statusOf(states.all[0]!), 'DOWN 1/2');
	t.is(states.record(0, passed), 2000);
	t.is(table.serverState(0), ServerState.up);
	t.deepEqual(kinds(), ['down', 'up']);
});

test('a stable server needs fall failures', t => {
	const {states, kinds} = makeStates();
	for (const result of [passed, failed, failed, passed, failed, failed]) states.record(0, result);
	t.deepEqual(kinds(), []);
	t.is(states.statusOf(states.all[0]!), 'UP 1/3');
	states.record(0, failed);
	t.deepEqual(kinds(), ['down']);
});

test('an administrator takes a server out, drains it and gives it back', t => {
	const {states, table, kinds} = makeStates();
	const server = states.find('out', 'a')!;
	t.true(states.setAdmin(server, 'drain'));
	t.is(table.serverState(0), ServerState.drain);
	t.true(states.setAdmin(server, 'maint'));
	t.is(table.serverState(0), ServerState.maint);
	t.false(states.setAdmin(server, 'maint'));
	t.true(states.setAdmin(server, 'ready'));
	t.is(table.serverState(0), ServerState.up);
	t.deepEqual(kinds(), ['drain', 'maint', 'ready']);
});

test('a drained server that fails its checks is down', t => {
	const {states, table} = makeStates();
	states.setAdmin(states.find('out', 'a')!, 'drain');
	states.record(0, failed);
	t.is(table.serverState(0), ServerState.down);
});

test('a disabled server starts in maintenance and counts for nothing', t => {
	const {states, table} = makeStates();
	t.is(table.serverState(2), ServerState.maint);
	t.is(states.statusOf(states.all[2]!), 'MAINT');
	t.deepEqual(states.countUsable(0), {active: 1, backup: 1});
});

test('the time since the last change starts anew with each change', t => {
	const {states, sleep} = makeStates();
	sleep(500);
	t.is(states.sinceMs(states.all[0]!), 500);
	states.record(0, failed);
	sleep(20);
	t.is(states.sinceMs(states.all[0]!), 20);
});

const observe = {layer: 'layer7', errorLimit: 3, onError: 'fail-check'} as const;

function observed(onError: 'fastinter' | 'fail-check' | 'sudden-death' | 'mark-down', fastinterMs?: number) {
	const limits = fastinterMs === undefined ? check : {...check, fastinterMs};
	const server = makeServer(1, {check: limits, observe: {...observe, onError}});
	const configuration = makeConfiguration([], [makeBackend([server])]);
	const table = SharedTable.create(configuration, 1);
	const states = new ServerStates({configuration, table, onEvent: () => {}});
	states.record(0, passed);
	return states;
}

for (const [onError, after] of [
	['fastinter', 'UP'],
	['fail-check', 'UP 2/3'],
	['sudden-death', 'UP 1/3'],
	['mark-down', 'DOWN'],
] as const) {
	test(`errors in traffic with on-error ${onError} leave a server ${after}`, t => {
		const states = observed(onError);
		states.recordTrafficErrors(0, 'Wrong http response');
		t.is(states.statusOf(states.all[0]!), after);
	});
}

test('the second row of errors is the end under sudden-death', t => {
	const states = observed('sudden-death');
	states.recordTrafficErrors(0, 'x');
	states.recordTrafficErrors(0, 'x');
	t.is(states.statusOf(states.all[0]!), 'DOWN');
	t.is(states.recordTrafficErrors(0, 'x'), undefined);
	t.like(states.all[0]!.lastCheck, {status: 'HANA', info: 'Detected 3 consecutive errors, last one was: x'});
});

test('the next check comes early after errors in traffic', t => {
	t.is(observed('fail-check', 100).recordTrafficErrors(0, 'x'), 100);
	t.is(observed('fail-check').recordTrafficErrors(0, 'x'), check.interMs);
	t.is(observed('fastinter', 100).recordTrafficErrors(0, 'x'), 100);
});

function slowlyStarting() {
	const server = makeServer(1, {check, slowstartMs: 16_000, maxconn: 100, weight: 10});
	const configuration = makeConfiguration([], [makeBackend([server])]);
	const table = SharedTable.create(configuration, 1);
	let nowMs = 0;
	const states = new ServerStates({configuration, table, onEvent: () => {}, nowMs: () => nowMs});
	return {states, table, setNow: (ms: number) => (nowMs = ms)};
}

test('a server does not start slowly at start', t => {
	const {states, table} = slowlyStarting();
	states.record(0, passed);
	t.is(states.grow(), undefined);
	t.is(table.serverRamp(0), 16);
	t.is(table.serverThrottle(0), 100);
});

test('a server that comes back grows from a sixteenth to all', t => {
	const {states, table, setNow} = slowlyStarting();
	for (const result of [failed, passed, passed]) states.record(0, result);
	t.deepEqual([table.serverRamp(0), table.serverThrottle(0)], [1, 0]);
	t.is(states.grow(), 800);
	setNow(8000);
	states.grow();
	t.deepEqual([table.serverRamp(0), table.serverThrottle(0)], [9, 50]);
	setNow(15_999);
	states.grow();
	t.deepEqual([table.serverRamp(0), table.serverThrottle(0)], [16, 99]);
	setNow(16_000);
	t.is(states.grow(), undefined);
	t.deepEqual([table.serverRamp(0), table.serverThrottle(0)], [16, 100]);
});

test('a server that goes down while it grows begins anew', t => {
	const {states, table, setNow} = slowlyStarting();
	for (const result of [failed, passed, passed]) states.record(0, result);
	setNow(8000);
	states.grow();
	for (const result of [failed, failed, failed]) states.record(0, result);
	t.is(states.grow(), undefined);
	for (const result of [passed, passed]) states.record(0, result);
	t.is(table.serverRamp(0), 1);
});

test('maintenance that ends starts slowly too, a changed weight does not', t => {
	const {states, table} = slowlyStarting();
	states.setAdmin(states.all[0]!, 'maint');
	states.setAdmin(states.all[0]!, 'ready');
	t.is(table.serverRamp(0), 1);
	const other = slowlyStarting();
	const generation = other.table.backendGeneration(0);
	other.states.setWeight(other.states.all[0]!, 200);
	t.is(other.table.serverWeight(0), 200);
	t.is(other.table.serverRamp(0), 16);
	t.not(other.table.backendGeneration(0), generation);
});

test('a follower of a disabled server begins in maintenance', t => {
	const configuration = makeConfiguration(
		[],
		[
			makeBackend([
				makeServer(1, {name: 'f', index: 0, tracks: 1}),
				makeServer(2, {name: 'r', index: 1, check, disabled: true}),
			]),
		],
	);
	const table = SharedTable.create(configuration, 1);
	const states = new ServerStates({configuration, table, onEvent: () => {}});
	t.is(table.serverState(0), ServerState.maint);
	states.setAdmin(states.find('out', 'r')!, 'ready');
	t.is(table.serverState(0), ServerState.up);
});

test('a weight that was ordered outlives changes of state, and weight 0 leaves no usable server', t => {
	const {states, table} = makeStates();
	const [a, b] = [states.find('out', 'a')!, states.find('out', 'b')!];
	states.setWeight(a, 7);
	states.setAdmin(a, 'maint');
	states.setAdmin(a, 'ready');
	t.is(table.serverWeight(0), 7);
	states.setWeight(a, 0);
	t.is(table.serverState(0), ServerState.up);
	t.deepEqual(states.countUsable(0), {active: 0, backup: 1});
	states.setWeight(b, 0);
	t.is(table.board.get(table.board.row('backend', 0), BackendColumn.isUp), 0);
	t.is(table.board.get(table.board.row('backend', 0), BackendColumn.downs), 1);
});

test('the board shows failures, falls and the time down, also of the backend', t => {
	const {states, table, sleep} = makeStates();
	const {board} = table;
	const server = (column: number) => board.get(board.row('server', 0), column);
	const backend = (column: number) => board.get(board.row('backend', 0), column);
	states.record(1, failed);
	states.record(0, failed);
	states.record(0, failed);
	t.is(board.text(0, ServerText.checkInfo), '');
	t.is(server(ServerColumn.failures), 1);
	t.is(server(ServerColumn.downs), 1);
	t.is(backend(BackendColumn.downs), 1);
	sleep(4000);
	states.record(0, {...passed, info: 'OK'});
	states.record(0, passed);
	t.is(server(ServerColumn.downtimeMs), 4000);
	t.is(backend(BackendColumn.downtimeMs), 4000);
	t.is(backend(BackendColumn.isUp), 1);
	states.clearCounters();
	t.deepEqual([server(ServerColumn.failures), server(ServerColumn.downs), backend(BackendColumn.downs)], [0, 0, 0]);
});

test('health can be set by hand, and the checks go on from there', t => {
	const {states, table, kinds} = makeStates();
	const server = states.find('out', 'a')!;
	t.true(states.setHealth(server, 'nolb'));
	t.is(table.serverState(0), ServerState.drain);
	t.is(states.statusOf(server), 'NOLB');
	t.true(states.setHealth(server, 'down'));
	t.false(states.setHealth(server, 'down'));
	states.record(0, passed);
	t.is(states.statusOf(server), 'DOWN 1/2');
	t.true(states.setHealth(server, 'up'));
	t.is(states.statusOf(server), 'UP');
	t.deepEqual(kinds(), ['nolb', 'down', 'up']);
});

test('a moved server is somewhere else for everybody', t => {
	const {states, table} = makeStates();
	const {board} = table;
	states.setAddress(states.find('out', 'a')!, '127.0.0.9', 90);
	t.deepEqual(states.find('out', 'a')!.server.address, {kind: 'ip', host: '127.0.0.9', port: 90});
	t.is(board.text(0, ServerText.host), '127.0.0.9');
	t.is(board.get(board.row('server', 0), ServerColumn.port), 90);
	t.is(board.get(board.row('server', 0), ServerColumn.moves), 1);
});

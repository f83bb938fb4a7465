import test from 'ava';
import type {CheckResult} from '../../src/health/check-result.ts';
import {type ServerEvent, ServerStates} from '../../src/health/server-states.ts';
import {ServerState, SharedTable} from '../../src/shared-table.ts';
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

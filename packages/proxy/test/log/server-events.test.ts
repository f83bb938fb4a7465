/** The lines of server events, beside what HAProxy 2.6 wrote in the same story. */
import type {Configuration} from '@hapair/config';
import test from 'ava';
import type {CheckResult} from '../../src/health/check-result.ts';
import {ServerStates} from '../../src/health/server-states.ts';
import {logServerEvent} from '../../src/log/server-events.ts';
import {SharedTable} from '../../src/shared-table.ts';
import {makeBackend, makeConfiguration, makeServer} from '../helpers/configuration.ts';

const check = {interMs: 2000, rise: 2, fall: 3};

/** Backend root with server s; backend follow with t that tracks it, u (backup) that tracks t, and plain. */
function story(over: {logHealthChecks?: boolean; redispatch?: boolean} = {}, configuration?: Configuration) {
	const whole =
		configuration ??
		makeConfiguration(
			[],
			[
				makeBackend([makeServer(1, {name: 's', index: 0, check})], {name: 'root', ...over}),
				makeBackend(
					[
						makeServer(1, {name: 't', index: 1, tracks: 0}),
						makeServer(1, {name: 'u', index: 2, tracks: 1, backup: true}),
						makeServer(1, {name: 'plain', index: 3}),
					],
					{name: 'follow'},
				),
			],
		);
	const table = SharedTable.create(whole, 1);
	const lines: string[] = [];
	const sender = {send: (_targets: unknown, severity: number, text: string) => void lines.push(`${severity} ${text}`)};
	const states = new ServerStates({
		configuration: whole,
		table,
		onEvent: event => logServerEvent(sender, table, event),
	});
	const take = () => lines.splice(0);
	return {states, table, take, record: (result: CheckResult) => states.record(0, result)};
}

const bad: CheckResult = {outcome: 'failed', status: 'L7STS', code: 500, info: 'X', durationMs: 0};
const good: CheckResult = {outcome: 'passed', status: 'L7OK', code: 200, durationMs: 2};
const gone: CheckResult = {outcome: 'closing', status: 'L7OKC', code: 404, durationMs: 0};

test('a server goes down and comes back, and those that track it', t => {
	const {record, take} = story();
	record(bad);
	t.deepEqual(take(), [
		'1 Server root/s is DOWN, reason: Layer7 wrong status, code: 500, info: "X", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
		'0 backend root has no server available!',
		'1 Server follow/t is DOWN via root/s. 1 active and 1 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
		'1 Backup Server follow/u is DOWN via follow/t. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
	]);
	record(good);
	t.deepEqual(take(), []);
	record(good);
	t.deepEqual(take(), [
		'5 Server root/s is UP, reason: Layer7 check passed, code: 200, check duration: 2ms. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
		'5 Server follow/t is UP via root/s. 2 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
		'5 Backup Server follow/u is UP via follow/t. 2 active and 1 backup servers online. 0 sessions requeued, 0 total in queue.',
	]);
});

test('404 stops a server, an error then takes it down quietly', t => {
	const {record, take} = story();
	record(good);
	record(gone);
	t.deepEqual(take(), [
		'5 Server root/s is stopping, reason: Layer7 check conditionally passed, code: 404, check duration: 0ms. 0 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
		'0 backend root has no server available!',
		'5 Server follow/t is stopping via root/s. 1 active and 1 backup servers online. 0 sessions requeued, 0 total in queue.',
		'5 Backup Server follow/u is stopping via follow/t. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
	]);
	for (let i = 0; i < 3; i++) record(bad);
	t.is(
		take()[0],
		'5 Server root/s is DOWN, reason: Layer7 wrong status, code: 500, info: "X", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
	);
	record(gone);
	t.deepEqual(take(), []);
});

test('maintenance and drain hold for those that track', t => {
	const {states, take} = story();
	const root = states.find('root', 's')!;
	states.setAdmin(root, 'maint');
	t.deepEqual(take(), [
		'1 Server root/s is going DOWN for maintenance. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
		'0 backend root has no server available!',
		'1 Server follow/t is going DOWN for maintenance via root/s. 1 active and 1 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
		'1 Backup Server follow/u is going DOWN for maintenance via follow/t. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
	]);
	t.is(states.statusOf(states.find('follow', 't')!), 'MAINT');
	states.setAdmin(root, 'ready');
	t.deepEqual(take(), [
		'5 Server root/s is UP/READY (leaving forced maintenance).',
		'5 Server follow/t is UP/READY (leaving maintenance).',
		'5 Backup Server follow/u is UP/READY (leaving maintenance).',
	]);
	states.setAdmin(root, 'drain');
	t.is(
		take()[0],
		'5 Server root/s enters drain state. 0 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
	);
	states.setAdmin(root, 'ready');
	t.is(take()[0], '5 Server root/s is UP (leaving forced drain).');
	const plain = states.find('follow', 'plain')!;
	states.setAdmin(plain, 'maint');
	states.setAdmin(plain, 'drain');
	t.is(take()[1], '5 Server follow/plain is UP/DRAIN (leaving forced maintenance).');
});

test('a server that is down enters maintenance without an alert', t => {
	const {states, record, take} = story();
	record(bad);
	take();
	states.setAdmin(states.find('root', 's')!, 'maint');
	t.deepEqual(take(), [
		'5 Server root/s was DOWN and now enters maintenance.',
		'5 Server follow/t was DOWN and now enters maintenance via root/s.',
		'5 Backup Server follow/u was DOWN and now enters maintenance via follow/t.',
	]);
});

test('a backend left with backups says so', t => {
	const {states, take} = story();
	states.setAdmin(states.find('follow', 'plain')!, 'maint');
	states.setAdmin(states.find('follow', 't')!, 'maint');
	t.is(
		take()[1],
		'1 Server follow/t is going DOWN for maintenance. 0 active and 1 backup servers left. Running on backup. 0 sessions active, 0 requeued, 0 remaining in queue.',
	);
});

test('with log-health-checks each check that moves something has its line, and the change no reason', t => {
	const {record, take} = story({logHealthChecks: true});
	record(good);
	t.deepEqual(take(), [
		'5 Health check for server root/s succeeded, reason: Layer7 check passed, code: 200, check duration: 2ms, status: 3/3 UP.',
	]);
	record(good);
	t.deepEqual(take(), []);
	record(bad);
	t.deepEqual(take(), [
		'5 Health check for server root/s failed, reason: Layer7 wrong status, code: 500, info: "X", check duration: 0ms, status: 2/3 UP.',
	]);
	record(gone);
	t.is(
		take()[0],
		'5 Health check for server root/s conditionally succeeded, reason: Layer7 check conditionally passed, code: 404, check duration: 0ms, status: 3/3 UP.',
	);
	for (let i = 0; i < 3; i++) record(bad);
	const lines = take();
	t.is(
		lines[2],
		'5 Health check for server root/s failed, reason: Layer7 wrong status, code: 500, info: "X", check duration: 0ms, status: 0/2 DOWN.',
	);
	t.is(
		lines[3],
		'5 Server root/s is DOWN. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
	);
});

test('what a server says cannot forge a line', t => {
	const {record, take} = story();
	record({outcome: 'failed', status: 'L7RSP', info: 'a"\r\n<0>b\x1b[31m', durationMs: 1});
	t.true(take()[0]!.includes(', info: "a\'..<0>b.[31m", check duration: 1ms.'));
});

test('requests that looked for a server by name are counted when it goes down, if they may go elsewhere', t => {
	for (const [redispatch, text] of [
		[true, '2 requeued, 0 remaining'],
		[false, '0 requeued, 2 remaining'],
	] as const) {
		const {record, table, take} = story({redispatch});
		table.addServerQueued(0, 1);
		table.addServerQueued(0, 1);
		record(bad);
		t.true(take()[0]!.includes(text));
	}
});

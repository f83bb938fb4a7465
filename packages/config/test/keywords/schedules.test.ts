import test from 'ava';
import {configurationOf} from '../helpers/parse.ts';
import {pairOf, pairRemarks} from '../helpers/sections.ts';

const position = {file: 'test.cfg', line: 6, column: 2};

test('a drill says when, and all its options in any order', t => {
	const defaults = {settleMs: 600_000, returns: false, probePath: '/', position};
	t.deepEqual(pairOf('drill "0 4 * * 0"').drill, {cron: '0 4 * * 0', ...defaults});
	t.deepEqual(pairOf('drill "0  4 * * SUN" return yes probe /healthz settle 1m timezone Europe/Oslo').drill, {
		cron: '0 4 * * sun',
		timezone: 'Europe/Oslo',
		settleMs: 60_000,
		returns: true,
		probePath: '/healthz',
		position,
	});
});

test('windows: a node in maintenance, and the times at which preference may move the address', t => {
	const lines = ['maintenance window "30 2 * * 2" for 1h node lb2', 'failover window "0 2 * * *" for 2h timezone UTC'];
	const {maintenanceWindows, failoverWindows} = pairOf(...lines, 'preempt on');
	t.deepEqual(maintenanceWindows, [{cron: '30 2 * * 2', forMs: 3_600_000, node: 'lb2', position}]);
	const second = {...position, line: 7};
	t.deepEqual(failoverWindows, [{cron: '0 2 * * *', forMs: 7_200_000, timezone: 'UTC', position: second}]);
});

test('in a file of 1.4 syntax, which knows no quotes, the five fields are five words', t => {
	const text = [
		'listen web',
		'bind *:80',
		'reqadd X-Old:\\ yes',
		'pair oslo',
		'node lb1 10.0.0.11 priority 150',
		'node lb2 10.0.0.12',
		'virtual-ip 10.0.0.100/24 dev eth0',
		'secret file /etc/hapair/pair.key',
		'drill "0 4 * * 0" return yes',
	];
	const {syntax, pair} = configurationOf(text.join('\n'));
	t.is(syntax, '1.4');
	t.is(pair?.drill?.cron, '0 4 * * 0');
	t.true(pair?.drill?.returns);
});

test('what is no schedule is refused with its place and what would be one', t => {
	const form = '"MINUTE HOUR DAY MONTH WEEKDAY", such as "0 4 * * 0": Sundays at four';
	for (const [line, remark] of [
		['drill', 'error 6:2 the schedule is missing at the end of this line'],
		['drill "0 4 * *"', `error 6:9 a schedule has five fields, and this one has 4 (${form})`],
		['drill "0 24 * * 0"', "error 6:11 '24' cannot be the hour (hour: 0 to 23; also *, 1,3, 1-5, */2)"],
		['drill "0 4 * jab *"', "error 6:15 'jab' cannot be the month"],
		['drill "5/2 4 * * *"', "error 6:9 '5/2' cannot be the minute"],
		['drill "*/0 4 * * *"', "error 6:9 '*/0' cannot be the minute"],
		['drill "9-3 4 * * *"', "error 6:9 '9-3' cannot be the minute"],
		['drill "0 4 1 * 1"', 'error 6:9 day of month and day of week together mean'],
		['drill "0 4 31 2,4 *"', 'error 6:9 this day is in none of these months'],
		['drill "0 4 * * 0" timezone Europe/Olso', "error 6:29 'Europe/Olso' is not a time zone (did you mean"],
		['drill "0 4 * * 0" retrun yes', "error 6:20 'retrun' is not an option of this line (did you mean"],
		['drill "0 4 * * 0" probe healthz', "error 6:26 'healthz' is not a path of a request"],
		['drill "0 4 * * 0" settle 2d', 'error 6:27 settle: 2d is out of range (from 0ms to 1d)'],
		['maintenance window "0 2 * * 2" for 1h', 'error 6:37 which node leaves is missing: node NAME'],
		['maintenance window "0 2 * * 2" node lb2', 'error 6:38 how long the window is open is missing: for TIME'],
		['maintenance window "0 2 * * 2" for 1h node lb3', "error 6:45 there is no node 'lb3' to be in maintenance"],
		['failover window "0 2 * * 2" for 10s', 'error 6:34 for: 10s is out of range (from 1m to 1d)'],
		['failover window "0 2 * * 2" for 1h', 'warning 6:2 failover window says nothing here: with preempt off'],
	] as const) {
		t.true(
			pairRemarks(line).some(said => said.startsWith(remark)),
			`${line}: ${pairRemarks(line).join(' | ')}`,
		);
	}
	t.true(
		pairRemarks('drill "0 4 * * 0"', 'drill "0 5 * * 0"').some(said => /7:2 a pair has one drill line/.test(said)),
	);
});

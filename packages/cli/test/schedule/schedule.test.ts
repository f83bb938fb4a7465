import {parseConfiguration} from '@hapair/config';
import test from 'ava';
import {validate} from 'node-cron';
import {type ExitCode, exitCodes} from '../../src/exit-codes.ts';
import {createClock} from '../../src/schedule/clock.ts';
import {findBeginMs} from '../../src/schedule/open-window.ts';
import {Windows} from '../../src/schedule/windows.ts';
import {recordLog} from '../helpers/record-log.ts';
import {samplePair} from '../helpers/samples.ts';
import {setClock} from '../helpers/set-clock.ts';
import {waitFor} from '../helpers/wait-for.ts';

const position = samplePair.position;

test('what the configuration takes for a schedule has times', t => {
	for (const cron of [
		'0 4 * * 0',
		'*/15 8-18 * jan-mar mon-fri',
		'0 4 29 feb *',
		'0 4 * * 7',
		'1,2,50-59/3 0 1 1-12 *',
	]) {
		const text = `pair oslo\nnode a 10.0.0.1\nnode b 10.0.0.2\nvirtual-ip 10.0.0.9/24 dev e0\ndrill "${cron}"\n`;
		const {diagnostics} = parseConfiguration([{name: 'a.cfg', text}], {environment: {}});
		t.deepEqual(
			diagnostics.filter(({severity}) => severity === 'error'),
			[],
			cron,
		);
		t.true(validate(cron), cron);
		t.is(createClock({cron}).next(2).length, 2, cron);
	}
});

test('times are those of the time zone', t => {
	const oslo = createClock({cron: '0 4 * * 0', timezone: 'Europe/Oslo'});
	t.true(oslo.matches(Date.parse('2026-11-29T03:00:00Z')));
	t.true(oslo.matches(Date.parse('2026-07-05T02:00:00Z')), 'in summer');
	t.false(oslo.matches(Date.parse('2026-11-29T04:00:00Z')));
	const utc = createClock({cron: '0 4 * * 0', timezone: 'UTC'});
	t.true(utc.matches(Date.parse('2026-11-29T04:00:00Z')));
});

test('a clock calls at its times, and not after its stop', async t => {
	const clock = createClock({cron: '* * * * * *'});
	let calls = 0;
	clock.start(() => {
		calls += 1;
		clock.stop();
	});
	await waitFor('a call', () => calls > 0);
	t.is(calls, 1);
});

test('since when a window is open', t => {
	const beginMs = Date.parse('2026-11-24T02:30:00Z');
	const begin = (atMs: number) => findBeginMs(timeMs => timeMs === beginMs, 3_600_000, atMs);
	for (const atMs of [beginMs, beginMs + 90_500, beginMs + 3_599_999]) t.is(begin(atMs), beginMs);
	for (const atMs of [beginMs - 1, beginMs + 3_600_000]) t.is(begin(atMs), undefined);
});

test.serial('a clock that is set is read anew: into the minute of a time, before it, and past it', async t => {
	t.teardown(() => setClock(undefined));
	const calls: string[] = [];
	const minute = (): string => new Date().toISOString().slice(0, 16);
	setClock('2026-11-24T02:00:00Z');
	const clock = createClock({cron: '30 2 * * *', timezone: 'UTC'});
	clock.start(() => calls.push(minute()));
	t.teardown(() => clock.stop());
	setClock('2026-11-24T02:30:20Z');
	await waitFor('the minute that has begun', () => calls.length === 1);
	setClock('2026-11-25T02:29:59.500Z');
	await waitFor('the time itself', () => calls.length === 2);
	t.deepEqual(calls, ['2026-11-24T02:30', '2026-11-25T02:30']);
});

test.serial(
	'a clock that is set into a window opens it for the rest, once, and one that is set out of it closes it',
	async t => {
		t.teardown(() => setClock(undefined));
		setClock('2026-11-24T01:00:00Z');
		const night = {cron: '30 2 * * *', timezone: 'UTC', forMs: 3_600_000, position};
		const asked: number[] = [];
		let changes = 0;
		const ports = {
			isInMaintenance: () => false,
			beginMaintenance: async (forMs: number) => {
				asked.push(forMs);
				return {code: exitCodes.ok, message: ''};
			},
			onChange: () => {
				changes += 1;
			},
			log: recordLog().log,
		};
		const pair = {...samplePair, failoverWindows: [night], maintenanceWindows: [{...night, node: 'lb1'}]};
		const windows = new Windows(pair, 'lb1', ports);
		windows.start();
		t.teardown(() => windows.stop());
		t.true(windows.preferenceWaits);
		const step = async (time: string): Promise<void> => {
			const before = changes;
			setClock(time);
			await waitFor('the step to be seen', () => changes > before);
		};
		await step('2026-11-24T03:00:00Z');
		t.false(windows.preferenceWaits);
		await waitFor('maintenance', () => asked.length > 0);
		t.true(asked[0]! > 1_500_000 && asked[0]! <= 1_800_000, `half an hour is left, not ${asked[0]} ms`);
		await step('2026-11-24T02:45:00Z');
		t.is(asked.length, 1, 'what was begun and perhaps ended is not begun again');
		await step('2026-11-24T05:00:00Z');
		t.true(windows.preferenceWaits);
		await step('2026-11-24T03:29:00Z');
		t.false(windows.preferenceWaits);
		await step('2026-11-24T01:00:00Z');
		t.true(windows.preferenceWaits, 'a clock that went back does not leave it open');
	},
);

test('a daemon that starts inside a failover window lets preference have its way, outside of one it waits', t => {
	const {log} = recordLog();
	const ports = {
		isInMaintenance: () => false,
		beginMaintenance: async () => ({code: exitCodes.ok, message: ''}),
		onChange() {},
		log,
	};
	const always = {cron: '* * * * *', forMs: 3_600_000, position};
	const never = {cron: '0 4 29 2 *', forMs: 60_000, position};
	for (const [window, waits] of [
		[always, false],
		[never, true],
	] as const) {
		const windows = new Windows({...samplePair, failoverWindows: [window]}, 'lb1', ports);
		windows.start();
		t.is(windows.preferenceWaits, waits);
		t.is(windows.report()?.failover?.open, !waits);
		windows.adopt({...samplePair, failoverWindows: [window === always ? never : always]});
		t.is(windows.preferenceWaits, !waits, 'a new file is in force at once');
		windows.stop();
	}
	t.false(new Windows(samplePair, 'lb1', ports).preferenceWaits, 'without windows at any time');
	t.is(new Windows(samplePair, 'lb1', ports).report(), undefined);
});

test('a node goes into maintenance at the time of its own window; what is refused is told, what an operator began is left alone', async t => {
	const eachSecond = {cron: '* * * * * *', forMs: 3_600_000, position};
	const tell = (isInMaintenance: boolean, node: string, code: ExitCode = exitCodes.ok) => {
		const {log, lines} = recordLog();
		const asked: number[] = [];
		const ports = {
			isInMaintenance: () => isInMaintenance,
			beginMaintenance: async (forMs: number) => {
				asked.push(forMs);
				return {code, message: 'lb2 is silent'};
			},
			onChange() {},
			log,
		};
		const pair = {...samplePair, maintenanceWindows: [{...eachSecond, node}]};
		return {windows: new Windows(pair, 'lb1', ports), asked, lines};
	};
	const all = [tell(false, 'lb1'), tell(false, 'lb1', exitCodes.refused), tell(true, 'lb1'), tell(false, 'lb2')];
	const [own, refused, already, other] = all;
	for (const {windows} of all) windows.start();
	await waitFor('three times', () => all.slice(0, 3).every(({lines}) => lines.length > 0));
	for (const {windows} of all) windows.stop();
	t.true(own!.asked[0]! > 3_500_000 && own!.asked[0]! <= 3_600_000);
	t.like(refused!.lines[0], {level: 'warn', message: 'a maintenance window has opened: lb2 is silent'});
	t.deepEqual([already!.asked, other!.asked, other!.lines], [[], [], []]);
	t.is(other!.windows.report()?.maintenance[0]?.node, 'lb2', 'it is told all the same');
});

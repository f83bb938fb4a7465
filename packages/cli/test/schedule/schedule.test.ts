import {parseConfiguration} from '@hapair/config';
import test from 'ava';
import {validate} from 'node-cron';
import {type ExitCode, exitCodes} from '../../src/exit-codes.ts';
import {createClock} from '../../src/schedule/clock.ts';
import {findRestMs} from '../../src/schedule/open-window.ts';
import {Windows} from '../../src/schedule/windows.ts';
import {recordLog} from '../helpers/record-log.ts';
import {samplePair} from '../helpers/samples.ts';
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

test('what is left of a window', t => {
	const beginMs = Date.parse('2026-11-24T02:30:00Z');
	const rest = (atMs: number): number => findRestMs(timeMs => timeMs === beginMs, 3_600_000, atMs);
	t.is(rest(beginMs), 3_600_000);
	t.is(rest(beginMs + 90_500), 3_600_000 - 90_500);
	t.is(rest(beginMs + 3_599_999), 1);
	t.is(rest(beginMs + 3_600_000), 0);
	t.is(rest(beginMs - 1), 0);
});

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
	const eachSecond = {cron: '* * * * * *', forMs: 60_000, position};
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
	t.true(own!.asked[0]! > 59_000 && own!.asked[0]! <= 60_000);
	t.like(refused!.lines[0], {level: 'warn', message: 'a maintenance window has opened: lb2 is silent'});
	t.deepEqual([already!.asked, other!.asked, other!.lines], [[], [], []]);
	t.is(other!.windows.report()?.maintenance[0]?.node, 'lb2', 'it is told all the same');
});

import test from 'ava';
import {monitorPeriodically} from '../../../src/daemon/tracks/monitor.ts';
import {waitFor} from '../../helpers/wait-for.ts';

const timing = {everyMs: 1, timeoutMs: 1000, rise: 2, fall: 2};

test('a monitor tells changes of state only, and the last reason while it is not ok', async t => {
	const results = [true, false, false, true, true];
	const told: string[] = [];
	const monitor = monitorPeriodically('track x', timing, async () => {
		const passed = results.shift() ?? true;
		return {passed, reason: passed ? '' : 'it failed'};
	});
	t.deepEqual(monitor.result(), {state: 'unknown', reason: 'track x has not answered yet'});
	monitor.start(() => {
		const {state, reason} = monitor.result();
		told.push(`${state}:${reason}`);
	});
	await waitFor('three changes', () => told.length === 3);
	monitor.stop();
	t.deepEqual(told, ['ok:', 'failed:it failed', 'ok:']);
});

test('one test at a time, however long it takes', async t => {
	let running = 0;
	let most = 0;
	let runs = 0;
	const monitor = monitorPeriodically('track x', timing, async () => {
		running++;
		runs++;
		most = Math.max(most, running);
		await new Promise(resolve => setTimeout(resolve, 5));
		running--;
		return {passed: true, reason: ''};
	});
	monitor.start(() => {});
	await waitFor('five runs', () => runs >= 5);
	monitor.stop();
	t.is(most, 1);
});

test('a stopped monitor aborts the test that runs and starts no other', async t => {
	let aborted = false;
	let told = false;
	const started = Promise.withResolvers<void>();
	const monitor = monitorPeriodically('track x', timing, signal => {
		started.resolve();
		return new Promise(resolve => {
			signal.addEventListener('abort', () => {
				aborted = true;
				resolve({passed: true, reason: ''});
			});
		});
	});
	monitor.start(() => {
		told = true;
	});
	await started.promise;
	monitor.stop();
	await new Promise(resolve => setImmediate(resolve));
	t.true(aborted);
	t.false(told);
});

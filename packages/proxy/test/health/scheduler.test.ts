import {mock} from 'node:test';
import test from 'ava';
import type {CheckResult} from '../../src/health/check-result.ts';
import {CheckScheduler, type SchedulerOptions} from '../../src/health/scheduler.ts';

const passed: CheckResult = {outcome: 'passed', status: 'L4OK', durationMs: 1};

/** A scheduler on a clock that the test turns; checks are noted and answered by the test. */
function makeScheduler(over: Partial<SchedulerOptions> = {}) {
	mock.timers.reset();
	mock.timers.enable({apis: ['setTimeout']});
	let nowMs = 0;
	const started: string[] = [];
	const pending = new Map<number, (result: CheckResult) => void>();
	const cancelled: number[] = [];
	const scheduler = new CheckScheduler({
		servers: [
			{key: 1, interMs: 2000},
			{key: 2, interMs: 2000},
		],
		spreadPercent: 0,
		run(key, done) {
			started.push(`${key}@${nowMs}`);
			pending.set(key, done);
			return {cancel: () => cancelled.push(key)};
		},
		onResult: () => 2000,
		nowMs: () => nowMs,
		random: () => 0.5,
		...over,
	});
	const advance = (ms: number) => {
		for (let step = 0; step < ms; step++) {
			nowMs++;
			mock.timers.tick(1);
		}
	};
	scheduler.start();
	return {scheduler, started, pending, cancelled, advance};
}

test.serial('first checks are spread over the shortest interval', t => {
	const {started, advance} = makeScheduler();
	advance(2000);
	t.deepEqual(started, ['1@1', '2@1000']);
});

test.serial('the interval counts from the end of a check, and one server has one check at a time', t => {
	const {started, pending, advance} = makeScheduler({servers: [{key: 1, interMs: 2000}]});
	advance(5000);
	t.deepEqual(started, ['1@1']);
	pending.get(1)?.(passed);
	advance(2000);
	t.deepEqual(started, ['1@1', '1@7000']);
});

test.serial('spread-checks moves a check by its percentage either way', t => {
	const late = makeScheduler({servers: [{key: 1, interMs: 2000}], spreadPercent: 50, random: () => 1});
	late.advance(1);
	late.pending.get(1)?.(passed);
	late.advance(3000);
	t.deepEqual(late.started, ['1@1', '1@3001']);
	const early = makeScheduler({servers: [{key: 1, interMs: 2000}], spreadPercent: 50, random: () => 0});
	early.advance(1);
	early.pending.get(1)?.(passed);
	early.advance(1000);
	t.deepEqual(early.started, ['1@1', '1@1001']);
});

test.serial('a paused server is not checked, its running check is cut off, and resuming checks at once', t => {
	const {scheduler, started, pending, cancelled, advance} = makeScheduler({servers: [{key: 1, interMs: 2000}]});
	advance(1);
	scheduler.pause(1);
	t.deepEqual(cancelled, [1]);
	pending.get(1)?.(passed);
	advance(10_000);
	t.deepEqual(started, ['1@1']);
	scheduler.resume(1);
	advance(1);
	t.deepEqual(started, ['1@1', '1@10002']);
});

test.serial('nothing runs after stop', t => {
	const {scheduler, started, pending, advance} = makeScheduler();
	advance(1);
	scheduler.stop();
	pending.get(1)?.(passed);
	advance(10_000);
	t.deepEqual(started, ['1@1']);
	mock.timers.reset();
});

/**
 * Times of a schedule on this machine's clock: node-cron behind a few functions.
 *
 * Decides that what was missed, while the machine slept or the daemon was down, is not made up, and that a minute which has begun is not
 * missed: a clock that is set (`clock-steps.ts`) is read anew. Leaves what happens at a time to its caller.
 */
import type {Schedule} from '@hapair/config';
import {createTask, type ScheduledTask} from 'node-cron';
import {watchClockSteps} from './clock-steps.ts';
import {beginOfMinute} from './open-window.ts';

export interface Clock {
	/** Calls at each time of the schedule from now on, until `stop`. */
	start(onTime: () => void): void;
	stop(): void;
	/** Is the minute of this wall-clock time one of the schedule's? ms since 1970. */
	matches(timeMs: number): boolean;
	/** The times to come, the soonest first. */
	next(count: number): Date[];
}

const silent = {info: () => {}, warn: () => {}, error: () => {}, debug: () => {}};
/** A busy process is late by less, and a minute that has begun is still the schedule's. */
const LATE_MS = 50_000;

/** In the schedule's time zone, or this machine's. */
export function createClock({cron, timezone}: Pick<Schedule, 'cron' | 'timezone'>): Clock {
	let onTime = (): void => {};
	let calledMinuteMs = 0;
	let endSteps = (): void => {};
	const call = (): void => {
		calledMinuteMs = beginOfMinute(Date.now());
		onTime();
	};
	const task: ScheduledTask = createTask(cron, call, {
		...(timezone === undefined ? {} : {timezone}),
		logger: silent,
		suppressMissedWarning: true,
		missedExecutionTolerance: LATE_MS,
		unref: true,
	});
	const matches = (timeMs: number): boolean => task.match(new Date(timeMs));
	// It reckons once how long it has to wait, and a clock that is set meanwhile makes that wrong.
	const reckonAnew = (): void => {
		void task.stop();
		void task.start();
		const minuteMs = beginOfMinute(Date.now());
		if (matches(minuteMs) && minuteMs !== calledMinuteMs) call();
	};
	return {
		start: begin => {
			onTime = begin;
			void task.start();
			endSteps = watchClockSteps(reckonAnew);
		},
		stop: () => {
			endSteps();
			void task.destroy();
		},
		matches,
		next: count => task.getNextRuns(count),
	};
}

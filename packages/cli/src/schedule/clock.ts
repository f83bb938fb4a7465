/**
 * Times of a schedule on this machine's clock: node-cron behind two functions.
 *
 * Decides that what was missed, while the machine slept or the daemon was down, is not made up. Leaves what happens at a time to its caller.
 */
import type {Schedule} from '@hapair/config';
import {createTask, type ScheduledTask} from 'node-cron';

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

/** In the schedule's time zone, or this machine's. */
export function createClock({cron, timezone}: Pick<Schedule, 'cron' | 'timezone'>): Clock {
	let onTime = (): void => {};
	const task: ScheduledTask = createTask(cron, () => onTime(), {
		...(timezone === undefined ? {} : {timezone}),
		logger: silent,
		suppressMissedWarning: true,
		unref: true,
	});
	return {
		start: call => {
			onTime = call;
			void task.start();
		},
		stop: () => void task.destroy(),
		matches: timeMs => task.match(new Date(timeMs)),
		next: count => task.getNextRuns(count),
	};
}

/**
 * Runs schedules by seed. The one entry for the tests and for `npm run simulate`.
 */
import {Violation} from './checker.ts';
import {productRules, type Rules} from './rules.ts';
import {drawSchedule} from './schedule.ts';
import {tellStory} from './stories.ts';
import {World} from './world.ts';

export interface Failure {
	readonly seed: number;
	readonly kind: 'safety' | 'liveness' | 'crash';
	readonly message: string;
}

/** Plays one schedule; with `intervals`, the story of that number. `counts` collects what was seen, `log` every effect in words. */
export function runSeed(
	seed: number,
	options: {rules?: Rules; counts?: Map<string, number>; log?: string[]; intervals?: number | undefined} = {},
): Failure | undefined {
	const {intervals, rules = productRules} = options;
	const schedule = intervals === undefined ? drawSchedule(seed) : tellStory(seed, intervals);
	const world = new World(schedule, rules, options);
	try {
		world.run();
		return undefined;
	} catch (error) {
		if (error instanceof Violation) return {seed, kind: error.kind, message: error.message};
		return {seed, kind: 'crash', message: error instanceof Error ? (error.stack ?? error.message) : String(error)};
	}
}

/** The command that plays a seed again, with every step. */
export function replayCommand(seed: number, intervals?: number): string {
	const which = intervals === undefined ? '' : `--exhaustive ${intervals} `;
	return `npm run simulate -- ${which}--replay ${seed} --verbose`;
}

/**
 * What `npm run simulate` can be asked, and what its exit code says.
 */
import {availableParallelism} from 'node:os';
import {parseArgs} from 'node:util';
import {countStories} from '../../packages/heartbeat/test/simulation/stories.ts';

export const help = `Usage: npm run simulate -- [--schedules N] [--seed-base N] [--jobs N] [--verbose]
       npm run simulate -- --exhaustive INTERVALS [--jobs N]
       npm run simulate -- [--exhaustive INTERVALS] --replay SEED [--verbose]

Plays the election of two nodes against schedules of trouble (loss, delay, duplicates, replays, cuts, pauses, frozen
machines, kills, power cuts, failed takeovers, operators) in virtual time, and judges each step.

  --schedules N   how many schedules, 1 to 1000000000 (100000)
  --seed-base N   the first seed (1); schedule number i has seed base + i
  --exhaustive N  instead, every story of a small model: what can happen in one interval (cuts, pauses, a kill, an unfit
                  node, eight in all, twelve with a witness), in every order, for N intervals, 1 to 7
  --jobs N        threads, 1 to 256 (one for each core)
  --replay SEED   plays this one schedule
  --verbose       with --replay every effect in words, else each failure as it happens

Exit codes: 0 nothing was violated, 1 safety was violated (two nodes answered, a rule of terms was broken), 2 liveness was
violated (no master, the wrong one, no answer), 3 the election or the simulation crashed, 64 wrong usage, 130 interrupted.

Example: npm run simulate -- --schedules 1000000 --seed-base 5000000
`;

export interface SimulateOptions {
	readonly schedules: number;
	readonly seedBase: number;
	readonly jobs: number;
	/** Every story of so many intervals. */
	readonly intervals: number | undefined;
	readonly replay: number | undefined;
	readonly verbose: boolean;
}

/** Seeds are 32-bit numbers: beyond that they would repeat. */
const seedLimit = 2 ** 32 - 1;

export function readOptions(
	argv: readonly string[],
): SimulateOptions | {readonly help: true} | {readonly complaint: string} {
	try {
		const {values} = parseArgs({
			args: [...argv],
			options: {
				schedules: {type: 'string', default: '100000'},
				'seed-base': {type: 'string', default: '1'},
				jobs: {type: 'string', default: String(availableParallelism())},
				exhaustive: {type: 'string'},
				replay: {type: 'string'},
				verbose: {type: 'boolean', default: false},
				help: {type: 'boolean', short: 'h', default: false},
			},
		});
		if (values.help) return {help: true};
		const intervals = values.exhaustive === undefined ? undefined : readWhole('--exhaustive', values.exhaustive, 1, 7);
		return {
			intervals,
			schedules:
				intervals === undefined
					? readWhole('--schedules', values.schedules, 1, 1_000_000_000)
					: countStories(intervals),
			seedBase: intervals === undefined ? readWhole('--seed-base', values['seed-base'], 0, seedLimit) : 0,
			jobs: readWhole('--jobs', values.jobs, 1, 256),
			replay: values.replay === undefined ? undefined : readWhole('--replay', values.replay, 0, seedLimit),
			verbose: values.verbose,
		};
	} catch (error) {
		return {complaint: error instanceof Error ? error.message : String(error)};
	}
}

function readWhole(name: string, text: string, lowest: number, highest: number): number {
	const value = Number(text);
	if (!/^\d+$/.test(text) || value < lowest || value > highest) {
		throw new Error(`${name} takes a whole number from ${lowest} to ${highest}, not "${text}"`);
	}
	return value;
}

/** The gravest failure decides. */
export function exitCodeOf(failures: readonly {readonly kind: 'safety' | 'liveness' | 'crash'}[]): 0 | 1 | 2 | 3 {
	const kinds = new Set(failures.map(({kind}) => kind));
	if (kinds.has('safety')) return 1;
	if (kinds.has('crash')) return 3;
	return kinds.has('liveness') ? 2 : 0;
}

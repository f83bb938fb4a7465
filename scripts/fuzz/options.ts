/**
 * What `npm run fuzz` can be asked, and what its exit code says. Pure.
 */
import {parseArgs} from 'node:util';
import {findTarget, targets} from './targets.ts';

export const help = `Usage: npm run fuzz -- [--minutes N] [--seed S] [--only NAME]
       npm run fuzz -- --only NAME --replay SEED

Gives broken and odd inputs to everything that reads bytes of strangers, and checks that it neither throws nor hangs, that results
do not depend on how the bytes arrive, and that what is passed on is read the same way again.

  --minutes N    how long, 0.01 to 10000 (1), shared by the targets
  --seed S       the first seed (by default another one each time)
  --only NAME    one target: ${targets.map(({name}) => name).join(', ')}
  --replay SEED  this one input again, made as small as it gets

Exit codes: 0 nothing was found, 1 an input was treated wrongly, 64 wrong usage, 130 interrupted.

Example: npm run fuzz -- --minutes 10 --only chunks
`;

export interface FuzzOptions {
	readonly minutes: number;
	readonly seed: number | undefined;
	readonly only: string | undefined;
	readonly replay: number | undefined;
}

/** Seeds are 32-bit numbers: beyond that they would repeat. */
export const seedLimit: number = 2 ** 32 - 1;

export function readOptions(
	argv: readonly string[],
): FuzzOptions | {readonly help: true} | {readonly complaint: string} {
	try {
		const {values} = parseArgs({
			args: [...argv],
			options: {
				minutes: {type: 'string', default: '1'},
				seed: {type: 'string'},
				only: {type: 'string'},
				replay: {type: 'string'},
				help: {type: 'boolean', short: 'h', default: false},
			},
		});
		if (values.help) return {help: true};
		const {only, seed, replay} = values;
		if (only !== undefined && findTarget(only) === undefined) throw new Error(`--only: there is no target "${only}"`);
		if (replay !== undefined && only === undefined)
			throw new Error('--replay needs --only: a seed belongs to a target');
		return {
			minutes: readNumber('--minutes', values.minutes, 0.01, 10_000),
			seed: seed === undefined ? undefined : readWhole('--seed', seed),
			only,
			replay: replay === undefined ? undefined : readWhole('--replay', replay),
		};
	} catch (error) {
		return {complaint: error instanceof Error ? error.message : String(error)};
	}
}

function readNumber(name: string, text: string, lowest: number, highest: number): number {
	const value = Number(text);
	if (text.trim() === '' || !(value >= lowest && value <= highest)) {
		throw new Error(`${name} takes a number from ${lowest} to ${highest}, not "${text}"`);
	}
	return value;
}

function readWhole(name: string, text: string): number {
	if (!/^\d+$/.test(text)) throw new Error(`${name} takes a whole number, not "${text}"`);
	return readNumber(name, text, 0, seedLimit);
}

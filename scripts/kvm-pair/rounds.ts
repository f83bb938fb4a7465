/**
 * One figure of several rounds.
 *
 * Decides what stands for them: the outage in the middle, everything that went wrong in any of them, and a note with all outages. Pure.
 */
import type {Measured} from './measure.ts';
import type {Seen} from './seen.ts';

/** @param rounds of one event and program, at least one. One without figures stands for all: it is what has to be looked at. */
export function joinRounds(rounds: readonly Measured[]): Measured {
	const [first] = rounds;
	if (first === undefined) throw new Error('no rounds');
	const failed = rounds.find(({seen}) => seen === undefined);
	if (rounds.length === 1 || failed !== undefined) return failed ?? first;
	const seen = rounds.flatMap(round => round.seen ?? []).sort((a, b) => a.gapMs - b.gapMs);
	const middle = seen[Math.floor((seen.length - 1) / 2)] as Seen;
	const sum = (of: (one: Seen) => number) => seen.reduce((total, one) => total + of(one), 0);
	const lasts = seen.flatMap(({lastDoubleMs}) => lastDoubleMs ?? []);
	const outages = `outage of ${seen.length} rounds: ${seen.map(({gapMs}) => gapMs).join(', ')} ms`;
	return {
		...first,
		seen: {
			gapMs: middle.gapMs,
			requests: sum(({requests}) => requests),
			failed: sum(one => one.failed),
			errors: seen.flatMap(({errors}) => errors),
			doubleMs: Math.max(...seen.map(({doubleMs}) => doubleMs)),
			lastDoubleMs: lasts.length === 0 ? undefined : Math.max(...lasts),
			moves: Math.max(...seen.map(({moves}) => moves)),
		},
		note: [first.note, outages].filter(Boolean).join('; '),
	};
}

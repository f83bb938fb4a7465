/**
 * How long the address did not answer, from one node's looks at it. Pure.
 *
 * One node alone, with one clock, sees both ends of a move: while it has the address its looks stay inside the machine and say nothing of what
 * clients see, but it knows the moment from which it let nobody in; afterwards its looks cross the network like a client's. On the way
 * back it is the other way round. Decides how the two halves join.
 */

/** One look: a connection, and a request where the frontend speaks HTTP. Times of one clock, ms. */
export interface Look {
	readonly startedMs: number;
	/** Absent: no answer (yet). */
	readonly answeredMs?: number;
	/** Of HTTP. */
	readonly status?: number;
	/** The answer came from this node itself, not over the network. */
	readonly here?: boolean;
	/** Why there was none. */
	readonly error?: string;
}

/** A server's own failure is no service; a refusal (401, 404) is an answer like any other. */
export function isGood({answeredMs, status}: Look): boolean {
	return answeredMs !== undefined && (status === undefined || status < 500);
}

/**
 * The address goes: the longest time without a good answer, from the moment the door was shut here, over what came back across the
 * network. Nothing before the first such answer.
 */
export function measureLeaving(looks: readonly Look[], shutMs: number): number | undefined {
	const answers = timesOf(looks, false).filter(answeredMs => answeredMs >= shutMs);
	return answers.length === 0 ? undefined : longestPause([shutMs, ...answers]);
}

/**
 * The address comes: from the last answer across the network to the first one here, with all pauses on both sides of it, since `askedMs`.
 * How fast the neighbours learn of it is not in this figure: nobody sees that from here. Nothing before there is an answer here.
 */
export function measureReturning(looks: readonly Look[], askedMs: number): number | undefined {
	const across = timesOf(looks, false);
	const here = timesOf(looks, true).filter(answeredMs => answeredMs >= askedMs);
	if (here.length === 0) return undefined;
	const before = across.findLast(answeredMs => answeredMs < askedMs) ?? askedMs;
	const meanwhile = across.filter(answeredMs => answeredMs >= askedMs && answeredMs < here[0]!);
	return longestPause([before, ...meanwhile, ...here]);
}

function timesOf(looks: readonly Look[], here: boolean): number[] {
	const good = looks.filter(look => isGood(look) && look.here === here);
	return good.map(({answeredMs}) => answeredMs!).sort((a, b) => a - b);
}

function longestPause(timesMs: readonly number[]): number {
	const pauses = timesMs.slice(1).map((timeMs, index) => timeMs - timesMs[index]!);
	return Math.round(Math.max(0, ...pauses));
}

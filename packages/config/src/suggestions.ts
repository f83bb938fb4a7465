/**
 * "Did you mean …": the known word nearest to a mistyped one.
 *
 * Decides how near is near enough. Leaves the list of words to the caller.
 */

/** Longer words are not compared: they are no typing mistakes. */
const LONGEST_WORD = 40;
/** Candidates that are looked at: a hint is worth milliseconds, not more. */
const MOST_CANDIDATES = 2000;
/** Pairs of letters that are compared for one hint, over all candidates. */
const MOST_COMPARISONS = 100_000;

/**
 * The candidate with the fewest edits (insert, delete, replace, swap of neighbours); the first of equals. Undefined when
 * more than a third of the word would have to change.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
	if (word.length === 0 || word.length > LONGEST_WORD) return undefined;
	const distanceTo = distancesFrom(word.toLowerCase());
	let best: string | undefined;
	let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
	let candidatesLeft = MOST_CANDIDATES;
	let comparisonsLeft = MOST_COMPARISONS;
	for (const candidate of candidates) {
		candidatesLeft -= 1;
		if (candidatesLeft < 0 || comparisonsLeft < 0) break;
		if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
		comparisonsLeft -= word.length * candidate.length;
		const distance = distanceTo(candidate.toLowerCase(), bestDistance - 1);
		if (distance < bestDistance) {
			best = candidate;
			bestDistance = distance;
		}
	}
	return best;
}

/** Ready for a hint, or undefined. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
	const near = suggest(word, candidates);
	return near === undefined ? undefined : `did you mean '${near}'?`;
}

/**
 * Distances from one word to many, by optimal string alignment. Above `limit` any number above it is returned, as early as it is known: thousands of
 * candidates are looked at for one hint, so that neither rows nor hopeless words may cost much.
 */
export function distancesFrom(word: string): (candidate: string, limit: number) => number {
	const codes = Array.from({length: word.length}, (_, index) => word.charCodeAt(index));
	let before = new Uint16Array(codes.length + 1);
	let previous = new Uint16Array(codes.length + 1);
	let current = new Uint16Array(codes.length + 1);
	return (candidate, limit) => {
		for (let j = 0; j <= codes.length; j += 1) previous[j] = j;
		for (let i = 1; i <= candidate.length; i += 1) {
			const code = candidate.charCodeAt(i - 1);
			const codeBefore = i > 1 ? candidate.charCodeAt(i - 2) : -1;
			let least = i;
			current[0] = i;
			for (let j = 1; j <= codes.length; j += 1) {
				let cost = previous[j - 1]! + (codes[j - 1] === code ? 0 : 1);
				cost = Math.min(cost, previous[j]! + 1, current[j - 1]! + 1);
				if (j > 1 && codes[j - 2] === code && codes[j - 1] === codeBefore) cost = Math.min(cost, before[j - 2]! + 1);
				current[j] = cost;
				least = Math.min(least, cost);
			}
			// A swap reaches back over one row, and costs one.
			if (least > limit + 1) return least;
			[before, previous, current] = [previous, current, before];
		}
		return previous[codes.length]!;
	};
}

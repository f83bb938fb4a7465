/**
 * "Did you mean …": the known word nearest to a mistyped one.
 *
 * Decides how near is near enough. Leaves the list of words to the caller.
 */

/** Longer words are not compared: they are no typing mistakes. */
const LONGEST_WORD = 40;
/** Candidates that are looked at: a hint is worth milliseconds, not more. */
const MOST_CANDIDATES = 2000;

/**
 * The candidate with the fewest edits (insert, delete, replace, swap of neighbours); the first of equals. Undefined when
 * more than a third of the word would have to change.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
	if (word.length === 0 || word.length > LONGEST_WORD) return undefined;
	const lower = word.toLowerCase();
	let best: string | undefined;
	let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
	let left = MOST_CANDIDATES;
	for (const candidate of candidates) {
		left -= 1;
		if (left < 0) break;
		if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
		const distance = editDistance(lower, candidate.toLowerCase());
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

/** Optimal string alignment distance. */
export function editDistance(a: string, b: string): number {
	let before: number[] = [];
	let previous = Array.from({length: b.length + 1}, (_, index) => index);
	for (let i = 1; i <= a.length; i += 1) {
		const current = [i];
		for (let j = 1; j <= b.length; j += 1) {
			const same = a[i - 1] === b[j - 1];
			let cost = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
			current.push(cost);
		}
		before = previous;
		previous = current;
	}
	return previous[b.length]!;
}

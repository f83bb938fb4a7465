/**
 * Which of two versions is the older one (semver.org §11). Pure.
 *
 * Decides that what is no version is older than what is one. Build metadata does not count.
 */
export function isOlder(one: string, other: string): boolean {
	return compare(one, other) < 0;
}

function compare(one: string, other: string): number {
	const [left, right] = [parse(one), parse(other)];
	for (const [index, part] of left.numbers.entries()) {
		const difference = part - (right.numbers[index] ?? 0);
		if (difference !== 0) return difference;
	}
	if (left.label === right.label) return 0;
	// A release comes after its own candidates.
	if (left.label === '') return 1;
	if (right.label === '') return -1;
	return left.label.localeCompare(right.label, 'en', {numeric: true});
}

function parse(text: string): {readonly numbers: readonly number[]; readonly label: string} {
	const [, major, minor, patch, label = ''] =
		/^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-~]([^+]*))?(?:\+.*)?$/.exec(text) ?? [];
	return {numbers: [major, minor, patch].map(part => (part === undefined ? -1 : Number(part))), label};
}

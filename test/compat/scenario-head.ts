/**
 * Reads what the head of a scenario says: its title, which rows of the keyword table it proves, and how to see that.
 *
 * Pure. Decides the form of a proof: a comment line that names rows and a change of the configuration after which the
 * scenario has to fail. Leaves playing to `play-scenario.ts`, the table to `scenarios-cover.test.ts`.
 *
 *     # Proves: weight; red with: weight 2 => weight 1
 *     # Proves: backup; red without: backup
 *     # Proves: frontend; refused with: frontend fe => backend fe
 *     # Shows: what of a later version it is about, where no row of the table is proven
 *     # hapair only: why haproxy of today cannot play it
 *
 * A row whose keyword stands more than once in the table is named `group|keyword`.
 */

export interface Proof {
	readonly rows: readonly string[];
	/** Stands once below the head. */
	readonly before: string;
	/** Takes its place, and the scenario fails. */
	readonly after: string;
	/** The changed configuration is not even accepted: for words without which nothing can be read. */
	readonly refused: boolean;
}

export interface Scenario {
	readonly title: string;
	/** Why haproxy of today does not play it; absent when both do. */
	readonly onlyHapair?: string;
	readonly proofs: readonly Proof[];
	/** Lines that begin like a proof and are none. */
	readonly unread: readonly string[];
	readonly text: string;
}

const proofPattern = /^# Proves: (.+?); (?:(red|refused) with: (.+) => (.+)|(red|refused) without: (.+))$/;

export function readScenario(text: string): Scenario {
	const comments = text.split('\n').filter(line => line.startsWith('# Proves'));
	const proofs = comments.map(readProof);
	const onlyHapair = /^# hapair only: (.+)$/m.exec(text)?.[1];
	return {
		title: /^varnishtest "(.*)"$/m.exec(text)?.[1] ?? '',
		...(onlyHapair === undefined ? {} : {onlyHapair}),
		proofs: proofs.filter(proof => proof !== undefined),
		unread: comments.filter((_, index) => proofs[index] === undefined),
		text,
	};
}

function readProof(line: string): Proof | undefined {
	const match = proofPattern.exec(line);
	if (match === null) return undefined;
	const [, rows = '', verdict, before, after = '', verdictWithout, removed = ''] = match;
	return {
		rows: rows.split(', '),
		before: before ?? removed,
		after,
		refused: (verdict ?? verdictWithout) === 'refused',
	};
}

/** How often the text that a proof changes stands in the scenario; 1 is right. */
export function countOccurrences({text}: Scenario, {before}: Proof): number {
	return withoutComments(text).split(before).length - 1;
}

/** The scenario with the change of one proof made. */
export function applyProof({text}: Scenario, {before, after}: Proof): string {
	return withoutComments(text).replace(before, () => after);
}

/** Comments of the scenario itself begin in the first column; those of configurations are indented. */
function withoutComments(text: string): string {
	return text.replaceAll(/^#.*\n/gm, '');
}

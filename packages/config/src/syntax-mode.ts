/**
 * Whether a file was written for HAProxy 1.4, which had no quoting.
 *
 * Decides by the first keyword that today's HAProxy refuses by name, or an address on a `listen` or `frontend` line (gone
 * since 1.6, the version that brought quoting). `"fd@…"` did not exist in 1.4: a file that uses it is read as modern.
 */
import type {Place} from './diagnostics.ts';
import {isOnly14, SIGNS_OF_14} from './keyword-table.ts';

export interface Evidence {
	readonly keyword: string;
	readonly place: Place;
}

const FIRST_WORD = /[ \t]*([A-Za-z][\w.-]*)/y;

/** The first sign of 1.4, or undefined: then the file is modern. */
export function findEvidenceOf14(file: string, lines: readonly string[]): Evidence | undefined {
	let evidence: Evidence | undefined;
	for (const [index, text] of lines.entries()) {
		if (text.includes('"fd@')) return undefined;
		FIRST_WORD.lastIndex = 0;
		if (evidence !== undefined || !SIGNS_OF_14.has(FIRST_WORD.exec(text)?.[1] ?? '')) continue;
		const found = /^[ \t]*(?:(?:no|default)[ \t]+)?([A-Za-z][\w.-]*)(?:[ \t]+([^\s#]+))?(?:[ \t]+([^\s#]+))?/.exec(
			text,
		);
		const first = found?.[1];
		if (found === null || first === undefined) continue;
		const keyword = only14Keyword(first, found[2], found[3]);
		if (keyword === undefined) continue;
		const column = found[0].indexOf(first) + 1;
		evidence = {keyword, place: {file, line: index + 1, column, length: first.length}};
	}
	return evidence;
}

function only14Keyword(first: string, second: string | undefined, third: string | undefined): string | undefined {
	if (isOnly14(first)) return first;
	if (second !== undefined && isOnly14(`${first} ${second}`)) return `${first} ${second}`;
	const inline = (first === 'listen' || first === 'frontend') && third !== undefined && /:\d|^\//.test(third);
	return inline ? `${first} with an address` : undefined;
}

/**
 * Rules of HAProxy 1.4 that look at whole lines of a head (HAProxy manual 1.4, `reqrep`, `rspdel` and their kin).
 *
 * Decides what a matching line becomes. A line that matches is replaced as a whole; an expression that has matched the start line is not
 * tried on headers; deletions leave the start line. Lines that say where the body ends are never removed or written. Leaves the meaning
 * of a start line to the sample.
 */
import type {LineRule} from '@hapair/config';
import {FIELD_VALUE, isAll} from '../http1/characters.ts';
import {compileRegex, expandReplacement, MAX_SUBJECT, matchRegex, testRegex} from './regex.ts';

const FRAMING = /^(?:content-length|transfer-encoding):/i;
const HEADER_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:/;

export interface CompiledLineRule {
	readonly action: LineRule['action'];
	readonly regex: RegExp;
	readonly replacement: string;
	readonly backend: string | undefined;
}

/** Prepares a rule; throws a `RuleError`. */
export function compileLineRule(rule: LineRule): CompiledLineRule {
	return {
		action: rule.action,
		regex: compileRegex(rule.regex, rule.ignoreCase),
		replacement: rule.replacement ?? '',
		backend: rule.backend,
	};
}

/** Does a line of the head match, the start line included? */
export function someLineMatches({regex}: CompiledLineRule, head: string): boolean {
	for (let line = 0; line < head.length - 2; ) {
		const end = head.indexOf('\r\n', line);
		if (testRegex(regex, head.slice(line, end))) return true;
		line = end + 2;
	}
	return false;
}

/** What the start line becomes; `undefined` when it does not match. */
export function rewriteStartLine({regex, replacement}: CompiledLineRule, head: string): string | undefined {
	const match = matchRegex(regex, head.slice(0, head.indexOf('\r\n')));
	return match === null ? undefined : expandReplacement(replacement, match);
}

/** The head with its header lines rewritten or removed; `undefined` when one would become something that is no header line. */
export function rewriteHeaderLines({action, regex, replacement}: CompiledLineRule, head: string): string | undefined {
	let kept = head.slice(0, head.indexOf('\r\n') + 2);
	let line = kept.length;
	while (line < head.length - 2) {
		const end = head.indexOf('\r\n', line);
		const text = head.slice(line, end);
		line = end + 2;
		const match = FRAMING.test(text) ? null : matchRegex(regex, text);
		const changed = match === null ? text : action === 'del' ? '' : expandReplacement(replacement, match);
		if (changed === '') continue;
		if (match !== null && !isSendable(changed)) return undefined;
		kept += `${changed}\r\n`;
	}
	return `${kept}\r\n`;
}

function isSendable(line: string): boolean {
	return (
		line.length <= MAX_SUBJECT &&
		HEADER_LINE.test(line) &&
		!FRAMING.test(line) &&
		isAll(FIELD_VALUE, line, 0, line.length)
	);
}

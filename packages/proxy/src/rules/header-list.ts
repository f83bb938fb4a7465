/**
 * The values of a header that may be a list (HAProxy manual, `hdr`).
 *
 * Decides where one value ends: at a comma outside double quotes. `a, b` counts as two values, `a,,b` as three, an
 * empty header as one. Leaves finding lines to the sample source.
 */
import {isBlank} from './head-text.ts';

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;

/** Offset of the comma that ends the value starting at `from`, or the length of the line. */
function findListValueEnd(line: string, from: number): number {
	let quoted = false;
	for (let at = from; at < line.length; at++) {
		const code = line.charCodeAt(at);
		if (quoted) {
			if (code === BACKSLASH) at++;
			else if (code === QUOTE) quoted = false;
		} else if (code === QUOTE) {
			quoted = true;
		} else if (code === COMMA) {
			return at;
		}
	}
	return line.length;
}

/** The value between two offsets without the blanks around it. */
function trimListValue(line: string, from: number, to: number): string {
	let start = from;
	let end = to;
	while (start < end && isBlank(line.charCodeAt(start))) start++;
	while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
	return line.slice(start, end);
}

/** Does `test` accept one of the values of a line? */
export function someListValue(line: string, test: (value: string) => boolean): boolean {
	for (let from = 0; from <= line.length; ) {
		const end = findListValueEnd(line, from);
		if (test(trimListValue(line, from, end))) return true;
		from = end + 1;
	}
	return false;
}

/** How many values a line has, at least 1. */
export function countListValues(line: string): number {
	let count = 1;
	for (let end = findListValueEnd(line, 0); end < line.length; end = findListValueEnd(line, end + 1)) count++;
	return count;
}

/** All values of a line. */
export function splitListValues(line: string): string[] {
	const values: string[] = [];
	someListValue(line, value => {
		values.push(value);
		return false;
	});
	return values;
}

/** The line with every value changed; commas and blanks around values stay as they are. */
export function mapListValues(line: string, change: (value: string) => string): string {
	let changed = '';
	for (let from = 0; from <= line.length; ) {
		const end = findListValueEnd(line, from);
		const value = trimListValue(line, from, end);
		const at = value === '' ? end : line.indexOf(value, from);
		changed += line.slice(from, at) + change(value) + line.slice(at + value.length, end + 1);
		from = end + 1;
	}
	return changed;
}

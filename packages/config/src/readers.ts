/**
 * One word into one value, with the error that a user gets when it is not one.
 *
 * Decides the wording for numbers, times, names and choices, so that it is the same everywhere.
 */
import {MAX_NAME_LENGTH, TIME_MAX_MS} from './defaults.ts';
import {formatDurationMs, parseDurationMs} from './durations.ts';
import type {Word} from './lexer.ts';
import type {LineCursor} from './line-cursor.ts';
import {didYouMean} from './suggestions.ts';

/** `what` may be a keyword: it is there, and its value is missing. */
function nameValue(what: string): string {
	return /^(the|an?) /.test(what) ? what : `the value of '${what}'`;
}

/** A whole number in `[min, max]`; undefined after an error. */
export function readInteger(cursor: LineCursor, what: string, min: number, max: number): number | undefined {
	const word = cursor.require(nameValue(what), `a number from ${min} to ${max}`);
	return word === undefined ? undefined : checkInteger(cursor, word, what, min, max);
}

export function checkInteger(
	cursor: LineCursor,
	word: Word,
	what: string,
	min: number,
	max: number,
	text = word.text,
): number | undefined {
	const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
	if (value >= min && value <= max) return value;
	const problem = Number.isNaN(value) ? `'${text}' is not a whole number` : `${text} is out of range`;
	cursor.error(word, `${what}: ${problem}`, `a number from ${min} to ${max}`);
	return undefined;
}

/** Bytes: a number with `k`, `m` or `g` behind it (powers of 1024); undefined after an error. */
export function readBytes(cursor: LineCursor, what: string, min: number, max: number): number | undefined {
	const word = cursor.require(nameValue(what), 'a size such as 500, 16k or 1m');
	if (word === undefined) return undefined;
	const [, digits, unit = ''] = /^(\d{1,12})([kmg]?)$/i.exec(word.text) ?? [];
	const value = Number(digits) * 1024 ** ' kmg'.indexOf(unit.toLowerCase() || ' ');
	if (value >= min && value <= max) return value;
	const problem = digits === undefined ? `'${word.text}' is not a size` : `${word.text} is out of range`;
	cursor.error(word, `${what}: ${problem}`, `from ${min} to ${max} bytes, such as 500, 16k or 1m`);
	return undefined;
}

export interface DurationRange {
	readonly minMs?: number;
	readonly maxMs?: number;
	readonly defaultUnit?: 'ms' | 's';
}

/** A time in milliseconds; undefined after an error. */
export function readDurationMs(cursor: LineCursor, what: string, range: DurationRange = {}): number | undefined {
	const word = cursor.require(nameValue(what), 'a time such as 5000, 5s or 1m');
	return word === undefined ? undefined : checkDurationMs(cursor, word, what, range);
}

export function checkDurationMs(
	cursor: LineCursor,
	word: Word,
	what: string,
	range: DurationRange = {},
): number | undefined {
	const {minMs = 0, maxMs = TIME_MAX_MS, defaultUnit = 'ms'} = range;
	const value = parseDurationMs(word.text, defaultUnit);
	if (value === undefined) {
		const unit = defaultUnit === 'ms' ? 'milliseconds' : 'seconds';
		const hint = `digits and one of us, ms, s, m, h, d; without a unit it is ${unit}`;
		cursor.error(word, `${what}: '${word.text}' is not a time`, hint);
		return undefined;
	}
	if (value >= minMs && value <= maxMs) return value;
	const hint = `from ${formatDurationMs(minMs)} to ${formatDurationMs(maxMs)}`;
	cursor.error(word, `${what}: ${word.text} is out of range`, hint);
	return undefined;
}

/** Letters, digits and `- _ . :` (HAProxy manual, "Proxies"). */
export function isName(text: string): boolean {
	return text.length > 0 && text.length <= MAX_NAME_LENGTH && /^[A-Za-z0-9_.:-]+$/.test(text);
}

/** A name; returned even when it is refused, so that what refers to it raises no second error. */
export function readName(cursor: LineCursor, what: string): Word | undefined {
	const word = cursor.require(what);
	if (word === undefined || isName(word.text)) return word;
	const problem =
		word.text.length > MAX_NAME_LENGTH ? `is longer than ${MAX_NAME_LENGTH} characters` : 'holds a forbidden character';
	cursor.error(word, `${what}: '${word.text}' ${problem}`, "letters, digits and '-', '_', '.', ':' only");
	return word;
}

/** One of a few words; undefined after an error. */
export function readChoice<Choice extends string>(
	cursor: LineCursor,
	what: string,
	choices: readonly Choice[],
): Choice | undefined {
	const list = choices.join(', ');
	const word = cursor.require(nameValue(what), `one of ${list}`);
	if (word === undefined) return undefined;
	const choice = choices.find(candidate => candidate === word.text);
	if (choice !== undefined) return choice;
	cursor.error(word, `${what}: '${word.text}' is not known`, didYouMean(word.text, choices) ?? `one of ${list}`);
	return undefined;
}

/** Any text without control characters: it will stand in a header, a path or a command. */
export function readText(cursor: LineCursor, what: string, hint?: string): string | undefined {
	const word = cursor.require(what, hint);
	if (word === undefined) return undefined;
	if (word.text === '' || /[\u0000-\u001f\u007f]/.test(word.text)) {
		const problem = word.text === '' ? 'is empty' : 'holds a control character';
		cursor.error(word, `${what} ${problem}`, hint);
		return undefined;
	}
	return word.text;
}

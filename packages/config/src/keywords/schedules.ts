/**
 * Lines of the pair section that say when: drills, maintenance windows, failover windows.
 *
 * Decides what a time of day and its options are. Leaves the fields of a schedule to `cron.ts`, and clocks to the daemon.
 */
import {findCronProblem} from '../cron.ts';
import {DRILL_SETTLE_MAX_MS, DRILL_SETTLE_MS, WINDOW_MAX_MS, WINDOW_MIN_MS} from '../defaults.ts';
import type {PairDraft} from '../drafts.ts';
import {PAIR, type PairKeyword, type Statement} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {Schedule} from '../model.ts';
import {readChoice, readDurationMs, readText} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';

/** `"0 4 * * 0"`: one word in quotes or, as 1.4 knows no quotes, five; undefined after an error. */
function readCron(cursor: LineCursor): string | undefined {
	const hint = 'five fields in quotes, such as "0 4 * * 0": Sundays at four';
	const first = cursor.require('the schedule', hint);
	if (first === undefined) return undefined;
	const words = [first.text];
	if (!/\s/.test(first.text)) {
		for (let word = cursor.peek(); word !== undefined && words.length < 5; word = cursor.peek()) {
			words.push(word.text);
			cursor.next();
		}
	}
	const text = words.join(' ').replaceAll('"', ' ');
	const problem = findCronProblem(text);
	if (problem === undefined) return text.trim().replaceAll(/\s+/g, ' ').toLowerCase();
	// The quotation marks of today's syntax are part of the word's place and not of its text.
	const quoted = words.length === 1 && first.length > first.text.length ? 1 : 0;
	const place = cursor.place(first);
	const part = {...place, column: place.column + quoted + problem.offset, length: Math.max(1, problem.length)};
	cursor.reporter.error(part, problem.message, problem.hint);
	return undefined;
}

/** A name of the time zone database; undefined after an error. */
function readTimezone(cursor: LineCursor): string | undefined {
	const name = readText(cursor, 'the time zone', 'such as Europe/Oslo');
	if (name === undefined) return undefined;
	try {
		return new Intl.DateTimeFormat('en', {timeZone: name}).resolvedOptions().timeZone && name;
	} catch {
		const hint = didYouMean(name, Intl.supportedValuesOf('timeZone')) ?? 'such as Europe/Oslo or UTC';
		cursor.error(cursor.previous(), `'${name}' is not a time zone`, hint);
		return undefined;
	}
}

/** Reads options in any order until the line ends; false after an error. */
function readOptions(cursor: LineCursor, form: string, options: Readonly<Record<string, () => boolean>>): boolean {
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		const read = options[word.text];
		if (read === undefined) {
			const hint = didYouMean(word.text, Object.keys(options)) ?? form;
			cursor.error(word, `'${word.text}' is not an option of this line`, hint);
		}
		if (read?.() !== true) {
			cursor.rest();
			return false;
		}
	}
	return true;
}

/** Puts what was read where it belongs; false when nothing was. */
function keep<Value>(value: Value | undefined, put: (value: Value) => void): boolean {
	if (value !== undefined) put(value);
	return value !== undefined;
}

const DRILL_FORM = 'drill "MINUTE HOUR DAY MONTH WEEKDAY" [timezone NAME] [settle TIME] [return yes|no] [probe PATH]';

function readDrill({draft, cursor}: Statement<PairDraft>): void {
	const {file, line, column} = cursor.startPlace();
	const cron = readCron(cursor);
	if (cron === undefined) return void cursor.rest();
	const drill = {cron, settleMs: DRILL_SETTLE_MS, returns: false, probePath: '/', position: {file, line, column}};
	let timezone: string | undefined;
	const isRead = readOptions(cursor, DRILL_FORM, {
		timezone: () => keep(readTimezone(cursor), name => (timezone = name)),
		settle: () => keep(readDurationMs(cursor, 'settle', {maxMs: DRILL_SETTLE_MAX_MS}), ms => (drill.settleMs = ms)),
		return: () => keep(readChoice(cursor, 'return', ['yes', 'no']), word => (drill.returns = word === 'yes')),
		probe: () => keep(readProbePath(cursor), path => (drill.probePath = path)),
	});
	if (!isRead) return;
	if (draft.drill !== undefined) cursor.error(cursor.line.words[0], 'a pair has one drill line', 'take one out');
	draft.drill = {...drill, ...(timezone === undefined ? {} : {timezone})};
}

/** It stands in a request line, so it has no blanks. */
function readProbePath(cursor: LineCursor): string | undefined {
	const path = readText(cursor, 'the path of the probe', 'such as /healthz');
	if (path === undefined || /^\/[\x21-\x7e]*$/.test(path)) return path;
	cursor.error(cursor.previous(), `'${path}' is not a path of a request`, 'begin it with /, without blanks');
	return undefined;
}

/** `"…" for TIME` and what both kinds of windows may say; undefined after an error. */
function readWindow(
	cursor: LineCursor,
	form: string,
	more: Readonly<Record<string, () => boolean>> = {},
): (Schedule & {readonly forMs: number}) | undefined {
	const {file, line, column} = cursor.startPlace();
	const cron = readCron(cursor);
	if (cron === undefined) {
		cursor.rest();
		return undefined;
	}
	let timezone: string | undefined;
	let forMs: number | undefined;
	const range = {minMs: WINDOW_MIN_MS, maxMs: WINDOW_MAX_MS};
	const isRead = readOptions(cursor, form, {
		for: () => keep(readDurationMs(cursor, 'for', range), ms => (forMs = ms)),
		timezone: () => keep(readTimezone(cursor), name => (timezone = name)),
		...more,
	});
	if (!isRead) return undefined;
	if (forMs === undefined) {
		cursor.error(undefined, 'how long the window is open is missing: for TIME', form);
		return undefined;
	}
	return {cron, forMs, ...(timezone === undefined ? {} : {timezone}), position: {file, line, column}};
}

const MAINTENANCE_FORM = 'maintenance window "0 2 * * 2" for 1h node NAME [timezone NAME]';

function readMaintenanceWindow({draft, cursor}: Statement<PairDraft>): void {
	let node: Word | undefined;
	const window = readWindow(cursor, MAINTENANCE_FORM, {
		node: () => keep(cursor.require('the name of the node'), name => (node = name)),
	});
	if (window === undefined) return;
	// What a closure sets, the type checker does not see.
	const chosen = node as Word | undefined;
	if (chosen === undefined) cursor.error(undefined, 'which node leaves is missing: node NAME', MAINTENANCE_FORM);
	else draft.maintenanceWindows.push({window: {...window, node: chosen.text}, nodePlace: cursor.place(chosen)});
}

const FAILOVER_FORM = 'failover window "0 2 * * *" for 2h [timezone NAME]';

export const scheduleKeywords: readonly PairKeyword[] = [
	{
		scope: 'pair',
		name: 'drill',
		sections: PAIR,
		syntax: DRILL_FORM,
		summary: 'When the address is moved to prove that it moves.',
		read: readDrill,
	},
	{
		scope: 'pair',
		name: 'maintenance window',
		sections: PAIR,
		syntax: 'maintenance window "MINUTE HOUR DAY MONTH WEEKDAY" for TIME node NAME [timezone NAME]',
		summary: 'When a node is in maintenance by itself.',
		read: readMaintenanceWindow,
	},
	{
		scope: 'pair',
		name: 'failover window',
		sections: PAIR,
		syntax: 'failover window "MINUTE HOUR DAY MONTH WEEKDAY" for TIME [timezone NAME]',
		summary: 'The only times at which `preempt` moves the address back; failures never wait.',
		read: ({draft, cursor}) => {
			const window = readWindow(cursor, FAILOVER_FORM);
			if (window === undefined) return;
			draft.failoverWindows.push(window);
			draft.failoverWindowPlaces.push(cursor.startPlace());
		},
	},
];

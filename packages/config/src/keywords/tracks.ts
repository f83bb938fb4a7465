/**
 * `track …` lines: what must be well for a node to be eligible.
 *
 * Decides what is watched and how often. Leaves watching to the daemon.
 */
import {
	CHECK_STREAK_MAX,
	TRACK_EVERY_MAX_MS,
	TRACK_EVERY_MIN_MS,
	TRACK_EVERY_MS,
	TRACK_FALL,
	TRACK_MIN_UP,
	TRACK_RISE,
	TRACK_TIMEOUT_MS,
} from '../defaults.ts';
import type {Mutable, PairDraft} from '../drafts.ts';
import {PAIR, type PairKeyword, type Statement} from '../keyword.ts';
import {lexLine} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {Track, TrackTiming} from '../model.ts';
import {isName, readDurationMs, readInteger, readName, readText} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {readInterface, readUnicast} from './pair.ts';

const TIMING = new Map<string, keyof TrackTiming>([
	['every', 'everyMs'],
	['timeout', 'timeoutMs'],
	['rise', 'rise'],
	['fall', 'fall'],
]);

/** `every T timeout T rise N fall N`, each at most once, in any order. Undefined after an error. */
function readTiming(cursor: LineCursor): TrackTiming | undefined {
	const timing: Partial<Mutable<TrackTiming>> = {};
	const range = {minMs: TRACK_EVERY_MIN_MS, maxMs: TRACK_EVERY_MAX_MS};
	let complete = true;
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		const field = TIMING.get(word.text);
		if (field === undefined) {
			const hint = didYouMean(word.text, TIMING.keys()) ?? 'every TIME, timeout TIME, rise N or fall N';
			cursor.error(word, `'${word.text}' is not an option of this track`, hint);
			cursor.rest();
			return undefined;
		}
		const isTime = field === 'everyMs' || field === 'timeoutMs';
		const value = isTime
			? readDurationMs(cursor, word.text, range)
			: readInteger(cursor, word.text, 1, CHECK_STREAK_MAX);
		if (value === undefined) complete = false;
		else timing[field] = value;
	}
	const everyMs = timing.everyMs ?? TRACK_EVERY_MS;
	const timeoutMs = timing.timeoutMs ?? Math.min(TRACK_TIMEOUT_MS, everyMs);
	if (complete && timeoutMs > everyMs) {
		cursor.error(
			cursor.line.words[0],
			'the timeout of this track is longer than its interval',
			'make timeout at most every',
		);
		return undefined;
	}
	if (!complete) return undefined;
	return {everyMs, timeoutMs, rise: timing.rise ?? TRACK_RISE, fall: timing.fall ?? TRACK_FALL};
}

/** A command in one quoted word: a program by its full path and arguments, no shell. */
function readCommand(cursor: LineCursor): readonly string[] | undefined {
	const text = readText(cursor, 'the command', 'track script "/usr/local/bin/check --fast"');
	if (text === undefined) return undefined;
	const word = cursor.previous();
	const {words, problems} = lexLine(text, 'modern', {});
	if (problems.some(problem => problem.severity === 'error')) {
		cursor.error(word, `the command: ${problems[0]!.message}`);
		return undefined;
	}
	const argv = words.map(part => part.text);
	if (argv[0]?.startsWith('/')) return argv;
	cursor.error(
		word,
		`'${argv[0] ?? ''}' is not an absolute path`,
		'name the program by its full path; no shell is used',
	);
	return undefined;
}

function add({draft, cursor}: Statement<PairDraft>, track: Track): void {
	draft.tracks.push(track);
	draft.trackPlaces.set(track, cursor.place(cursor.line.words[2] ?? cursor.line.words[1]));
}

function positionOf(cursor: LineCursor): Track['position'] {
	const {file, line, column} = cursor.startPlace();
	return {file, line, column};
}

function readBackendTrack(statement: Statement<PairDraft>): void {
	const {cursor} = statement;
	const name = readName(cursor, 'the backend');
	if (name === undefined) return;
	let minUp = TRACK_MIN_UP;
	const option = cursor.next();
	if (option?.text === 'min-up') minUp = readInteger(cursor, 'min-up', 1, 10_000) ?? TRACK_MIN_UP;
	else if (option !== undefined) {
		const hint = didYouMean(option.text, ['min-up']) ?? 'track backend NAME [min-up N]';
		cursor.error(option, `'${option.text}' is not an option of this track`, hint);
		cursor.rest();
	}
	cursor.finish('track backend NAME [min-up N]');
	if (isName(name.text)) add(statement, {kind: 'backend', backend: name.text, minUp, position: positionOf(cursor)});
}

function track(kind: string, args: string, summary: string, read: PairKeyword['read']): PairKeyword {
	return {scope: 'pair', name: `track ${kind}`, sections: PAIR, syntax: `track ${kind} ${args}`, summary, read};
}

function readFileTrack(statement: Statement<PairDraft>): void {
	const {cursor} = statement;
	const word = cursor.require('the file', 'track file /run/maintenance absent');
	if (word === undefined) return;
	if (!word.text.startsWith('/') || word.text.includes('\0')) {
		cursor.error(word, `'${word.text}' is not an absolute path`, 'name the file by its full path');
		cursor.rest();
		return;
	}
	const which = cursor.peek()?.text;
	if (which === 'present' || which === 'absent') cursor.next();
	const timing = readTiming(cursor);
	if (timing === undefined) return;
	add(statement, {kind: 'file', path: word.text, present: which !== 'absent', position: positionOf(cursor), ...timing});
}

/** A name as the kernel keeps it: 15 bytes at most. */
const PROCESS_NAME = /^[\w.:@+-]{1,15}$/;

function readProcessTrack(statement: Statement<PairDraft>): void {
	const {cursor} = statement;
	const word = cursor.require('the name of the process', 'track process postfix');
	if (word === undefined) return;
	if (!PROCESS_NAME.test(word.text)) {
		cursor.error(
			word,
			`'${word.text}' is not the name of a process`,
			'as in /proc/PID/comm: at most 15 characters, no path',
		);
		cursor.rest();
		return;
	}
	const timing = readTiming(cursor);
	if (timing === undefined) return;
	add(statement, {kind: 'process', process: word.text, position: positionOf(cursor), ...timing});
}

const TIMING_FORM = '[every TIME] [timeout TIME] [rise N] [fall N]';

export const trackKeywords: readonly PairKeyword[] = [
	track('frontend', 'NAME', 'The node is eligible while this frontend listens.', statement => {
		const name = readName(statement.cursor, 'the frontend');
		statement.cursor.finish();
		if (name === undefined || !isName(name.text)) return;
		add(statement, {kind: 'frontend', frontend: name.text, position: positionOf(statement.cursor)});
	}),
	track('backend', 'NAME [min-up N]', 'The node is eligible while this many servers are up.', readBackendTrack),
	track('script', `"PATH ARGS…" ${TIMING_FORM}`, 'The node is eligible while this command succeeds.', statement => {
		const argv = readCommand(statement.cursor);
		const timing = readTiming(statement.cursor);
		if (argv === undefined || timing === undefined) return;
		add(statement, {kind: 'script', argv, position: positionOf(statement.cursor), ...timing});
	}),
	track('interface', 'NAME', 'The node is eligible while this interface has a carrier.', statement => {
		const name = readInterface(statement.cursor);
		statement.cursor.finish();
		if (name !== undefined)
			add(statement, {kind: 'interface', interface: name, position: positionOf(statement.cursor)});
	}),
	track('process', `NAME ${TIMING_FORM}`, 'The node is eligible while a process of this name runs.', readProcessTrack),
	track(
		'file',
		`PATH [present|absent] ${TIMING_FORM}`,
		'The node is eligible while this file is there, or is not.',
		readFileTrack,
	),
	track(
		'steal',
		`PERCENT ${TIMING_FORM}`,
		'The node is eligible while the hypervisor takes less CPU time than this from it.',
		statement => {
			const percent = readInteger(statement.cursor, 'steal', 1, 100);
			const timing = readTiming(statement.cursor);
			if (percent === undefined || timing === undefined) return;
			add(statement, {kind: 'steal', percent, position: positionOf(statement.cursor), ...timing});
		},
	),
	track(
		'delay',
		`TIME ${TIMING_FORM}`,
		'The node is eligible while timers here are late by less than this.',
		statement => {
			const delayMs = readDurationMs(statement.cursor, 'delay', {minMs: 1, maxMs: 60_000});
			const timing = readTiming(statement.cursor);
			if (delayMs === undefined || timing === undefined) return;
			add(statement, {kind: 'delay', delayMs, position: positionOf(statement.cursor), ...timing});
		},
	),
	track('gateway', `ADDRESS ${TIMING_FORM}`, 'The node is eligible while this address answers.', statement => {
		const address = readUnicast(statement.cursor, 'the gateway');
		const timing = readTiming(statement.cursor);
		if (address === undefined || timing === undefined) return;
		add(statement, {kind: 'gateway', address, position: positionOf(statement.cursor), ...timing});
	}),
];

/**
 * A criterion with its flags and patterns (`path_beg -i /static -f FILE`) into one test.
 *
 * Decides which criteria and matches exist and what their patterns are. Leaves the evaluation to the proxy. HAProxy manual,
 * "Using ACLs and fetching samples".
 */
import {parseNetwork} from './addresses.ts';
import type {Mutable} from './drafts.ts';
import {notSupported} from './keyword.ts';
import type {Word} from './lexer.ts';
import type {LineCursor} from './line-cursor.ts';
import type {AclMatch, AclPattern, AclTest, SampleExpression} from './model.ts';
import {readPatternLines} from './pattern-lines.ts';
import {toRegexSource} from './regexes.ts';
import {parseExpression, typeOfExpression} from './samples/expression.ts';
import {FETCHES, type SampleType} from './samples/fetches.ts';
import {didYouMean} from './suggestions.ts';

const SUFFIX = /^([a-z][a-z_.]*)_(beg|end|sub|dir|dom|reg|len)$/;
const MATCH_FLAG: readonly AclMatch[] = [
	'str',
	'beg',
	'end',
	'sub',
	'dir',
	'dom',
	'reg',
	'ip',
	'int',
	'len',
	'bool',
	'found',
];
/** A test without patterns asks whether it is true, or, of what is no truth value, whether it is there. */
const NATURAL: Readonly<Record<SampleType, AclMatch>> = {str: 'str', int: 'int', bool: 'bool', ip: 'ip', ver: 'int'};

/** Reads `CRITERION [-i] [-m MATCH] [--] PATTERN…`. Undefined after an error. */
export function readAclTest(cursor: LineCursor, words: readonly Word[]): AclTest | undefined {
	const [first, ...rest] = words;
	if (first === undefined) return undefined;
	const head = readCriterion(cursor, first);
	if (head === undefined) return undefined;
	const flags = readFlags(cursor, rest, head.match);
	if (flags === undefined) return undefined;
	const {match, ignoreCase} = flags;
	const {sample} = head;
	if (match === 'found' || (match === 'bool' && flags.patterns.length === 0)) {
		const surplus = flags.patterns[0];
		if (surplus !== undefined) {
			cursor.error(surplus, `'${first.text}' takes no pattern here`);
			return undefined;
		}
		return {sample, match, ignoreCase, patterns: []};
	}
	if (flags.patterns.length === 0 && flags.files.length === 0) {
		cursor.error(first, `'${first.text}' has nothing to compare with`, patternExample(first.text, match));
		return undefined;
	}
	const isVersion = typeOfExpression(sample) === 'ver';
	const patterns = readPatterns(cursor, flags.patterns, match, isVersion);
	if (!checkFiles(cursor, flags, match, isVersion) || patterns === undefined) return undefined;
	const test: Mutable<AclTest> = {sample, match, ignoreCase, patterns};
	if (flags.files.length > 0) test.files = flags.files.map(({text}) => text);
	if (flags.files.length > 0 && flags.areMaps) test.filesAreMaps = true;
	if (flags.listId !== undefined) test.listId = flags.listId;
	return test;
}

function patternExample(name: string, match: AclMatch): string {
	if (match === 'ip') return `such as ${name} 10.0.0.0/8`;
	return match === 'int' || match === 'len' ? `such as ${name} gt 0` : `such as ${name} /text`;
}

interface Head {
	readonly sample: SampleExpression;
	readonly match: AclMatch;
}

/** `path_beg` is `path` compared from its start, unless a fetch has the whole name. */
function readCriterion(cursor: LineCursor, word: Word): Head | undefined {
	const name = /^[A-Za-z0-9_.-]*/.exec(word.text)![0];
	const derived = FETCHES.has(name) ? null : SUFFIX.exec(name);
	const base = derived !== null && FETCHES.get(derived[1]!)?.type === 'str' ? derived : null;
	const sample = parseExpression(base === null ? word.text : base[1]! + word.text.slice(name.length));
	if (!('problem' in sample))
		return {sample, match: (base?.[2] as AclMatch | undefined) ?? NATURAL[typeOfExpression(sample)]};
	if (sample.isLater === true)
		cursor.error(word, notSupported(`ACL criterion ${sample.problem.replace(/^'.*'$/, `'${word.text}'`)}`));
	else if (FETCHES.has(base?.[1] ?? name)) cursor.error(word, sample.problem, sample.hint);
	else cursor.error(word, `'${word.text}' is not an ACL criterion`, didYouMean(name, criterionNames()));
	return undefined;
}

function criterionNames(): readonly string[] {
	return [...FETCHES].flatMap(([name, {type}]) =>
		type === 'str'
			? [name, ...['beg', 'end', 'sub', 'dir', 'dom', 'reg', 'len'].map(match => `${name}_${match}`)]
			: [name],
	);
}

interface Flags {
	readonly match: AclMatch;
	readonly ignoreCase: boolean;
	readonly patterns: readonly Word[];
	/** `-f` */
	readonly files: readonly Word[];
	readonly areMaps: boolean;
	readonly listId: number | undefined;
}

function readFlags(cursor: LineCursor, words: readonly Word[], natural: AclMatch): Flags | undefined {
	const flags: Mutable<Flags> & {files: Word[]} = {
		match: natural,
		ignoreCase: false,
		patterns: [],
		files: [],
		areMaps: false,
		listId: undefined,
	};
	for (let at = 0; at < words.length; at += 1) {
		const word = words[at]!;
		if (word.text === '--') return {...flags, patterns: words.slice(at + 1)};
		if (!/^-[A-Za-z]$/.test(word.text)) return {...flags, patterns: words.slice(at)};
		if (word.text === '-i') flags.ignoreCase = true;
		else if (word.text === '-M') flags.areMaps = true;
		// Names are never resolved here, so there is nothing to switch off.
		else if (word.text !== '-n') {
			at += 1;
			if (!readFlagWithValue(cursor, word, words[at], flags)) return undefined;
		}
	}
	return flags;
}

/** `-m`, `-f` and `-u`; false after an error. */
function readFlagWithValue(
	cursor: LineCursor,
	flag: Word,
	value: Word | undefined,
	flags: Mutable<Flags> & {files: Word[]},
): boolean {
	const place = value ?? flag;
	switch (flag.text) {
		case '-m': {
			const named = MATCH_FLAG.find(candidate => candidate === value?.text);
			if (named !== undefined) flags.match = named;
			else cursor.error(place, `'${place.text}' is not a way to match`, `one of ${MATCH_FLAG.join(', ')}`);
			return named !== undefined;
		}
		case '-u': {
			const isNumber = /^\d{1,9}$/.test(value?.text ?? '');
			if (isNumber) flags.listId = Number(value!.text);
			else cursor.error(place, `'${place.text}' is not a number for the patterns`, 'such as -u 10');
			return isNumber;
		}
		case '-f':
			if (value !== undefined) flags.files.push(value);
			else cursor.error(flag, 'the file of patterns is missing', 'such as -f /etc/hapair/networks.lst');
			return value !== undefined;
		default:
			cursor.error(
				flag,
				`'${flag.text}' is not an ACL flag`,
				"-i ignores case; put '--' before a pattern that begins with '-'",
			);
			return false;
	}
}

/** Every file can be read, and its lines are patterns of this kind. */
function checkFiles(cursor: LineCursor, {files, areMaps}: Flags, match: AclMatch, isVersion: boolean): boolean {
	return files.every(word => {
		const text = cursor.line.readFile?.(word.text);
		if (text === undefined) {
			cursor.error(word, `'${word.text}' cannot be read`, 'such as -f /etc/hapair/networks.lst');
			return false;
		}
		const keys = readPatternLines(text, areMaps).map(({key}) => ({...word, text: key, verbatim: false}));
		return readPatterns(cursor, keys, match, isVersion) !== undefined;
	});
}

function readPatterns(
	cursor: LineCursor,
	words: readonly Word[],
	match: AclMatch,
	isVersion: boolean,
): readonly AclPattern[] | undefined {
	if (match === 'int' || match === 'len') return readRanges(cursor, words, isVersion);
	if (match === 'bool') return readTruths(cursor, words);
	const patterns: AclPattern[] = [];
	for (const word of words) {
		const pattern =
			match === 'ip'
				? readNetwork(cursor, word)
				: match === 'reg'
					? readRegex(cursor, word)
					: {kind: 'text' as const, text: word.text};
		if (pattern === undefined) return undefined;
		patterns.push(pattern);
	}
	return patterns;
}

function readNetwork(cursor: LineCursor, word: Word): AclPattern | undefined {
	const network = parseNetwork(word.text);
	if (network !== undefined) return {kind: 'network', network};
	cursor.error(word, `'${word.text}' is not an address or network`, 'such as 10.0.0.0/8; names are not resolved here');
	return undefined;
}

function readRegex(cursor: LineCursor, word: Word): AclPattern | undefined {
	const source = toRegexSource(word.text);
	if (typeof source === 'string') return {kind: 'regex', source};
	cursor.error(word, `'${word.text}' is not a regular expression: ${source.problem}`);
	return undefined;
}

const LOWEST = Number.MIN_SAFE_INTEGER;
const HIGHEST = Number.MAX_SAFE_INTEGER;
const OPERATORS: Readonly<Record<string, (value: number) => readonly [number, number]>> = {
	eq: value => [value, value],
	ge: value => [value, HIGHEST],
	gt: value => [value + 1, HIGHEST],
	le: value => [LOWEST, value],
	lt: value => [LOWEST, value - 1],
};

function readTruths(cursor: LineCursor, words: readonly Word[]): readonly AclPattern[] | undefined {
	const wrong = words.find(word => !/^(true|false|on|off|yes|no|[01])$/.test(word.text));
	if (wrong === undefined) {
		return words.map(({text}) => ({kind: 'text', text: /^(true|on|yes|1)$/.test(text) ? '1' : '0'}));
	}
	cursor.error(wrong, `'${wrong.text}' is neither true nor false`, 'true, false, or no pattern at all');
	return undefined;
}

/** `3.1` as one number that keeps the order of versions. */
function versionNumber(text: string): string {
	return text.replace(/(\d{1,5})\.(\d{1,5})/g, (_whole, major: string, minor: string) =>
		String(Number(major) * 65_536 + Number(minor)),
	);
}

/** `gt 5`, `1:10`, `80 443`: an operator holds for the numbers after it. */
function readRanges(cursor: LineCursor, words: readonly Word[], isVersion: boolean): readonly AclPattern[] | undefined {
	const patterns: AclPattern[] = [];
	let operator = 'eq';
	for (const [index, word] of words.entries()) {
		if (Object.hasOwn(OPERATORS, word.text)) {
			operator = word.text;
			if (index < words.length - 1) continue;
			cursor.error(word, `'${word.text}' has no number after it`, `such as ${word.text} 1`);
			return undefined;
		}
		const range = readRange(isVersion ? versionNumber(word.text) : word.text, operator);
		if (range === undefined) {
			cursor.error(word, `'${word.text}' is not a number or a range`, 'such as gt 0, 80 or 8000:8099');
			return undefined;
		}
		patterns.push({kind: 'range', min: range[0], max: range[1]});
	}
	return patterns;
}

function readRange(text: string, operator: string): readonly [number, number] | undefined {
	if (/^-?\d{1,15}$/.test(text)) return OPERATORS[operator]!(Number(text));
	const found = /^(-?\d{1,15})?[:](-?\d{1,15})?$/.exec(text);
	if (found === null || operator !== 'eq' || text === ':') return undefined;
	const min = found[1] === undefined ? LOWEST : Number(found[1]);
	const max = found[2] === undefined ? HIGHEST : Number(found[2]);
	return min <= max ? [min, max] : undefined;
}

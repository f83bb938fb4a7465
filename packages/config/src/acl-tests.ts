/**
 * A criterion with its flags and patterns (`path_beg -i /static /img`) into one test.
 *
 * Decides which criteria and matches exist and what their patterns are. Leaves the evaluation to the proxy. HAProxy manual,
 * "Using ACLs and fetching samples".
 */
import {parseNetwork} from './addresses.ts';
import {notSupported} from './keyword.ts';
import {isHeaderName} from './keywords/headers.ts';
import type {Word} from './lexer.ts';
import type {LineCursor} from './line-cursor.ts';
import type {AclCriterion, AclMatch, AclPattern, AclTest} from './model.ts';
import {isName} from './readers.ts';
import {toRegexSource} from './regexes.ts';
import {didYouMean} from './suggestions.ts';

interface Criterion {
	readonly kind: AclCriterion['kind'] | 'always_true' | 'always_false';
	readonly match: AclMatch;
	readonly argument: 'none' | 'required' | 'optional';
}

const TEXT_MATCHES = ['beg', 'end', 'sub', 'dir', 'dom', 'reg', 'len'] as const;
const CRITERIA = new Map<string, Criterion>([
	['src', {kind: 'src', match: 'ip', argument: 'none'}],
	['dst', {kind: 'dst', match: 'ip', argument: 'none'}],
	['dst_port', {kind: 'dst_port', match: 'int', argument: 'none'}],
	['method', {kind: 'method', match: 'str', argument: 'none'}],
	['nbsrv', {kind: 'nbsrv', match: 'int', argument: 'optional'}],
	['always_true', {kind: 'always_true', match: 'found', argument: 'none'}],
	['always_false', {kind: 'always_false', match: 'found', argument: 'none'}],
	['path', {kind: 'path', match: 'str', argument: 'none'}],
	['url', {kind: 'url', match: 'str', argument: 'none'}],
	['hdr', {kind: 'hdr', match: 'str', argument: 'required'}],
	['hdr_cnt', {kind: 'hdr', match: 'cnt', argument: 'required'}],
	['hdr_val', {kind: 'hdr', match: 'int', argument: 'required'}],
	['req.hdr', {kind: 'hdr', match: 'str', argument: 'required'}],
	['req.hdr_cnt', {kind: 'hdr', match: 'cnt', argument: 'required'}],
	['req.hdr_val', {kind: 'hdr', match: 'int', argument: 'required'}],
	...TEXT_MATCHES.flatMap((match): [string, Criterion][] => [
		[`path_${match}`, {kind: 'path', match, argument: 'none'}],
		[`url_${match}`, {kind: 'url', match, argument: 'none'}],
		[`hdr_${match}`, {kind: 'hdr', match, argument: 'required'}],
	]),
]);

/** Criteria of HAProxy that this version does not have; families end in `*`. */
const LATER =
	/^(avg_queue|be_.*|connslots.*|dst_conn|fe_.*|queue|so_.*|src_.*|srv_.*|req_.*|req\..*|res.*|wait_end|shdr.*|http_.*|hdr_ip|url_ip|url_port|url_param.*|urlp.*|query.*|base.*|cook.*|scook.*|status|stopping|ssl_.*|var|env|rand|date|capture\..*|payload.*|sc_.*|sc[0-2]_.*|table_.*|nbproc|str|int|bool|ipv4|ipv6|pathq|fc_.*|bc_.*|proc|hostname|lua\..*|txn\..*|uuid|unique-id)$/;

const MATCH_FLAG: readonly AclMatch[] = ['str', 'beg', 'end', 'sub', 'dir', 'dom', 'reg', 'ip', 'int', 'len', 'found'];

/** Reads `CRITERION [-i] [-m MATCH] [--] PATTERN…`. Undefined after an error. */
export function readAclTest(cursor: LineCursor, words: readonly Word[]): AclTest | undefined {
	const [first, ...rest] = words;
	if (first === undefined) return undefined;
	const head = readCriterion(cursor, first);
	if (head === undefined) return undefined;
	const flags = readFlags(cursor, rest, head.match);
	if (flags === undefined) return undefined;
	const {match, ignoreCase} = flags;
	if (match === 'found') {
		const surplus = flags.patterns[0];
		if (surplus !== undefined) {
			cursor.error(surplus, `'${first.text}' takes no pattern here`);
			return undefined;
		}
		return {criterion: head.criterion, match, ignoreCase, patterns: []};
	}
	if (flags.patterns.length === 0) {
		cursor.error(first, `'${first.text}' has nothing to compare with`, patternExample(first.text, match));
		return undefined;
	}
	const patterns = readPatterns(cursor, flags.patterns, match);
	return patterns === undefined ? undefined : {criterion: head.criterion, match, ignoreCase, patterns};
}

function patternExample(name: string, match: AclMatch): string {
	if (match === 'ip') return `such as ${name} 10.0.0.0/8`;
	return match === 'int' || match === 'cnt' || match === 'len' ? `such as ${name} gt 0` : `such as ${name} /text`;
}

interface Head {
	readonly criterion: AclCriterion;
	readonly match: AclMatch;
}

function readCriterion(cursor: LineCursor, word: Word): Head | undefined {
	const found = /^([A-Za-z0-9_.-]+)(?:\(([^()]*)\))?$/.exec(word.text);
	const name = found?.[1] ?? word.text;
	const argument = found?.[2];
	const row = CRITERIA.get(name);
	const refuse = (message: string, hint?: string) => {
		cursor.error(word, message, hint);
		return undefined;
	};
	if (found === null || row === undefined) {
		if (LATER.test(name) || (found === null && /^[a-z_.]+[(,]/.test(word.text)))
			return refuse(notSupported(`ACL criterion '${word.text}'`));
		return refuse(`'${word.text}' is not an ACL criterion`, didYouMean(name, CRITERIA.keys()));
	}
	if (argument !== undefined && row.argument === 'none') return refuse(`'${name}' takes no argument in parentheses`);
	if (!argument && row.argument === 'required')
		return refuse(`'${name}' needs the name of a header`, `write ${name}(host)`);
	const {match} = row;
	if (row.kind === 'hdr') {
		if (isHeaderName(argument!)) return {criterion: {kind: 'hdr', header: argument!}, match};
		const occurrence = /^[^,]+,-?\d+$/.test(argument!);
		return refuse(occurrence ? notSupported('one occurrence of a header') : `'${argument}' is not a header name`);
	}
	if (row.kind === 'nbsrv') {
		if (!argument) return {criterion: {kind: 'nbsrv'}, match};
		return isName(argument)
			? {criterion: {kind: 'nbsrv', backend: argument}, match}
			: refuse(`'${argument}' is not a backend name`);
	}
	if (row.kind === 'always_true' || row.kind === 'always_false') {
		return {criterion: {kind: 'always', value: row.kind === 'always_true'}, match};
	}
	return {criterion: {kind: row.kind} as AclCriterion, match};
}

interface Flags {
	readonly match: AclMatch;
	readonly ignoreCase: boolean;
	readonly patterns: readonly Word[];
}

function readFlags(cursor: LineCursor, words: readonly Word[], natural: AclMatch): Flags | undefined {
	let match = natural;
	let ignoreCase = false;
	for (let at = 0; at < words.length; at += 1) {
		const word = words[at]!;
		if (word.text === '-i') ignoreCase = true;
		else if (word.text === '--') return {match, ignoreCase, patterns: words.slice(at + 1)};
		else if (word.text === '-m') {
			at += 1;
			const named = MATCH_FLAG.find(candidate => candidate === words[at]?.text);
			if (named === undefined) {
				cursor.error(
					words[at] ?? word,
					`'${words[at]?.text ?? '-m'}' is not a way to match`,
					`one of ${MATCH_FLAG.join(', ')}`,
				);
				return undefined;
			}
			match = named;
		} else if (/^-[A-Za-z]$/.test(word.text)) {
			const known = ['-f', '-n', '-M', '-u'].includes(word.text);
			const message = known ? notSupported(`ACL flag '${word.text}'`) : `'${word.text}' is not an ACL flag`;
			cursor.error(word, message, "-i ignores case; put '--' before a pattern that begins with '-'");
			return undefined;
		} else return {match, ignoreCase, patterns: words.slice(at)};
	}
	return {match, ignoreCase, patterns: []};
}

function readPatterns(cursor: LineCursor, words: readonly Word[], match: AclMatch): readonly AclPattern[] | undefined {
	if (match === 'int' || match === 'cnt' || match === 'len') return readRanges(cursor, words);
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

/** `gt 5`, `1:10`, `80 443`: an operator holds for the numbers after it. */
function readRanges(cursor: LineCursor, words: readonly Word[]): readonly AclPattern[] | undefined {
	const patterns: AclPattern[] = [];
	let operator = 'eq';
	for (const [index, word] of words.entries()) {
		if (Object.hasOwn(OPERATORS, word.text)) {
			operator = word.text;
			if (index < words.length - 1) continue;
			cursor.error(word, `'${word.text}' has no number after it`, `such as ${word.text} 1`);
			return undefined;
		}
		const range = readRange(word.text, operator);
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

/**
 * `balance` and `hash-type` lines.
 *
 * Decides what may stand behind each algorithm. Leaves choosing servers to the proxy and whether a backend's mode can serve
 * the algorithm to `validate`. HAProxy manual, `balance`, `hash-type`.
 */
import {HASH_FACTOR_MAX, PERSIST_COOKIE, PLAIN_BALANCE, RANDOM_DRAWS, RDP_COOKIE} from '../defaults.ts';
import type {Mutable, ProxyDraft} from '../drafts.ts';
import {DLB, notSupported, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {BalanceAlgorithm, BalanceOptions, HashType} from '../model.ts';
import {readChoice, readInteger, readText} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {isHeaderName} from './headers.ts';

const ALGORITHMS: readonly BalanceAlgorithm[] = [
	'roundrobin',
	'static-rr',
	'leastconn',
	'first',
	'random',
	'source',
	'uri',
	'url_param',
	'hdr',
	'rdp-cookie',
];
const WITH_OPTIONS: ReadonlySet<BalanceAlgorithm> = new Set(['random', 'uri', 'url_param', 'hdr', 'rdp-cookie']);
const LATER_ALGORITHMS = ['hash', 'sticky', 'log-hash'];
const FUNCTIONS: readonly HashType['function'][] = ['sdbm', 'djb2', 'crc32'];
const MAX_NUMBER = 65_535;

type Options = Mutable<BalanceOptions>;

function readBalance({draft, cursor}: Statement<ProxyDraft>): void {
	const list = `one of ${ALGORITHMS.join(', ')}`;
	const word = cursor.require('the algorithm', list);
	if (word === undefined) return;
	const found = /^([A-Za-z_-]+)(?:\((.*)\))?$/.exec(word.text);
	const name = found?.[1] ?? word.text;
	const algorithm = ALGORITHMS.find(candidate => candidate === name);
	if (algorithm === undefined) {
		if (LATER_ALGORITHMS.includes(name)) cursor.error(word, notSupported(`balance '${word.text}'`), list);
		else cursor.error(word, `'${word.text}' is not a balance algorithm`, didYouMean(name, ALGORITHMS) ?? list);
		return;
	}
	const options: Options = {...PLAIN_BALANCE};
	if (!readArgument(cursor, word, algorithm, found?.[2], options)) return;
	readOptions(cursor, algorithm, options);
	draft.settings.balance = algorithm;
	if (WITH_OPTIONS.has(algorithm)) draft.settings.balanceOptions = options;
	else delete draft.settings.balanceOptions;
	cursor.finish();
}

/** What stands in parentheses, or the first word of `url_param`. False after an error. */
function readArgument(
	cursor: LineCursor,
	word: Word,
	algorithm: BalanceAlgorithm,
	argument: string | undefined,
	options: Options,
): boolean {
	const refuse = (message: string, hint: string) => {
		cursor.error(word, message, hint);
		return false;
	};
	switch (algorithm) {
		case 'hdr':
			if (argument === undefined || !isHeaderName(argument)) {
				return refuse("'hdr' needs the name of a header", 'such as balance hdr(host)');
			}
			options.name = argument;
			return true;
		case 'rdp-cookie':
			if (argument === '') return refuse("'rdp-cookie()' has no name in it", 'such as balance rdp-cookie(mstshash)');
			options.name = argument ?? RDP_COOKIE;
			return true;
		case 'random': {
			const draws = argument === undefined ? RANDOM_DRAWS : /^\d{1,5}$/.test(argument) ? Number(argument) : 0;
			if (draws < 1) return refuse(`'${argument}' is not a number of draws`, 'at least 1, such as balance random(2)');
			options.draws = draws;
			return true;
		}
		case 'url_param': {
			const name = readText(cursor, 'the name of the parameter', 'such as balance url_param userid');
			options.name = name ?? '';
			return name !== undefined;
		}
		default:
			if (argument === undefined) return true;
			return refuse(`'${algorithm}' takes nothing in parentheses`, `write balance ${algorithm}`);
	}
}

function readOptions(cursor: LineCursor, algorithm: BalanceAlgorithm, options: Options): void {
	if (algorithm === 'uri') readUriOptions(cursor, options);
	else if (algorithm === 'hdr') options.domainOnly = cursor.accept('use_domain_only');
	else if (algorithm === 'url_param' && cursor.accept('check_post')) {
		options.checkPost = true;
		// 1.4 waited for so many bytes; today the whole buffer is searched, which finds no less.
		if (/^\d+$/.test(cursor.peek()?.text ?? '')) cursor.next();
	}
}

function readUriOptions(cursor: LineCursor, options: Options): void {
	const words = ['len', 'depth', 'whole', 'path-only'];
	for (let word = cursor.peek(); word !== undefined; word = cursor.peek()) {
		if (!words.includes(word.text)) {
			const hint = didYouMean(word.text, words) ?? `one of ${words.join(', ')}`;
			cursor.error(word, `'${word.text}' is not an option of 'balance uri'`, hint);
			cursor.rest();
			return;
		}
		cursor.next();
		if (word.text === 'whole') options.uriWhole = true;
		else if (word.text === 'path-only') options.uriPathOnly = true;
		else if (word.text === 'len') options.uriLength = readInteger(cursor, 'len', 1, MAX_NUMBER) ?? 0;
		else options.uriDepth = readInteger(cursor, 'depth', 1, MAX_NUMBER) ?? 0;
	}
}

function readHashType({draft, cursor}: Statement<ProxyDraft>): void {
	const old = cursor.peek();
	if (old?.text === 'avalanche') {
		cursor.error(old, "'avalanche' is not a hash type by itself", 'write hash-type map-based sdbm avalanche');
		cursor.rest();
		return;
	}
	const method = readChoice(cursor, 'hash-type', ['map-based', 'consistent'] as const);
	if (method === undefined) return;
	const word = cursor.peek();
	if (word === undefined) {
		// The functions alone spread badly over a circle: without a word about it HAProxy scrambles their results there.
		draft.settings.hashType = {method, function: 'sdbm', avalanche: method === 'consistent'};
		return;
	}
	if (word.text === 'wt6' || word.text === 'none') {
		cursor.error(word, notSupported(`hash function '${word.text}'`), `one of ${FUNCTIONS.join(', ')}`);
		cursor.rest();
		return;
	}
	const name = readChoice(cursor, 'the hash function', FUNCTIONS);
	if (name === undefined) return;
	draft.settings.hashType = {method, function: name, avalanche: cursor.accept('avalanche')};
	cursor.finish('only avalanche may follow the function');
}

export const balanceKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'balance',
		sections: DLB,
		syntax:
			'balance roundrobin|static-rr|leastconn|first|random[(DRAWS)]|source|uri [len N] [depth N] [whole] [path-only]|url_param NAME [check_post]|hdr(NAME) [use_domain_only]|rdp-cookie[(NAME)]',
		summary: 'Which server gets the next request.',
		read: readBalance,
	},
	{
		scope: 'proxy',
		name: 'hash-type',
		sections: DLB,
		syntax: 'hash-type map-based|consistent [sdbm|djb2|crc32] [avalanche]',
		summary: 'How a hash chooses a server.',
		read: readHashType,
	},
	{
		scope: 'proxy',
		name: 'hash-balance-factor',
		sections: DLB,
		syntax: 'hash-balance-factor PERCENT',
		summary: 'How much more than the mean a server may have under `hash-type consistent`, from 101; 0 is no limit.',
		read({draft, cursor}) {
			const factor = readInteger(cursor, 'hash-balance-factor', 0, HASH_FACTOR_MAX);
			if (factor === undefined) return;
			if (factor > 0 && factor <= 100)
				cursor.error(
					cursor.previous(),
					`${factor} leaves no room above the mean`,
					'a number above 100, or 0 for no limit',
				);
			else draft.settings.hashBalanceFactor = factor;
			cursor.finish();
		},
	},
	{
		scope: 'proxy',
		name: 'persist rdp-cookie',
		sections: DLB,
		syntax: 'persist rdp-cookie[(NAME)]',
		summary: 'The server whose address the cookie of a remote desktop client carries, in mode tcp.',
		read({draft, cursor}) {
			const word = cursor.previous()!;
			const name = /^rdp-cookie(?:\(([^()]*)\))?$/.exec(word.text);
			if (name === null)
				cursor.error(word, `'${word.text}' does not name a cookie`, 'such as persist rdp-cookie(msts)');
			else draft.settings.persistCookie = name[1] === undefined || name[1] === '' ? PERSIST_COOKIE : name[1];
			cursor.finish();
		},
	},
];

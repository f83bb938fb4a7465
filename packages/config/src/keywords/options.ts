/**
 * `option …` lines that have an effect.
 *
 * Decides which switch each one turns. Leaves options without effect to `ineffective.ts`. HAProxy manual, `option`.
 */
import {parseNetwork} from '../addresses.ts';
import {ANONYMIZE_BITS4, ANONYMIZE_BITS6, FORWARDED_FOR_HEADER, ORIGINAL_TO_HEADER} from '../defaults.ts';
import type {ConnectionOption, ProxyDraft, ProxyFlag} from '../drafts.ts';
import {DFL, DFLB, DLB, type ProxyKeyword, type SectionKind, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {FrontendLog, Network} from '../model.ts';
import {didYouMean} from '../suggestions.ts';
import {isHeaderName} from './headers.ts';

type Read = (statement: Statement<ProxyDraft>) => void;

function flag(name: ProxyFlag, sections: readonly SectionKind[], summary: string): ProxyKeyword {
	const read: Read = ({draft, cursor, prefix}) => {
		if (prefix === undefined) draft.settings.flags.add(name);
		else draft.settings.flags.delete(name);
		cursor.finish();
	};
	const full = `option ${name}`;
	return {scope: 'proxy', name: full, sections, syntax: `[no] ${full}`, summary, invertible: true, read};
}

/** Today the last of these options counts; 1.4 kept them apart, so there all that were said are remembered. */
function connection(name: ConnectionOption, summary: string, only14 = false): ProxyKeyword {
	const read: Read = ({draft, cursor, prefix, syntax}) => {
		const others = draft.settings.connection.filter(option => option !== name);
		if (prefix !== undefined) draft.settings.connection = others;
		else draft.settings.connection = syntax === '1.4' ? [...others, name] : [name];
		draft.httpOnly.push(...(prefix === undefined ? [{name: `option ${name}`, place: cursor.startPlace()}] : []));
		cursor.finish();
	};
	const full = `option ${name}`;
	const row = {scope: 'proxy', name: full, sections: DFLB, syntax: `[no] ${full}`, summary, invertible: true} as const;
	return only14 ? {...row, only14, read} : {...row, read};
}

function redispatch({draft, cursor, prefix}: Statement<ProxyDraft>): void {
	if (prefix === undefined) draft.settings.flags.add('redispatch');
	else draft.settings.flags.delete('redispatch');
	const interval = cursor.peek();
	if (interval !== undefined && /^-?\d+$/.test(interval.text)) {
		cursor.next();
		cursor.reporter.notice(
			cursor.place(interval),
			'the interval has no effect: redispatch happens on the last retry, as in 1.4',
		);
	}
	cursor.finish();
}

function readLogFormat(format: FrontendLog['format']): Read {
	return ({draft, cursor}) => {
		const clf = format === 'http' && cursor.accept('clf');
		draft.settings.logFormat = clf ? 'clf' : cursor.accept('json') ? 'json' : format;
		cursor.finish();
	};
}

const ANONYMIZE_HINT = 'V4BITS/V6BITS, such as 24/64';

/** `24/64`: the bits of a client's address that a log may show. */
function readAnonymize({draft, cursor, prefix}: Statement<ProxyDraft>): void {
	if (prefix === 'no') {
		delete draft.settings.anonymize;
		cursor.finish();
		return;
	}
	const word = cursor.next();
	cursor.finish(ANONYMIZE_HINT);
	const [, first, second] = /^(\d{1,3})\/(\d{1,3})$/.exec(word?.text ?? `${ANONYMIZE_BITS4}/${ANONYMIZE_BITS6}`) ?? [];
	const bits4 = Number(first);
	const bits6 = Number(second);
	if (bits4 <= 32 && bits6 <= 128) draft.settings.anonymize = {bits4, bits6};
	else cursor.error(word, `'${word?.text}' does not say how many bits of an address stay`, ANONYMIZE_HINT);
}

interface HeaderWords {
	readonly header: string;
	readonly except: readonly Network[];
	readonly ifNone: boolean;
}

/** `[except NETWORK]… [header NAME] [if-none]` of `forwardfor` and `originalto`. */
function readAddressHeader(cursor: LineCursor, option: string, header: string, words: readonly string[]): HeaderWords {
	const except: Network[] = [];
	let name = header;
	let ifNone = false;
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		if (word.text === 'if-none' && words.includes('if-none')) ifNone = true;
		else if (word.text === 'except') {
			const text = cursor.require('the network', 'such as except 127.0.0.0/8');
			const network = text === undefined ? undefined : parseNetwork(text.text);
			if (network !== undefined) except.push(network);
			else if (text !== undefined) cursor.error(text, `'${text.text}' is not a network`, 'such as 127.0.0.0/8');
		} else if (word.text === 'header') {
			const given = cursor.require('the name of the header', 'such as header X-Client');
			if (given !== undefined && isHeaderName(given.text)) name = given.text;
			else if (given !== undefined) cursor.error(given, `'${given.text}' is not a header name`, 'such as X-Client');
		} else {
			const hint =
				didYouMean(word.text, words) ?? `except NETWORK, header NAME${words.length > 2 ? ' or if-none' : ''}`;
			cursor.error(word, `'${word.text}' is not an option of ${option}`, hint);
			cursor.rest();
		}
	}
	return {header: name, except, ifNone};
}

function readForwardFor({draft, cursor, prefix}: Statement<ProxyDraft>): void {
	if (prefix !== undefined) {
		delete draft.settings.forwardFor;
		cursor.finish();
		return;
	}
	draft.httpOnly.push({name: 'option forwardfor', place: cursor.startPlace()});
	const words = ['except', 'header', 'if-none'];
	draft.settings.forwardFor = readAddressHeader(cursor, 'forwardfor', FORWARDED_FOR_HEADER, words);
}

function readOriginalTo({draft, cursor, prefix}: Statement<ProxyDraft>): void {
	if (prefix !== undefined) {
		delete draft.settings.originalTo;
		cursor.finish();
		return;
	}
	draft.httpOnly.push({name: 'option originalto', place: cursor.startPlace()});
	const {header, except} = readAddressHeader(cursor, 'originalto', ORIGINAL_TO_HEADER, ['except', 'header']);
	draft.settings.originalTo = {header, except};
}

const UNUSUAL_NAMES = ['preserve', 'delete', 'reject'] as const;

function readUnusualNames({draft, cursor}: Statement<ProxyDraft>): void {
	draft.httpOnly.push({name: 'option http-restrict-req-hdr-names', place: cursor.startPlace()});
	const word = cursor.require('what to do with them', UNUSUAL_NAMES.join(', '));
	const found = UNUSUAL_NAMES.find(candidate => candidate === word?.text);
	if (found !== undefined) draft.settings.unusualNames = found;
	else if (word !== undefined)
		cursor.error(word, `'${word.text}' is not known here`, didYouMean(word.text, UNUSUAL_NAMES));
	cursor.finish();
}

export const optionKeywords: readonly ProxyKeyword[] = [
	flag('socket-stats', DFL, 'Statistics of each listening socket by itself.'),
	flag('dontlognull', DFL, 'Does not log connections that carried no data.'),
	flag('dontlog-normal', DFL, 'Logs only what went wrong.'),
	flag('logasap', DFL, 'Logs when the response begins, not when it ends.'),
	flag('log-separate-errors', DFL, 'Logs what went wrong at level err.'),
	flag('persist', DLB, 'Tries the server that the cookie names even when it is down.'),
	flag('clitcpka', DFL, 'TCP keep-alive probes to clients.'),
	flag('srvtcpka', DLB, 'TCP keep-alive probes to servers.'),
	{
		...flag('clitcpka', DFLB, 'TCP keep-alive probes to clients and servers.'),
		name: 'option tcpka',
		syntax: '[no] option tcpka',
		read({draft, cursor, prefix}) {
			for (const name of ['clitcpka', 'srvtcpka'] as const) {
				if (prefix === undefined) draft.settings.flags.add(name);
				else draft.settings.flags.delete(name);
			}
			cursor.finish();
		},
	},
	flag('nolinger', DFLB, 'Frees connections at once when they are closed, whatever has not left yet.'),
	flag('idle-close-on-response', DFL, 'A soft stop lets idle clients ask once more, and closes behind the answer.'),
	{
		...flag('h1-case-adjust-bogus-client', DFL, 'Spells headers for clients as `h1-case-adjust` says.'),
		ignoredIn: ['backend'],
	},
	{
		...flag('h1-case-adjust-bogus-server', DLB, 'The same for servers.'),
		ignoredIn: ['frontend'],
	},
	flag('http-buffer-request', DFLB, 'Runs rules once the body is there, or as much of it as a buffer holds.'),
	flag('abortonclose', DLB, 'Drops waiting requests whose client has closed.'),
	flag('allbackups', DLB, 'Balances over all backup servers, not only the first.'),
	flag('checkcache', DLB, 'Refuses (502) a response that sets a cookie and could be kept by a shared cache.'),
	{
		...flag('http-pretend-keepalive', DLB, 'Does not tell servers that their connection will be closed.'),
		ignoredIn: ['frontend'],
	},
	flag('log-health-checks', DLB, 'Logs check results that differ from the state.'),
	connection('httpclose', 'Closes both sides after a response.'),
	connection('forceclose', 'Closes both sides after a response, in 1.4.', true),
	connection('http-server-close', 'Keeps the client, closes the server after each response.'),
	connection('http-keep-alive', 'Keeps both sides; the default.'),
	connection('http-tunnel', 'Reads only the first request of a connection, as 1.4 did by default.'),
	{
		scope: 'proxy',
		name: 'option redispatch',
		sections: DLB,
		syntax: '[no] option redispatch',
		summary: 'Takes another server on the last retry or when the named one is down.',
		invertible: true,
		read: redispatch,
	},
	...['redispatch', 'redisp'].map(
		(name): ProxyKeyword => ({
			scope: 'proxy',
			name,
			sections: DLB,
			syntax: name,
			summary: 'Spelling of `option redispatch` in 1.4.',
			only14: true,
			read: redispatch,
		}),
	),
	{
		scope: 'proxy',
		name: 'option httplog',
		sections: DFL,
		ignoredIn: ['backend'],
		syntax: 'option httplog [clf|json]',
		summary: "HAProxy's full log line for each request; `json` as one object (hapair only).",
		read: readLogFormat('http'),
	},
	{
		scope: 'proxy',
		name: 'option anonymize',
		sections: DFL,
		ignoredIn: ['backend'],
		syntax: '[no] option anonymize [V4BITS/V6BITS]',
		summary: "Logs a client's network instead of its address: 24 and 64 bits stay unless given (hapair only).",
		invertible: true,
		read: readAnonymize,
	},
	{
		scope: 'proxy',
		name: 'option tcplog',
		sections: DFL,
		ignoredIn: ['backend'],
		syntax: 'option tcplog [json]',
		summary: "HAProxy's log line for each connection; `json` as one object (hapair only).",
		read: readLogFormat('tcp'),
	},
	{
		scope: 'proxy',
		name: 'option forwardfor',
		sections: DFLB,
		syntax: 'option forwardfor [except NETWORK] [header NAME] [if-none]',
		summary: "Adds the client's address in X-Forwarded-For.",
		invertible: true,
		read: readForwardFor,
	},
	{
		scope: 'proxy',
		name: 'option originalto',
		sections: DFLB,
		syntax: 'option originalto [except NETWORK] [header NAME]',
		summary: 'Adds the address that the client connected to, in X-Original-To.',
		invertible: true,
		read: readOriginalTo,
	},
	{
		scope: 'proxy',
		name: 'option http-restrict-req-hdr-names',
		sections: DFLB,
		syntax: 'option http-restrict-req-hdr-names preserve|delete|reject',
		summary: 'What becomes of header names with other characters than letters, digits and hyphens.',
		read: readUnusualNames,
	},
];

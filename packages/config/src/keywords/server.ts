/**
 * `server` and `default-server` lines.
 *
 * It is longer than other files because all options of a server stand together.
 * Decides what a server line says, in any order of options. Leaves defaults to `build` and questions between servers to
 * `validate`. HAProxy manual, "Server and default-server options".
 */
import {parseIpv4} from '../addresses.ts';
import {CHECK_STREAK_MAX, MAXCONN_MAX, SERVER_WEIGHT_MAX} from '../defaults.ts';
import type {Mutable, ProxyDraft, ServerDraft, ServerOptions} from '../drafts.ts';
import {DLB, LB, notSupported, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import {isName, readChoice, readDurationMs, readInteger, readName, readText} from '../readers.ts';
import {checkHost, foreignAddressKind, splitHostPort, unixPath} from '../socket-addresses.ts';
import {didYouMean} from '../suggestions.ts';
import {readSource, SOURCE_SYNTAX} from './source.ts';

type OptionReader = (cursor: LineCursor, options: ServerOptions, word: Word) => void;
type NumberField =
	| 'weight'
	| 'rise'
	| 'fall'
	| 'maxconn'
	| 'minconn'
	| 'maxqueue'
	| 'checkPort'
	| 'errorLimit'
	| 'agentPort';
type TimeField = 'interMs' | 'fastinterMs' | 'downinterMs' | 'slowstartMs' | 'agentInterMs';

const number =
	(field: NumberField, min: number, max: number): OptionReader =>
	(cursor, options, word) => {
		const value = readInteger(cursor, word.text, min, max);
		if (value !== undefined) options[field] = value;
	};

const time =
	(field: TimeField, minMs = 1): OptionReader =>
	(cursor, options, word) => {
		const value = readDurationMs(cursor, word.text, {minMs});
		if (value !== undefined) options[field] = value;
	};

const flag =
	(field: 'check' | 'backup' | 'disabled' | 'agent' | 'isForgotten', value: boolean): OptionReader =>
	(_cursor, options) => {
		options[field] = value;
	};

const choice =
	<Field extends 'observe' | 'onError'>(
		field: Field,
		choices: readonly NonNullable<ServerOptions[Field]>[],
	): OptionReader =>
	(cursor, options, word) => {
		const value = readChoice(cursor, word.text, choices);
		if (value !== undefined) options[field] = value;
	};

/** Options with one possible value. */
const only =
	(field: 'endSessionsWhenDown' | 'endBackupSessionsWhenUp', value: string): OptionReader =>
	(cursor, options, word) => {
		if (readChoice(cursor, word.text, [value]) !== undefined) options[field] = true;
	};

function sendProxy(version: 1 | 2): OptionReader {
	return (_cursor, options) => {
		options.sendProxy = version;
	};
}

/** `unique-id,crc32c`: the others are about TLS. */
function readProxyOptions(cursor: LineCursor, options: ServerOptions): void {
	const word = cursor.require('the options', 'such as unique-id,crc32c');
	for (const name of word?.text.split(',') ?? []) {
		if (name === 'unique-id') options.proxyUniqueId = true;
		else if (name === 'crc32c') options.proxyChecksum = true;
		else if (/^(ssl|cert-.*|authority)$/.test(name)) cursor.error(word, notSupported(`'${name}' in proxy-v2-options`));
		else cursor.error(word, `'${name}' is not an option of the PROXY protocol`, 'unique-id or crc32c');
	}
}

const OPTIONS: ReadonlyMap<string, OptionReader> = new Map<string, OptionReader>([
	['weight', number('weight', 0, SERVER_WEIGHT_MAX)],
	['check', flag('check', true)],
	['no-check', flag('check', false)],
	['agent-check', flag('agent', true)],
	['no-agent-check', flag('agent', false)],
	['agent-port', number('agentPort', 1, 65_535)],
	['agent-inter', time('agentInterMs')],
	['agent-addr', readAgentAddress],
	['agent-send', readAgentSend],
	['backup', flag('backup', true)],
	['no-backup', flag('backup', false)],
	['disabled', flag('disabled', true)],
	['enabled', flag('disabled', false)],
	['non-stick', flag('isForgotten', true)],
	['stick', flag('isForgotten', false)],
	['inter', time('interMs')],
	['fastinter', time('fastinterMs')],
	['downinter', time('downinterMs')],
	['rise', number('rise', 1, CHECK_STREAK_MAX)],
	['fall', number('fall', 1, CHECK_STREAK_MAX)],
	['maxconn', number('maxconn', 0, MAXCONN_MAX)],
	['minconn', number('minconn', 0, MAXCONN_MAX)],
	['send-proxy', sendProxy(1)],
	['send-proxy-v2', sendProxy(2)],
	[
		'check-send-proxy',
		(_cursor, options) => {
			options.checkSendProxy = true;
		},
	],
	['proxy-v2-options', readProxyOptions],
	['maxqueue', number('maxqueue', 0, MAXCONN_MAX)],
	['port', number('checkPort', 1, 65_535)],
	['slowstart', time('slowstartMs', 0)],
	['observe', choice('observe', ['layer4', 'layer7', 'none'])],
	['error-limit', number('errorLimit', 1, CHECK_STREAK_MAX)],
	['on-error', choice('onError', ['fastinter', 'fail-check', 'sudden-death', 'mark-down'])],
	['on-marked-down', only('endSessionsWhenDown', 'shutdown-sessions')],
	['on-marked-up', only('endBackupSessionsWhenUp', 'shutdown-backup-sessions')],
]);

/** Options that belong to one server and so may not stand in `default-server`. */
const OWN_OPTIONS: ReadonlyMap<string, OptionReader> = new Map<string, OptionReader>([
	['cookie', readCookieValue],
	['addr', readCheckAddress],
	['source', readSourceOption],
	['id', readServerId],
	['redir', readRedirectPrefix],
	['track', readTrack],
]);

const LATER = new Set(
	`ssl verify verifyhost ca-file crt ciphers ciphersuites sni alpn npn
	send-proxy-v2-ssl send-proxy-v2-ssl-cn resolvers resolve-prefer resolve-opts
	resolve-net init-addr check-ssl
	check-sni check-alpn check-proto check-via-socks4 socks4 proto namespace tcp-ut tfo ws
	pool-max-conn pool-low-conn pool-purge-delay max-reuse force-tlsv10 force-tlsv11 force-tlsv12 force-tlsv13 no-ssl-reuse
	no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 no-tls-tickets ssl-min-ver ssl-max-ver crl-file log-proto set-proxy-v2-tlv-fmt
	guid hash-key shard init-state`.split(/\s+/),
);

function readCookieValue(cursor: LineCursor, options: ServerOptions): void {
	const value = readText(cursor, 'the cookie value', 'server NAME ADDRESS:PORT cookie VALUE');
	if (value === undefined) return;
	if (/[\s;,"\\]/.test(value)) {
		cursor.error(cursor.previous(), `'${value}' cannot stand in a cookie`, 'no blanks, quotes, commas or semicolons');
	} else options.cookie = value;
}

function readCheckAddress(cursor: LineCursor, options: ServerOptions): void {
	const word = cursor.require('the address for checks', 'such as addr 10.0.0.1');
	if (word === undefined) return;
	const problem = checkHost(word.text);
	if (problem === undefined) options.checkAddress = word.text;
	else cursor.error(word, problem.message, 'an address without a port; the port is said with `port N`');
}

function readAgentAddress(cursor: LineCursor, options: ServerOptions): void {
	const word = cursor.require('the address of the agent', 'such as agent-addr 10.0.0.1');
	if (word === undefined) return;
	const problem = checkHost(word.text);
	if (problem === undefined) options.agentAddress = word.text;
	else cursor.error(word, problem.message, 'an address without a port; the port is said with `agent-port N`');
}

function readAgentSend(cursor: LineCursor, options: ServerOptions): void {
	const word = cursor.require('what the agent is told', String.raw`such as agent-send "state\n"`);
	if (word !== undefined) options.agentSend = word.text;
}

function readSourceOption(cursor: LineCursor, options: ServerOptions): void {
	const source = readSource(cursor);
	if (source !== undefined) options.source = source;
}

function readRedirectPrefix(cursor: LineCursor, options: ServerOptions): void {
	const prefix = readText(cursor, 'the prefix', 'such as redir http://static.example');
	if (prefix !== undefined) options.redirect = prefix;
}

function readTrack(cursor: LineCursor, options: ServerOptions): void {
	const word = cursor.require('the server to follow', 'track SERVER or track BACKEND/SERVER');
	if (word === undefined) return;
	const [first = '', second, ...more] = word.text.split('/');
	const server = second ?? first;
	if (more.length > 0 || !isName(server) || (second !== undefined && !isName(first))) {
		cursor.error(word, `'${word.text}' does not name a server`, 'track SERVER or track BACKEND/SERVER');
		return;
	}
	const place = cursor.place(word);
	options.track = second === undefined ? {server, place} : {backend: first, server, place};
}

function readServerId(cursor: LineCursor, options: ServerOptions): void {
	const value = readInteger(cursor, 'id', 1, 2_147_483_647);
	if (value !== undefined) options.id = {value, place: cursor.place(cursor.previous())};
}

function readOptions(cursor: LineCursor, options: ServerOptions, isDefault: boolean): Word | undefined {
	let cookie: Word | undefined;
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		const {text} = word;
		const own = OWN_OPTIONS.get(text);
		const reader = OPTIONS.get(text) ?? own;
		if (own !== undefined && isDefault) {
			cursor.error(word, `'${text}' cannot stand in 'default-server'`, 'say it on each server line');
			cursor.rest();
		} else if (reader !== undefined) {
			if (text === 'cookie') cookie = word;
			reader(cursor, options, word);
		} else {
			const known = LATER.has(text);
			const message = known ? notSupported(`server option '${text}'`) : `'${text}' is not a server option`;
			cursor.error(
				word,
				message,
				known ? undefined : didYouMean(text, [...OPTIONS.keys(), ...OWN_OPTIONS.keys(), ...LATER]),
			);
			// What follows may be its value: to read it as an option would only make noise.
			skipUnknownValue(cursor);
		}
	}
	return cookie;
}

function skipUnknownValue(cursor: LineCursor): void {
	for (let word = cursor.peek(); word !== undefined; word = cursor.peek()) {
		if (OPTIONS.has(word.text) || OWN_OPTIONS.has(word.text)) return;
		cursor.next();
	}
}

type ServerAddress = Pick<ServerDraft, 'address' | 'portOffset' | 'target'>;

export function readServerAddress(cursor: LineCursor, word: Word): ServerAddress {
	const path = unixPath(word.text);
	if (path !== undefined) return {address: {kind: 'unix', path}};
	const foreign = foreignAddressKind(word.text);
	if (foreign !== undefined) {
		cursor.error(word, notSupported(`'${foreign}@'`), 'write ADDRESS:PORT');
		return {};
	}
	const literal = parseIpv4(word.text) !== undefined;
	const {host, port, portOffset} = literal
		? {host: word.text, port: undefined, portOffset: word.text.length}
		: splitHostPort(word.text);
	if (['', '*', '0.0.0.0', '::'].includes(host)) return readOriginal(cursor, word, port, portOffset);
	const problem = checkHost(host);
	if (problem !== undefined) {
		cursor.reporter.error(cursor.partPlace(word, 0, portOffset), problem.message, problem.hint);
		return {};
	}
	const found = readServerPort(cursor, word, port, portOffset);
	if (found === undefined) return {};
	return {...found, address: {kind: 'ip', host, port: found.port}};
}

/** The port itself, or how far it is from the one that the client used. */
function readServerPort(
	cursor: LineCursor,
	word: Word,
	port: string | undefined,
	at: number,
): {readonly port: number; readonly portOffset?: number} | undefined {
	const found = /^([+-]?)(\d{1,5})$/.exec(port ?? '+0');
	const value = Number(found?.[2]);
	if (found === null || value > 65_535 || (found[1] === '' && value < 1)) {
		const hint = 'a number from 1 to 65535, or +N / -N from the port that the client used';
		cursor.reporter.error(cursor.partPlace(word, at, port?.length ?? 1), `'${port}' is not a port`, hint);
		return undefined;
	}
	if (found[1] === '') return {port: value};
	return {port: 0, portOffset: found[1] === '-' ? -value : value};
}

/** No address: the one that the client connected to. */
function readOriginal(cursor: LineCursor, word: Word, port: string | undefined, at: number): ServerAddress {
	const found = readServerPort(cursor, word, port, at);
	return found === undefined
		? {}
		: {...found, address: {kind: 'ip', host: '0.0.0.0', port: found.port}, target: 'original'};
}

function readServer(statement: Statement<ProxyDraft>): void {
	const name = readName(statement.cursor, 'the name of the server');
	if (name !== undefined) readServerLine(statement, name, 'server NAME ADDRESS:PORT [check] [weight N] …');
}

/** What stands behind the name of a server; it is added even when some of it was refused. */
export function readServerLine({draft, cursor}: Statement<ProxyDraft>, name: Word, hint: string): ServerDraft {
	const place = cursor.place(name);
	const word = cursor.require(`the address of server '${name.text}'`, hint);
	const server: Mutable<ServerDraft> = {name: name.text, place, options: {...draft.settings.defaultServer}};
	draft.servers.push(server);
	if (word === undefined) return server;
	if (word.verbatim && (OPTIONS.has(word.text) || OWN_OPTIONS.has(word.text))) {
		cursor.error(word, `server '${name.text}' has no address`, hint);
		return server;
	}
	const {address, portOffset, target} = readServerAddress(cursor, word);
	if (address !== undefined) server.address = address;
	if (portOffset !== undefined) server.portOffset = portOffset;
	if (target !== undefined) server.target = target;
	const cookie = readOptions(cursor, server.options, false);
	if (cookie !== undefined) server.cookiePlace = cursor.place(cookie);
	return server;
}

export const serverKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'server',
		sections: LB,
		syntax:
			'server NAME ADDRESS[:[+|-]PORT] [check] [inter T] [fastinter T] [downinter T] [rise N] [fall N] [addr A] [port N] [track [BACKEND/]SERVER] [observe layer4|layer7] [error-limit N] [on-error fastinter|fail-check|sudden-death|mark-down] [agent-check] [agent-port N] [agent-addr A] [agent-inter T] [agent-send TEXT] [on-marked-down shutdown-sessions] [on-marked-up shutdown-backup-sessions] [slowstart T] [weight N] [backup] [disabled] [non-stick] [maxconn N] [minconn N] [maxqueue N] [cookie V] [send-proxy|send-proxy-v2] [proxy-v2-options unique-id,crc32c] [check-send-proxy] [source ADDRESS[:PORT[-PORT]] …] [redir PREFIX] [id N]',
		summary: 'A server of the backend.',
		read: readServer,
	},
	{
		scope: 'proxy',
		name: 'default-server',
		sections: DLB,
		syntax: 'default-server OPTIONS…',
		summary: 'Options for the server lines that follow.',
		read({draft, cursor}) {
			if (cursor.peek() === undefined) cursor.require('an option', 'default-server inter 2s rise 2 …');
			const options = {...draft.settings.defaultServer};
			readOptions(cursor, options, true);
			draft.settings.defaultServer = options;
		},
	},
	{
		scope: 'proxy',
		name: 'source',
		sections: DLB,
		syntax: `source ${SOURCE_SYNTAX}`,
		summary: 'The local address for connections to the servers.',
		read({draft, cursor}) {
			const source = readSource(cursor);
			if (source === undefined) {
				cursor.rest();
				return;
			}
			cursor.finish();
			draft.settings.source = source;
		},
	},
];

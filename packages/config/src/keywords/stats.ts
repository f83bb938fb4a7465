/**
 * `stats …`: the runtime socket of the global section and the statistics page of proxies.
 *
 * Decides what these lines say; any line of a proxy turns its page on. Leaves their defaults to `build`. HAProxy manual, `stats`.
 */

import {readCondition} from '../conditions.ts';
import {MAXCONN_MAX, STATS_REFRESH_MAX_S} from '../defaults.ts';
import type {GlobalDraft, Mutable, ProxyDraft, StatsDraft} from '../drafts.ts';
import {DFLB, FLB, GLOBAL, type GlobalKeyword, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {StatsSocket} from '../model.ts';
import {readChoice, readDurationMs, readInteger, readText} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {readBindAddresses} from './bind.ts';
import {readSocketOwner} from './socket-owner.ts';

// --- The socket -------------------------------------------------------------------------------------------------

type SocketOptions = Partial<Omit<Mutable<StatsSocket>, 'address' | 'position'>>;

const SOCKET_OPTIONS = ['level', 'mode', 'user', 'group', 'uid', 'gid'];
/** Options of `bind` that may stand here too and change nothing, each with one value. */
const INEFFECTIVE = ['backlog', 'id', 'maxconn', 'name', 'nice', 'process', 'severity-output', 'thread'];

function readStatsSocket({draft, cursor}: Statement<GlobalDraft>): void {
	const word = cursor.require('the path of the socket', 'stats socket PATH [level admin] [mode 660]');
	if (word === undefined) return;
	const {prefix, ...owner} = draft.unixBind ?? {};
	const addresses = readBindAddresses(cursor, word, prefix);
	if (addresses !== undefined && addresses.length > 1) {
		cursor.error(word, 'a stats socket has one address', 'write one stats socket line for each');
	}
	const address = addresses?.[0]?.address;
	const {file, line, column} = cursor.place(word);
	const options: SocketOptions = {};
	for (let option = cursor.next(); option !== undefined; option = cursor.next())
		readOption(cursor, option.text, options);
	if (address === undefined) return;
	draft.statsSockets.push({address, level: 'operator', position: {file, line, column}, ...owner, ...options});
}

function readOption(cursor: LineCursor, name: string, options: SocketOptions): void {
	const word = cursor.previous();
	if (name === 'level') {
		const level = readChoice(cursor, 'level', ['user', 'operator', 'admin']);
		if (level !== undefined) options.level = level;
	} else if (name === 'expose-fd') {
		cursor.accept('listeners');
		cursor.reporter.notice(
			cursor.place(word),
			"'expose-fd' has no effect: listening sockets are not handed over this way",
		);
	} else if (INEFFECTIVE.includes(name)) {
		cursor.require(`the value of '${name}'`);
		cursor.reporter.notice(cursor.place(word), `'${name}' has no effect on a stats socket`);
	} else if (!readSocketOwner(cursor, name, options)) {
		cursor.error(word, `'${name}' is not a stats socket option`, didYouMean(name, SOCKET_OPTIONS));
		cursor.rest();
	}
}

const socketKeywords: readonly GlobalKeyword[] = [
	{
		scope: 'global',
		name: 'stats socket',
		sections: GLOBAL,
		syntax:
			'stats socket PATH|fd@N|ADDRESS:PORT [level user|operator|admin] [mode OCTAL] [user U] [group G] [uid N] [gid N]',
		summary: "A socket for HAProxy's runtime commands.",
		read: readStatsSocket,
	},
	{
		scope: 'global',
		name: 'stats timeout',
		sections: GLOBAL,
		syntax: 'stats timeout TIME',
		summary: 'How long a connection to a stats socket may be silent; 10s unless given.',
		read({draft, cursor}) {
			const ms = readDurationMs(cursor, 'the timeout', {minMs: 1});
			if (ms !== undefined) draft.statsTimeoutMs = ms;
			cursor.finish();
		},
	},
	{
		scope: 'global',
		name: 'stats maxconn',
		sections: GLOBAL,
		syntax: 'stats maxconn N',
		summary: 'Connections that the stats sockets serve at a time; 10 unless given.',
		read({draft, cursor}) {
			const limit = readInteger(cursor, 'stats maxconn', 1, MAXCONN_MAX);
			if (limit !== undefined) draft.statsMaxconn = limit;
			cursor.finish();
		},
	},
];

// --- The page ---------------------------------------------------------------------------------------------------

/** A line of the page: `read` returns what it says, or undefined after an error. */
function page(
	name: string,
	syntax: string,
	summary: string,
	read: (cursor: LineCursor, said: StatsDraft) => StatsDraft | undefined,
): ProxyKeyword {
	return {
		scope: 'proxy',
		name: `stats ${name}`,
		sections: DFLB,
		syntax: syntax === '' ? `stats ${name}` : `stats ${name} ${syntax}`,
		summary,
		read({draft, cursor}) {
			noteHttpOnly(draft, cursor, name);
			const said = draft.settings.stats ?? {};
			draft.settings.stats = {...said, ...read(cursor, said)};
			cursor.finish();
		},
	};
}

/** One warning a section is enough. */
function noteHttpOnly(draft: ProxyDraft, cursor: LineCursor, name: string): void {
	if (draft.httpOnly.some(keyword => keyword.name.startsWith('stats '))) return;
	draft.httpOnly.push({name: `stats ${name}`, place: cursor.startPlace()});
}

function readUri(cursor: LineCursor): StatsDraft | undefined {
	const uri = readText(cursor, 'the URI', 'such as stats uri /haproxy?stats');
	if (uri === undefined || /^\/[\x21-\x7e]*$/.test(uri)) return uri === undefined ? undefined : {uri};
	cursor.error(cursor.previous(), `'${uri}' is not the beginning of a URI`, 'a path that begins with /');
	return undefined;
}

function readAuth(cursor: LineCursor, {auth = []}: StatsDraft): StatsDraft | undefined {
	const word = readText(cursor, 'the account', 'stats auth USER:PASSWORD');
	if (word === undefined) return undefined;
	const colon = word.indexOf(':');
	if (colon > 0) return {auth: [...auth, {user: word.slice(0, colon), password: word.slice(colon + 1)}]};
	cursor.error(cursor.previous(), 'the account has no password', 'stats auth USER:PASSWORD');
	return undefined;
}

function readRealm(cursor: LineCursor): StatsDraft | undefined {
	const realm = readText(cursor, 'the realm', 'such as stats realm Statistics');
	if (realm === undefined || !/["\\]/.test(realm)) return realm === undefined ? undefined : {realm};
	cursor.error(cursor.previous(), 'quotes and backslashes cannot stand in a realm');
	return undefined;
}

function readRefresh(cursor: LineCursor): StatsDraft | undefined {
	const ms = readDurationMs(cursor, 'the interval', {minMs: 1000, maxMs: STATS_REFRESH_MAX_S * 1000, defaultUnit: 's'});
	return ms === undefined ? undefined : {refreshS: Math.round(ms / 1000)};
}

const pageKeywords: readonly ProxyKeyword[] = [
	page('enable', '', 'Serves the statistics page.', () => ({})),
	page('uri', 'PREFIX', 'Where the page is; `/haproxy?stats` unless given.', readUri),
	page('auth', 'USER:PASSWORD', 'Who may see the page; several lines add up.', readAuth),
	page('realm', 'TEXT', 'What a browser shows when it asks for the password.', readRealm),
	page('refresh', 'TIME', 'How often a browser loads the page again.', readRefresh),
	page('hide-version', '', 'Leaves name and version out of the page.', () => ({hideVersion: true})),
	page('scope', 'NAME|.', 'Shows this proxy; several lines add up.', (cursor, {scope = []}) => {
		const name = readText(cursor, 'the name of a proxy, or .');
		return name === undefined ? undefined : {scope: [...scope, name]};
	}),
	page('show-desc', '[TEXT…]', 'Shows a description on the page.', cursor => ({
		description: cursor
			.rest()
			.map(word => word.text)
			.join(' '),
	})),
	page('show-legends', '', 'Shows more of each proxy and server under the pointer.', () => ({showLegends: true})),
	page('show-node', '[NAME]', "Shows the node's name on the page.", cursor => ({node: cursor.next()?.text ?? ''})),
	{
		scope: 'proxy',
		name: 'stats admin',
		sections: FLB,
		syntax: 'stats admin if|unless CONDITION',
		summary: 'Lets who meets the condition change servers on the page.',
		read({draft, cursor}) {
			noteHttpOnly(draft, cursor, 'admin');
			const condition = readCondition(cursor);
			if (condition !== undefined) draft.statsAdmin.push(condition);
		},
	},
	{
		scope: 'proxy',
		name: 'stats http-request',
		sections: FLB,
		syntax: 'stats http-request allow|deny|auth [realm TEXT] [if|unless CONDITION]',
		summary: 'Who may see the page; the first line whose condition holds decides, and everybody may when none does.',
		read: readPageRule,
	},
];

function readPageRule({draft, cursor}: Statement<ProxyDraft>): void {
	noteHttpOnly(draft, cursor, 'http-request');
	const kind = readChoice(cursor, 'what to do', ['allow', 'deny', 'auth']);
	if (kind === undefined) return;
	const said = kind === 'auth' && cursor.accept('realm') ? readRealm(cursor) : {};
	if (said === undefined) return;
	const rule = said.realm === undefined ? {kind} : {kind, realm: said.realm};
	if (cursor.peek() === undefined) {
		draft.statsRules.push(rule);
		return;
	}
	const condition = readCondition(cursor);
	if (condition !== undefined) draft.statsRules.push({...rule, condition});
}

export const statsKeywords: readonly (GlobalKeyword | ProxyKeyword)[] = [...socketKeywords, ...pageKeywords];

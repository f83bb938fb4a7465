/**
 * `appsession`: clients are kept on the server that set their application's cookie.
 *
 * Decides what the line says, and the table that the sessions are remembered in. HAProxy 1.4 manual, `appsession`.
 */
import type {Mutable, ProxyDraft} from '../drafts.ts';
import {LB, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {AppSession, StickTable} from '../model.ts';
import {readChoice, readDurationMs, readInteger} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {isCookieName} from './cookie.ts';

const SYNTAX = 'appsession COOKIE len N timeout T [request-learn] [prefix] [mode path-parameters|query-string]';
const WORDS = ['len', 'timeout', 'request-learn', 'prefix', 'mode'];
const MAX_VALUE_BYTES = 4096;
/** Memory is taken as sessions come, a hundred bytes for each and its value. 1.4 knew no limit. */
const MAX_SESSIONS = 2 ** 20;
const MAX_BYTES = 2 ** 27;

function readAppSession({draft, cursor}: Statement<ProxyDraft>): void {
	const place = cursor.startPlace();
	draft.httpOnly.push({name: 'appsession', place});
	const cookie = cursor.require('the name of the cookie', SYNTAX);
	if (cookie === undefined) return;
	if (!isCookieName(cookie.text)) {
		cursor.error(cookie, `'${cookie.text}' is not a cookie name`);
		cursor.rest();
		return;
	}
	const said: Partial<Mutable<AppSession>> = {};
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		const {text} = word;
		if (text === 'request-learn') said.requestLearn = true;
		else if (text === 'prefix') said.prefix = true;
		else if (!WORDS.includes(text)) {
			cursor.error(word, `'${text}' is not an option of appsession`, didYouMean(text, WORDS) ?? SYNTAX);
			cursor.rest();
			return;
		} else if (!readValue(cursor, text, said)) {
			cursor.rest();
			return;
		}
	}
	const {lengthBytes, holdMs} = said;
	if (lengthBytes === undefined || holdMs === undefined) {
		cursor.reporter.error(place, `'appsession' needs 'len' and 'timeout'`, SYNTAX);
		return;
	}
	draft.appSession = {
		cookie: cookie.text,
		lengthBytes,
		holdMs,
		requestLearn: said.requestLearn ?? false,
		prefix: said.prefix ?? false,
		mode: said.mode ?? 'path-parameters',
		table: `${draft.name}/appsession`,
		position: {file: place.file, line: place.line, column: place.column},
	};
}

function readValue(
	cursor: Statement<ProxyDraft>['cursor'],
	option: string,
	said: Partial<Mutable<AppSession>>,
): boolean {
	if (option === 'len') {
		const length = readInteger(cursor, 'len', 1, MAX_VALUE_BYTES);
		if (length !== undefined) said.lengthBytes = length;
		return length !== undefined;
	}
	if (option === 'timeout') {
		const holdMs = readDurationMs(cursor, 'timeout', {minMs: 1});
		if (holdMs !== undefined) said.holdMs = holdMs;
		return holdMs !== undefined;
	}
	const mode = readChoice(cursor, 'mode', ['path-parameters', 'query-string']);
	if (mode !== undefined) said.mode = mode;
	return mode !== undefined;
}

/** Where the sessions of a backend are remembered. No section can have its name. */
export function tableOfSessions({table, lengthBytes, holdMs, position}: AppSession): StickTable {
	return {
		name: table,
		type: 'string',
		keyBytes: lengthBytes,
		size: Math.min(MAX_SESSIONS, Math.floor(MAX_BYTES / lengthBytes)),
		expireMs: holdMs,
		nopurge: false,
		holdsServers: true,
		columns: [{name: 'server_id'}],
		position,
	};
}

export const appSessionKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'appsession',
		sections: LB,
		syntax: SYNTAX,
		summary: 'Keeps a client on the server that set its application cookie.',
		only14: true,
		read: readAppSession,
	},
];

/**
 * Persistence besides `cookie`: `force-persist`, `ignore-persist`, `appsession`, and `dispatch`, which has none.
 *
 * Decides what each line says. HAProxy manual 1.4 for `appsession` and `dispatch`.
 */
import {readCondition} from '../conditions.ts';
import type {ProxyDraft} from '../drafts.ts';
import {FLB, LB, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {AppSession, PersistRule} from '../model.ts';
import {readChoice, readDurationMs, readInteger} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {isCookieName} from './cookie.ts';
import {readServerAddress} from './server.ts';

const APPSESSION = 'appsession COOKIE len N timeout TIME [request-learn] [prefix] [mode path-parameters|query-string]';

function persist(kind: PersistRule['kind']): ProxyKeyword {
	const name = `${kind}-persist`;
	return {
		scope: 'proxy',
		name,
		sections: FLB.filter(section => section !== 'frontend'),
		ignoredIn: ['frontend'],
		syntax: `${name} if|unless CONDITION`,
		summary:
			kind === 'force'
				? 'Sends a client to the server of its cookie even when that is down.'
				: 'Ignores the persistence cookie of a request.',
		read({draft, cursor}) {
			const place = cursor.startPlace();
			draft.httpOnly.push({name, place});
			const condition = readCondition(cursor);
			if (condition !== undefined) draft.persistRules.push({kind, condition, place});
		},
	};
}

function readAppSession({draft, cursor}: Statement<ProxyDraft>): void {
	const place = cursor.startPlace();
	const name = cursor.require('the name of the cookie', APPSESSION);
	if (name === undefined) return;
	if (!isCookieName(name.text)) cursor.error(name, `'${name.text}' is not a cookie name`);
	let lengthBytes: number | undefined;
	let timeoutMs: number | undefined;
	let mode: AppSession['mode'] = 'path-parameters';
	const flags = new Set<string>();
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		if (word.text === 'len') lengthBytes = readInteger(cursor, 'len', 1, 4096);
		else if (word.text === 'timeout') timeoutMs = readDurationMs(cursor, 'timeout', {minMs: 1});
		else if (word.text === 'mode') mode = readChoice(cursor, 'mode', ['path-parameters', 'query-string']) ?? mode;
		else if (word.text === 'request-learn' || word.text === 'prefix') flags.add(word.text);
		else {
			const words = ['len', 'timeout', 'mode', 'request-learn', 'prefix'];
			cursor.error(word, `'${word.text}' is not an option of appsession`, didYouMean(word.text, words));
			cursor.rest();
			return;
		}
	}
	draft.httpOnly.push({name: 'appsession', place});
	if (lengthBytes === undefined || timeoutMs === undefined) {
		cursor.reporter.error(place, "'appsession' needs len and timeout", APPSESSION);
		return;
	}
	draft.appSession = {
		cookie: name.text,
		lengthBytes,
		timeoutMs,
		requestLearn: flags.has('request-learn'),
		prefix: flags.has('prefix'),
		mode,
	};
}

function readDispatch({draft, cursor}: Statement<ProxyDraft>): void {
	const word = cursor.require('the address', 'dispatch ADDRESS:PORT');
	if (word === undefined) return;
	const place = cursor.place(word);
	const address = readServerAddress(cursor, word);
	cursor.finish('dispatch ADDRESS:PORT');
	draft.dispatch = {server: {name: 'dispatch', place, options: {}, ...address}, place: cursor.startPlace()};
}

export const persistenceKeywords: readonly ProxyKeyword[] = [
	persist('force'),
	persist('ignore'),
	{
		scope: 'proxy',
		name: 'appsession',
		sections: LB,
		syntax: APPSESSION,
		summary: 'Keeps a client on the server that gave it a cookie of the application; 1.4.',
		only14: true,
		read: readAppSession,
	},
	{
		scope: 'proxy',
		name: 'dispatch',
		sections: LB,
		syntax: 'dispatch ADDRESS:PORT',
		summary: 'The one target of a backend without servers.',
		read: readDispatch,
	},
];

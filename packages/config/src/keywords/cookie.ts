/**
 * `cookie NAME …`: persistence of a backend.
 *
 * Decides which options go together. Leaves making and reading cookies to the proxy. HAProxy manual, `cookie`.
 */
import type {Mutable, ProxyDraft} from '../drafts.ts';
import {DLB, notSupported, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {CookiePersistence} from '../model.ts';
import {readDurationMs, readText} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';

const MODES = ['insert', 'rewrite', 'prefix'] as const;
const FLAGS = ['indirect', 'nocache', 'postonly', 'preserve', 'httponly', 'secure'] as const;
const WITH_VALUE = ['domain', 'maxidle', 'maxlife'] as const;
const LATER = ['attr', 'dynamic'];

/** Characters of a cookie's name: a token (RFC 6265 section 4.1.1). */
export function isCookieName(text: string): boolean {
	return /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/.test(text);
}

function readCookie({draft, cursor}: Statement<ProxyDraft>): void {
	const name = cursor.require('the name of the cookie', 'cookie NAME [insert|rewrite|prefix] [indirect] [nocache] …');
	if (name === undefined) return;
	draft.httpOnly.push({name: 'cookie', place: cursor.startPlace()});
	if (!isCookieName(name.text)) {
		cursor.error(name, `'${name.text}' is not a cookie name`, 'letters, digits and a few signs; no blanks, no =');
	}
	const cookie = {
		name: name.text,
		mode: 'passive' as CookiePersistence['mode'],
		indirect: false,
		nocache: false,
		postonly: false,
		preserve: false,
		httponly: false,
		secure: false,
		domains: [],
	};
	draft.settings.cookie = readOptions(cursor, cookie);
}

function readOptions(cursor: LineCursor, start: CookiePersistence): CookiePersistence {
	const cookie: Mutable<CookiePersistence> = {...start};
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		const {text} = word;
		const mode = MODES.find(candidate => candidate === text);
		const flag = FLAGS.find(candidate => candidate === text);
		if (mode !== undefined) {
			if (cookie.mode !== 'passive' && cookie.mode !== mode) {
				cursor.error(word, `'${text}' and '${cookie.mode}' exclude each other`, 'keep one of insert, rewrite, prefix');
			}
			cookie.mode = mode;
		} else if (flag !== undefined) cookie[flag] = true;
		else if (text === 'domain') cookie.domains = [...cookie.domains, ...readDomain(cursor)];
		else if (text === 'maxidle' || text === 'maxlife') {
			const ms = readDurationMs(cursor, text, {defaultUnit: 's', minMs: 1000});
			if (ms !== undefined) cookie[text === 'maxidle' ? 'maxidleS' : 'maxlifeS'] = Math.floor(ms / 1000);
		} else {
			const known = LATER.includes(text);
			const message = known ? notSupported(`cookie option '${text}'`) : `'${text}' is not a cookie option`;
			cursor.error(word, message, didYouMean(text, [...MODES, ...FLAGS, ...WITH_VALUE]));
			if (known) cursor.rest();
		}
	}
	checkTogether(cursor, cookie);
	return cookie;
}

function readDomain(cursor: LineCursor): readonly string[] {
	const domain = readText(cursor, 'the domain', 'such as domain .example.com');
	if (domain === undefined) return [];
	if (/^\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(domain)) return [domain];
	cursor.error(cursor.previous(), `'${domain}' is not a domain name`, 'such as .example.com');
	return [];
}

function checkTogether(cursor: LineCursor, cookie: CookiePersistence): void {
	if (cookie.mode === 'rewrite' && cookie.indirect) {
		cursor.reporter.error(
			cursor.startPlace(),
			"cookie modes 'rewrite' and 'indirect' exclude each other",
			"the server must see the cookie that it sets; take 'indirect' out",
		);
	}
	if (cookie.preserve && cookie.mode !== 'insert' && !cookie.indirect) {
		cursor.reporter.error(
			cursor.startPlace(),
			"cookie option 'preserve' needs 'insert' or 'indirect'",
			'without them the cookie of the server is kept anyway',
		);
	}
}

export const cookieKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'cookie',
		sections: DLB,
		syntax:
			'cookie NAME [insert|rewrite|prefix] [indirect] [nocache] [postonly] [preserve] [httponly] [secure] [domain D]… [maxidle TIME] [maxlife TIME]',
		summary: 'Keeps a client on its server with a cookie.',
		read: readCookie,
	},
];

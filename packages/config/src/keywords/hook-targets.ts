/**
 * Whom a hook tells: `webhook URL …` and `mail ADDRESS …`.
 *
 * Decides URLs, forms, mail routes and their options. Leaves what the files hold to the daemon's start.
 */
import {
	HOOK_MAIL_TIMEOUT_MS,
	HOOK_RECIPIENTS_MAX,
	HOOK_TIMEOUT_MAX_MS,
	HOOK_TIMEOUT_MIN_MS,
	HOOK_WEBHOOK_TIMEOUT_MS,
	SENDMAIL_PATH,
} from '../defaults.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {Hook, MailTransport, WebhookForm} from '../model.ts';
import {readChoice, readDurationMs, readText} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {readAbsolutePath, readSecretFile} from './pair.ts';

type Webhook = Extract<Hook, {kind: 'webhook'}>;
type Mail = Extract<Hook, {kind: 'mail'}>;
type Base = Pick<Hook, 'on' | 'position'> & Partial<Hook>;
type Draft<Of> = {-readonly [K in keyof Of]?: Of[K] | undefined};

const FORMS: readonly WebhookForm[] = ['slack', 'teams', 'ntfy', 'pagerduty'];

export const WEBHOOK_SYNTAX =
	'webhook URL [as slack|teams|ntfy|pagerduty] [template PATH] [token file PATH] [secret file PATH] [timeout TIME]';
export const MAIL_SYNTAX =
	'mail ADDRESS[,ADDRESS…] [from ADDRESS] [via sendmail|PATH|smtp://[USER@]HOST[:PORT]|smtps://…] [password file PATH] [template PATH] [timeout TIME]';

export function readHookTimeout(cursor: LineCursor): number | undefined {
	return readDurationMs(cursor, 'timeout', {minMs: HOOK_TIMEOUT_MIN_MS, maxMs: HOOK_TIMEOUT_MAX_MS});
}

/** `secret file PATH` and the like: the word stands before, the path behind `file`. Nothing after an error. */
const readers: Readonly<Record<string, (cursor: LineCursor, draft: Draft<Webhook> & Draft<Mail>) => unknown>> = {
	timeout: (cursor, draft) => (draft.timeoutMs = readHookTimeout(cursor)),
	secret: (cursor, draft) => (draft.secretFile = readSecretFile(cursor)),
	token: (cursor, draft) => (draft.tokenFile = readSecretFile(cursor, 'token')),
	password: (cursor, draft) => (draft.passwordFile = readSecretFile(cursor, 'password')),
	template: (cursor, draft) => (draft.templateFile = readAbsolutePath(cursor, 'the template')),
	as: (cursor, draft) => (draft.form = readChoice(cursor, 'as', FORMS)),
	from: (cursor, draft) => (draft.from = readAddresses(cursor, 1)?.[0]),
	via: (cursor, draft) => (draft.via = readTransport(cursor)),
};

/** All options to the end of the line, or nothing after an error. */
function readOptions(
	cursor: LineCursor,
	what: string,
	names: readonly string[],
): (Draft<Webhook> & Draft<Mail>) | undefined {
	const draft: Draft<Webhook> & Draft<Mail> = {};
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		const read = names.includes(word.text) ? readers[word.text] : undefined;
		if (read === undefined) {
			const hint = didYouMean(word.text, names) ?? `one of ${names.join(', ')}`;
			cursor.error(word, `'${word.text}' is not an option of ${what}`, hint);
		}
		if (read?.(cursor, draft) === undefined) return void cursor.rest();
	}
	return draft;
}

export function readWebhook(base: Base, cursor: LineCursor): Webhook | undefined {
	const url = readUrl(cursor);
	const place = cursor.previous();
	const options = readOptions(cursor, 'webhook', ['as', 'template', 'token', 'secret', 'timeout']);
	if (url === undefined || options === undefined) return undefined;
	if (options.form === 'pagerduty' && options.tokenFile === undefined) {
		const hint = 'token file PATH, a file with the integration key of the service';
		cursor.error(place, 'PagerDuty needs a routing key', hint);
		return undefined;
	}
	if (options.form !== undefined && options.templateFile !== undefined) {
		cursor.error(place, 'the body is either a form (as …) or a template', 'take one of the two out');
		return undefined;
	}
	return {timeoutMs: HOOK_WEBHOOK_TIMEOUT_MS, ...base, ...options, kind: 'webhook', url} as Webhook;
}

function readUrl(cursor: LineCursor): string | undefined {
	const text = readText(cursor, 'the URL', 'such as https://alerts.example.com/hapair');
	if (text === undefined) return undefined;
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if ((url?.protocol === 'https:' || url?.protocol === 'http:') && !/\s/.test(text)) return text;
	cursor.error(cursor.previous(), `'${text}' is not an http or https URL`, 'such as https://alerts.example.com/hapair');
	return undefined;
}

export function readMail(base: Base, cursor: LineCursor): Mail | undefined {
	const to = readAddresses(cursor, HOOK_RECIPIENTS_MAX);
	const place = cursor.previous();
	const options = readOptions(cursor, 'mail', ['from', 'via', 'password', 'template', 'timeout']);
	if (to === undefined || options === undefined) return undefined;
	const {via = {kind: 'sendmail', path: SENDMAIL_PATH} as const} = options;
	const user = via.kind === 'smtp' ? via.user : undefined;
	if ((user === undefined) !== (options.passwordFile === undefined)) {
		const missing = user === undefined ? 'a password needs a user' : `the user '${user}' needs a password`;
		cursor.error(place, missing, 'via smtp://USER@HOST password file PATH');
		return undefined;
	}
	const local = via.kind === 'smtp' ? [...to, ...(options.from === undefined ? [] : [options.from])] : [];
	const nameless = local.find(address => !address.includes('@'));
	if (nameless !== undefined) {
		cursor.error(place, `'${nameless}' is a user of this machine, and the mail goes by SMTP`, 'USER@DOMAIN');
		return undefined;
	}
	return {timeoutMs: HOOK_MAIL_TIMEOUT_MS, ...base, ...options, kind: 'mail', to, via} as Mail;
}

/** Addresses without names: nothing that a header or a program could misread. */
function readAddresses(cursor: LineCursor, most: number): readonly string[] | undefined {
	const word = cursor.require('the mail address', 'such as root@localhost');
	if (word === undefined) return undefined;
	const addresses = word.text.split(',');
	const bad = addresses.find(address => !/^[A-Za-z0-9_][A-Za-z0-9._%+=-]{0,63}(@[A-Za-z0-9.-]{1,253})?$/.test(address));
	if (bad !== undefined) cursor.error(word, `'${bad}' is not a mail address`, 'such as root or admin@example.org');
	else if (addresses.length > most) cursor.error(word, `more than ${most} addresses here`, 'use an alias or a list');
	else return addresses;
	return undefined;
}

const TRANSPORT_HINT = 'sendmail, the path of a program, or smtp://[USER@]HOST[:PORT]';

function readTransport(cursor: LineCursor): MailTransport | undefined {
	const word = cursor.require('the way of the mail', TRANSPORT_HINT);
	if (word === undefined) return undefined;
	const {text} = word;
	if (text === 'sendmail') return {kind: 'sendmail', path: SENDMAIL_PATH};
	if (text.startsWith('/') && !/[\x00-\x1f]/.test(text)) return {kind: 'sendmail', path: text};
	const found =
		/^(smtps?):\/\/(?:([^@\s/:]+(?:@[^@\s/:]+)?)@)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?\/?$/.exec(text);
	const tls = found?.[1] === 'smtps';
	const port = Number(found?.[4] ?? (tls ? 465 : found?.[2] === undefined ? 25 : 587));
	if (found === null || port < 1 || port > 65_535) {
		const problem = /:[^@/]*@/.test(text.slice(7))
			? 'a password does not belong into the configuration'
			: `'${text}' is no way for mail`;
		cursor.error(word, problem, TRANSPORT_HINT);
		return undefined;
	}
	const host = found[3]!.replace(/^\[|\]$/g, '');
	return {kind: 'smtp', host, port, tls, ...(found[2] === undefined ? {} : {user: found[2]})};
}

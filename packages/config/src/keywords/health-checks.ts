/**
 * What a backend's checks say to its servers and expect of them: `option …chk`, `tcp-check …`.
 *
 * Decides the kind of check (the last option said counts) and its parameters. Leaves times, addresses and counts to `server`
 * lines, `http-check` lines to `http-check.ts`, and bytes on the wire to the proxy. HAProxy manual, "Health checks".
 */
import {HTTP_CHECK_METHOD, HTTP_CHECK_URI, HTTP_CHECK_VERSION, SMTP_HELLO} from '../defaults.ts';
import type {ProxyDraft} from '../drafts.ts';
import {DLB, LB, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {CheckKind} from '../model.ts';
import {readChoice, readText} from '../readers.ts';
import {CONNECT_SYNTAX} from './check-steps.ts';
import {
	readTcpCheckComment,
	readTcpCheckConnect,
	readTcpCheckExpect,
	readTcpCheckFormat,
	readTcpCheckSend,
	readTcpCheckVariable,
} from './tcp-check.ts';

type Read = (statement: Statement<ProxyDraft>) => void;

// --- The kinds --------------------------------------------------------------------------------------------------

/** `read` returns the kind, or undefined after an error; `no option …` falls back to connecting only. */
function kind(name: string, args: string, summary: string, read: (cursor: LineCursor) => CheckKind | undefined) {
	const full = `option ${name}`;
	const row: ProxyKeyword = {
		scope: 'proxy',
		name: full,
		sections: DLB,
		syntax: args === '' ? full : `${full} ${args}`,
		summary,
		invertible: true,
		read({draft, cursor, prefix}) {
			const check = prefix === undefined ? read(cursor) : ({kind: 'tcp'} as const);
			cursor.finish();
			if (check !== undefined) draft.settings.check = check;
		},
	};
	return row;
}

/** `option httpchk [URI | METHOD URI [VERSION]]`; the version may bring headers after CR LF, as 1.4's manual taught. */
function readHttpCheck(cursor: LineCursor): CheckKind | undefined {
	const words = cursor.rest();
	const [first, second, ...versions] = words;
	const method = second === undefined ? HTTP_CHECK_METHOD : first!.text;
	const uri = second?.text ?? first?.text ?? HTTP_CHECK_URI;
	const version = versions.length === 0 ? HTTP_CHECK_VERSION : versions.map(word => word.text).join(' ');
	if (!checkMethod(cursor, first, method) || !checkUri(cursor, second ?? first, uri)) return undefined;
	if (!/^HTTP\/1\.[01](\r\n[^\0]*)?$/.test(version)) {
		cursor.error(versions[0], `'${printable(version)}' is not an HTTP version`, 'HTTP/1.0 or HTTP/1.1');
		return undefined;
	}
	return {kind: 'http', method, uri, version};
}

export function checkMethod(cursor: LineCursor, word: Word | undefined, method: string): boolean {
	if (/^[A-Za-z][A-Za-z0-9-]*$/.test(method)) return true;
	cursor.error(word, `'${method}' is not a method`, 'option httpchk METHOD URI [VERSION]');
	return false;
}

export function checkUri(cursor: LineCursor, word: Word | undefined, uri: string): boolean {
	if (/^(\/[\x21-\x7e\u0080-\uffff]*|\*|https?:\/\/[\x21-\x7e\u0080-\uffff]+)$/.test(uri)) return true;
	cursor.error(word, `'${uri}' is not a URI`, 'a path that begins with /, such as /health');
	return false;
}

function printable(text: string): string {
	return text.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

/** Anything but `HELO NAME` or `EHLO NAME` is the default greeting, as HAProxy reads it. */
function readSmtpCheck(cursor: LineCursor): CheckKind | undefined {
	const [verb, domain] = cursor.rest();
	const command = verb?.text.toUpperCase();
	if ((command !== 'HELO' && command !== 'EHLO') || domain === undefined) return {kind: 'smtp', hello: SMTP_HELLO};
	if (/^[\x21-\x7e]{1,255}$/.test(domain.text)) return {kind: 'smtp', hello: `${command} ${domain.text}`};
	cursor.error(domain, `'${printable(domain.text)}' is not a domain`, 'option smtpchk HELO example.org');
	return undefined;
}

function readUser(cursor: LineCursor, option: string): string | undefined {
	const word = cursor.peek();
	if (word === undefined || !cursor.accept('user')) {
		const message = word === undefined ? `'${option}' needs a user` : `'${word.text}' is not 'user'`;
		cursor.error(word, message, `${option} user NAME`);
		cursor.rest();
		return undefined;
	}
	return readText(cursor, 'the user', `${option} user NAME`);
}

function readMysqlCheck(cursor: LineCursor): CheckKind | undefined {
	if (cursor.peek() === undefined) return {kind: 'mysql', protocol: 'post-41'};
	const user = readUser(cursor, 'option mysql-check');
	if (user === undefined) return undefined;
	if (cursor.peek() === undefined) return {kind: 'mysql', user, protocol: 'post-41'};
	const protocol = readChoice(cursor, 'the protocol', ['post-41', 'pre-41'] as const);
	return protocol === undefined ? undefined : {kind: 'mysql', user, protocol};
}

function readPgsqlCheck(cursor: LineCursor): CheckKind | undefined {
	const user = readUser(cursor, 'option pgsql-check');
	return user === undefined ? undefined : {kind: 'pgsql', user};
}

function rule(name: string, args: string, summary: string, read: Read): ProxyKeyword {
	return {scope: 'proxy', name, sections: DLB, syntax: args === '' ? name : `${name} ${args}`, summary, read};
}

const flag =
	(name: 'disable-on-404' | 'send-state'): Read =>
	({draft, cursor}) => {
		draft.settings.flags.add(name);
		cursor.finish();
	};

export const healthCheckKeywords: readonly ProxyKeyword[] = [
	kind('httpchk', '[URI | METHOD URI [VERSION]]', 'Checks servers with an HTTP request.', readHttpCheck),
	kind('ssl-hello-chk', '', 'Checks that servers answer a TLS hello.', () => ({kind: 'ssl-hello'})),
	kind('smtpchk', '[HELO|EHLO DOMAIN]', 'Checks servers with an SMTP greeting.', readSmtpCheck),
	kind('mysql-check', '[user NAME [post-41|pre-41]]', 'Checks servers with a MySQL handshake.', readMysqlCheck),
	kind('pgsql-check', 'user NAME', 'Checks servers with a PostgreSQL start-up message.', readPgsqlCheck),
	kind('ldap-check', '', 'Checks servers with an anonymous LDAP bind.', () => ({kind: 'ldap'})),
	kind('redis-check', '', 'Checks servers with a Redis PING.', () => ({kind: 'redis'})),
	kind('tcp-check', '', 'Checks servers with the `tcp-check` lines of the backend.', () => ({
		kind: 'tcp-check',
		steps: [],
	})),
	rule('http-check disable-on-404', '', 'A check answered 404 means no new clients.', flag('disable-on-404')),
	rule('http-check send-state', '', "Checks carry the server's state in a header.", flag('send-state')),
	{...rule('tcp-check connect', CONNECT_SYNTAX, 'Opens a connection.', readTcpCheckConnect), sections: LB},
	{...rule('tcp-check send', 'TEXT', 'Sends text.', readTcpCheckSend('text')), sections: LB},
	{...rule('tcp-check send-binary', 'HEX', 'Sends bytes.', readTcpCheckSend('hex')), sections: LB},
	{...rule('tcp-check send-lf', 'FORMAT', 'Sends a text with variables.', readTcpCheckFormat('text')), sections: LB},
	{
		...rule(
			'tcp-check send-binary-lf',
			'FORMAT',
			'Sends bytes whose digits are made of variables.',
			readTcpCheckFormat('hex'),
		),
		sections: LB,
	},
	{
		...rule('tcp-check comment', 'TEXT', 'Told in the log when a step behind it fails.', readTcpCheckComment),
		sections: LB,
	},
	...['set-var(check.NAME) EXPRESSION', 'set-var-fmt(check.NAME) FORMAT', 'unset-var(check.NAME)'].map(
		(form): ProxyKeyword => ({
			...rule(
				`tcp-check ${form.replace(/\(.*/, '')}`,
				'',
				'Keeps or forgets a variable for later steps.',
				readTcpCheckVariable,
			),
			syntax: `tcp-check ${form}`,
			sections: LB,
		}),
	),
	{
		...rule('tcp-check expect', '[!] string|rstring|binary PATTERN', 'Waits for an answer.', readTcpCheckExpect),
		sections: LB,
	},
];

/**
 * What is answered in place of the built-in error pages: `errorfile`, `errorloc` and kin, `http-error`, `errorfiles`, and
 * sections `http-errors`, whose files many proxies share.
 *
 * Decides what each line says; of several for one status the last one counts. Leaves finding sections to `error-pages.ts`.
 * HAProxy manual, `errorfile`, `http-error`, "HTTP-errors".
 */
import {ERROR_STATUSES} from '../defaults.ts';
import type {HttpErrorsDraft, ProxyDraft} from '../drafts.ts';
import {DFLB, type HttpErrorsKeyword, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {ErrorFile} from '../model.ts';
import {readName, readText} from '../readers.ts';
import {REPLY_SYNTAX, readReply} from './replies.ts';

function checkStatus(cursor: LineCursor, keyword: string, text: string): number | undefined {
	const status = Number(text);
	if (ERROR_STATUSES.includes(status)) return status;
	const message = `${keyword}: '${text}' is not a status it can replace`;
	cursor.error(cursor.previous(), message, `one of ${ERROR_STATUSES.join(', ')}`);
	return undefined;
}

function readErrorStatus(cursor: LineCursor, keyword: string, example: string): number | undefined {
	const code = cursor.require('the status', example);
	return code === undefined ? undefined : checkStatus(cursor, keyword, code.text);
}

function readErrorFile(cursor: LineCursor): ErrorFile | undefined {
	const status = readErrorStatus(cursor, 'errorfile', 'errorfile 503 /etc/hapair/503.http');
	if (status === undefined) return undefined;
	const path = readText(cursor, 'the file', 'a whole response, status line and headers included');
	if (path === undefined) return undefined;
	const {file, line, column} = cursor.place(cursor.previous());
	cursor.finish();
	return {status, path: cursor.line.resolve?.(path) ?? path, position: {file, line, column}};
}

function errorLocation(name: string, code: 302 | 303): ProxyKeyword {
	return {
		scope: 'proxy',
		name,
		sections: DFLB,
		syntax: `${name} STATUS URL`,
		summary: `Answers ${code} to the URL in place of an error page.`,
		read({draft, cursor}) {
			const status = readErrorStatus(cursor, name, `${name} 503 http://www.example/sorry`);
			const location = status === undefined ? undefined : readText(cursor, 'the URL');
			if (location === undefined) return;
			cursor.finish();
			draft.settings.errorPages.push({kind: 'location', location: {status: status!, code, location}});
		},
	};
}

function readHttpError(statement: Statement<ProxyDraft>): void {
	const {draft, cursor} = statement;
	const place = cursor.startPlace();
	const hint = 'http-error status 503 content-type text/plain string "back soon"';
	const answer = readReply(statement, 200);
	if (answer === undefined) {
		cursor.rest();
		return;
	}
	if (!answer.hasStatus) {
		cursor.error(cursor.previous(), "http-error needs 'status N'", hint);
		return;
	}
	cursor.finish('http-error takes no condition');
	const {status} = answer.reply;
	if (ERROR_STATUSES.includes(status)) draft.settings.errorPages.push({kind: 'reply', reply: answer.reply, place});
	else
		cursor.reporter.error(
			place,
			`http-error: ${status} is not a status it can replace`,
			`one of ${ERROR_STATUSES.join(', ')}`,
		);
}

function readImport({draft, cursor}: Statement<ProxyDraft>): void {
	const name = readName(cursor, 'the section http-errors');
	if (name === undefined) return;
	const statuses: {status: number; place: ReturnType<LineCursor['place']>}[] = [];
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		const status = checkStatus(cursor, 'errorfiles', word.text);
		if (status !== undefined) statuses.push({status, place: cursor.place(word)});
	}
	const section = {name: name.text, place: cursor.place(name)};
	draft.settings.errorPages.push({kind: 'import', section, statuses});
}

export const errorPageKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'errorfile',
		sections: DFLB,
		syntax: 'errorfile STATUS FILE',
		summary: 'A whole response in place of an error page.',
		read({draft, cursor}) {
			const file = readErrorFile(cursor);
			if (file !== undefined) draft.settings.errorPages.push({kind: 'file', file});
		},
	},
	errorLocation('errorloc', 302),
	errorLocation('errorloc302', 302),
	errorLocation('errorloc303', 303),
	{
		scope: 'proxy',
		name: 'http-error',
		sections: DFLB,
		syntax: `http-error ${REPLY_SYNTAX.replace('[status N]', 'status N')}`,
		summary: 'An answer made of words in place of an error page.',
		read: readHttpError,
	},
	{
		scope: 'proxy',
		name: 'errorfiles',
		sections: DFLB,
		syntax: 'errorfiles NAME [STATUS…]',
		summary: 'The error files of a section `http-errors`, all or those named.',
		read: readImport,
	},
];

export const httpErrorsKeywords: readonly HttpErrorsKeyword[] = [
	{
		scope: 'http-errors',
		name: 'errorfile',
		sections: ['http-errors'],
		syntax: 'errorfile STATUS FILE',
		summary: 'A whole response, for proxies that name this section.',
		read({draft, cursor}: Statement<HttpErrorsDraft>) {
			const file = readErrorFile(cursor);
			if (file !== undefined) draft.files.push(file);
		},
	},
];

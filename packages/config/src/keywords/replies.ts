/**
 * The answers that rules and `http-error` lines give: status, type, body, headers, or a page that stands elsewhere.
 *
 * Decides what the words of an answer mean and which exclude each other. Leaves sections `http-errors` that an answer names to
 * `error-pages.ts`. HAProxy manual, `http-request return`, `http-error`.
 */
import {ERROR_STATUSES} from '../defaults.ts';
import type {Mutable, ProxyDraft} from '../drafts.ts';
import type {Statement} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {Reply} from '../model.ts';
import {readInteger, readName, readText} from '../readers.ts';
import {checkFormatText, readFormatText} from './headers.ts';
import {readChangedHeader} from './message-rules.ts';

export const REPLY_SYNTAX =
	'[status N] [content-type T] [default-errorfiles|errorfile PATH|errorfiles NAME|file PATH|lf-file PATH|string S|lf-string F] [hdr NAME VALUE]…';

const PARTS =
	'status N, content-type TYPE, string TEXT, lf-string FORMAT, file PATH, lf-file PATH, errorfile PATH, errorfiles NAME, default-errorfiles, hdr NAME VALUE';

/** A whole page from elsewhere; the others are bodies. */
const PAGES: ReadonlySet<string> = new Set(['default-errorfiles', 'errorfile', 'errorfiles']);
const CONTENTS: ReadonlySet<string> = new Set([...PAGES, 'file', 'lf-file', 'string', 'lf-string']);

type ReplyDraft = Mutable<Reply> & {headers: {name: string; value: string}[]};

export interface ReadReply {
	readonly reply: Reply;
	/** Nothing of an answer was said, so the error page of the status is used. */
	readonly isBare: boolean;
	/** `status` was said. */
	readonly hasStatus: boolean;
}

/** The action `return`; undefined after an error. */
export function readReturn(statement: Statement<ProxyDraft>): {kind: 'return'; reply: Reply} | undefined {
	const answer = readReply(statement, 200);
	return answer && {kind: 'return', reply: answer.reply};
}

/** Up to `if`, `unless` or the end of the line; undefined after an error. */
export function readReply(statement: Statement<ProxyDraft>, status: number): ReadReply | undefined {
	const {cursor, syntax} = statement;
	const reply: ReplyDraft = {status, headers: []};
	let isBare = true;
	let hasStatus = false;
	let content: Word | undefined;
	for (let word = cursor.peek(); word !== undefined && !isCondition(word); word = cursor.peek()) {
		cursor.next();
		if (word.text === 'status' || word.text === 'deny_status') {
			const given = readInteger(cursor, 'the status', 200, 599);
			if (given === undefined) return undefined;
			reply.status = given;
			hasStatus = true;
			continue;
		}
		isBare = false;
		if (CONTENTS.has(word.text)) {
			if (content !== undefined) {
				cursor.error(word, `'${word.text}' cannot stand beside '${content.text}'`, 'an answer has one of them');
				return undefined;
			}
			content = word;
			if (!readContent(statement, word.text, reply)) return undefined;
		} else if (!readPart(cursor, word, reply, syntax)) return undefined;
	}
	return finishReply(cursor, reply, content) ? {reply, isBare, hasStatus} : undefined;
}

function isCondition({text}: Word): boolean {
	return text === 'if' || text === 'unless';
}

function readPart(cursor: LineCursor, word: Word, reply: ReplyDraft, syntax: Statement<ProxyDraft>['syntax']): boolean {
	if (word.text === 'content-type') {
		const type = readText(cursor, 'the content type', 'such as content-type text/plain');
		if (type !== undefined) reply.contentType = type;
		return type !== undefined;
	}
	if (word.text === 'hdr') {
		const name = readChangedHeader(cursor);
		const value = name === undefined ? undefined : readFormatText(cursor, 'the value', syntax);
		if (value !== undefined) reply.headers.push({name: name!, value});
		return value !== undefined;
	}
	cursor.error(word, `'${word.text}' is not a part of an answer`, PARTS);
	return false;
}

/** What is answered; false after an error. */
function readContent({cursor, syntax}: Statement<ProxyDraft>, kind: string, reply: ReplyDraft): boolean {
	if (kind === 'default-errorfiles') {
		reply.isPage = true;
		return true;
	}
	if (kind === 'errorfiles') {
		const name = readName(cursor, 'the section http-errors');
		if (name !== undefined) reply.errorFiles = name.text;
		return name !== undefined;
	}
	if (kind === 'file' || kind === 'errorfile') {
		const path = readText(cursor, 'the file', 'such as file /etc/hapair/busy.html');
		if (path !== undefined) reply[kind === 'file' ? 'file' : 'errorFile'] = cursor.line.resolve?.(path) ?? path;
		return path !== undefined;
	}
	const body = kind === 'lf-file' ? readFormatFile(cursor) : readBody(cursor, kind, syntax);
	if (body !== undefined) reply.body = body;
	return body !== undefined;
}

function readBody(cursor: LineCursor, kind: string, syntax: Statement<ProxyDraft>['syntax']): string | undefined {
	const text = cursor.require('the text');
	if (text === undefined) return undefined;
	return kind === 'string' || syntax === '1.4' ? text.text.replaceAll('%', '%%') : checkBody(cursor, text);
}

/** What of the parts fits together; false after an error. */
function finishReply(cursor: LineCursor, reply: ReplyDraft, content: Word | undefined): boolean {
	if (content === undefined) {
		if (reply.contentType !== undefined)
			warnIgnored(cursor, `content-type '${reply.contentType}'`, 'the answer has no body');
		delete reply.contentType;
		return true;
	}
	if (PAGES.has(content.text)) {
		if (!ERROR_STATUSES.includes(reply.status)) {
			const message = `there is no error page for status ${reply.status}`;
			cursor.error(content, message, `with '${content.text}' one of ${ERROR_STATUSES.join(', ')}`);
			return false;
		}
		if (reply.contentType !== undefined || reply.headers.length > 0)
			warnIgnored(cursor, reply.contentType === undefined ? 'hdr' : 'content-type', 'a page has its own headers');
		delete reply.contentType;
		reply.headers = [];
		return true;
	}
	// As in HAProxy, an empty body needs none.
	const isEmptyFile = reply.file !== undefined && cursor.line.readFile?.(reply.file) === '';
	if (reply.contentType !== undefined || reply.body === '' || isEmptyFile) return true;
	cursor.error(cursor.previous(), 'a body needs a content type', 'such as content-type text/plain');
	return false;
}

function warnIgnored(cursor: LineCursor, what: string, why: string): void {
	cursor.reporter.warn(cursor.place(cursor.previous()), `${what} has no effect: ${why}`);
}

/** Read now: what is wrong in it is said before anything starts. */
function readFormatFile(cursor: LineCursor): string | undefined {
	const path = cursor.require('the file', 'such as lf-file /etc/hapair/busy.html');
	if (path === undefined) return undefined;
	const text = cursor.line.readFile?.(path.text);
	if (text === undefined) {
		cursor.error(path, `'${path.text}' cannot be read`);
		return undefined;
	}
	return checkBody(cursor, {...path, text});
}

/** A body may have several lines. */
function checkBody(cursor: LineCursor, word: Word): string | undefined {
	const flat = {...word, text: word.text.replaceAll(/[\r\n\t]/g, ' ')};
	return checkFormatText(cursor, flat, 'the text', 'modern') === undefined ? undefined : word.text;
}

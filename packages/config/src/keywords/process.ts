/**
 * `global` keywords about the process and its surroundings: paths, sockets, rates, its end, spellings of header names.
 *
 * Decides what each line says. HAProxy manual, `default-path`, `unix-bind`, `hard-stop-after`, `maxconnrate`, `h1-case-adjust`.
 */
import {MAX_RATE} from '../defaults.ts';
import type {GlobalDraft} from '../drafts.ts';
import {GLOBAL, type GlobalKeyword, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import {readChoice, readDurationMs, readInteger, readText} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {isHeaderName} from './headers.ts';
import {readSocketOwner} from './socket-owner.ts';

type Read = (statement: Statement<GlobalDraft>) => void;

const readDefaultPath: Read = ({draft, cursor}) => {
	const kind = readChoice(cursor, 'default-path', ['current', 'config', 'parent', 'origin']);
	if (kind === undefined) return;
	if (kind !== 'origin') draft.defaultPath = {kind};
	else {
		const path = readText(cursor, 'the directory', 'such as default-path origin /etc/haproxy');
		if (path === undefined) return;
		draft.defaultPath = {kind, path};
	}
	cursor.finish();
};

const UNIX_OPTIONS = ['prefix', 'mode', 'user', 'uid', 'group', 'gid'];

const readUnixBind: Read = ({draft, cursor}) => {
	const options = {...draft.unixBind};
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		const {text} = word;
		if (text === 'prefix') {
			const prefix = readText(cursor, text);
			if (prefix !== undefined) options.prefix = prefix;
		} else if (!readSocketOwner(cursor, text, options)) {
			const hint = didYouMean(text, UNIX_OPTIONS) ?? `one of ${UNIX_OPTIONS.join(', ')}`;
			cursor.error(word, `'${text}' is not an option of unix-bind`, hint);
			cursor.rest();
		}
	}
	draft.unixBind = options;
};

/** `no` takes a line back. */
function flag(name: string, field: 'zeroWarning', summary: string): GlobalKeyword {
	const read: Read = ({draft, cursor, prefix}) => {
		if (prefix === undefined) draft[field] = cursor.startPlace();
		else delete draft[field];
		cursor.finish();
	};
	return {scope: 'global', name, sections: GLOBAL, syntax: `[no] ${name}`, summary, invertible: true, read};
}

function rate(name: string, field: 'connectionRate' | 'sessionRate', summary: string): GlobalKeyword {
	const read: Read = ({draft, cursor}) => {
		const value = readInteger(cursor, name, 0, MAX_RATE);
		if (value === undefined) return;
		draft[field] = value;
		cursor.finish();
	};
	return {scope: 'global', name, sections: GLOBAL, syntax: `${name} N`, summary, read};
}

/** The name as it is received, lower case or not, and as it is to be sent. */
function adjust(draft: GlobalDraft, cursor: LineCursor, from: string, to: string): void {
	const wrong = [from, to].find(name => !isHeaderName(name));
	if (wrong !== undefined) cursor.error(cursor.previous(), `'${wrong}' is not a header name`);
	else if (from.toLowerCase() !== to.toLowerCase())
		cursor.error(cursor.previous(), `'${from}' and '${to}' are different names`, 'only letters may change their case');
	else draft.headerCases = {...draft.headerCases, [to.toLowerCase()]: to};
}

const readCase: Read = ({draft, cursor}) => {
	const from = cursor.require('the header', 'h1-case-adjust content-length Content-Length');
	const to = from === undefined ? undefined : cursor.require('how it is spelled');
	if (from === undefined || to === undefined) return;
	adjust(draft, cursor, from.text, to.text);
	cursor.finish();
};

const readCaseFile: Read = ({draft, cursor}) => {
	const word = cursor.require('the file', 'a file with two names on each line');
	if (word === undefined) return;
	const text = cursor.line.readFile?.(word.text);
	if (text === undefined) cursor.error(word, `'${word.text}' cannot be read`);
	for (const line of text?.split('\n') ?? []) {
		const [from = '', to = ''] = line.trim().split(/\s+/);
		if (from !== '' && !from.startsWith('#')) adjust(draft, cursor, from, to);
	}
	cursor.finish();
};

export const processKeywords: readonly GlobalKeyword[] = [
	{
		scope: 'global',
		name: 'default-path',
		sections: GLOBAL,
		syntax: 'default-path current|config|parent|origin DIRECTORY',
		summary: 'From where relative names of files count; it stands before the lines that name some.',
		read: readDefaultPath,
	},
	{
		scope: 'global',
		name: 'unix-bind',
		sections: GLOBAL,
		syntax: 'unix-bind [prefix TEXT] [mode OCTAL] [user U] [uid N] [group G] [gid N]',
		summary: 'What stands before the path of each listening unix socket, and its mode; owners of stats sockets.',
		read: readUnixBind,
	},
	{
		scope: 'global',
		name: 'hard-stop-after',
		sections: GLOBAL,
		syntax: 'hard-stop-after TIME',
		summary: 'How long a soft stop waits for connections at most.',
		read({draft, cursor}) {
			const ms = readDurationMs(cursor, 'hard-stop-after', {minMs: 1});
			if (ms === undefined) return;
			draft.hardStopAfterMs = ms;
			cursor.finish();
		},
	},
	rate('maxconnrate', 'connectionRate', 'New connections a second over all frontends; 0 is no limit.'),
	rate('maxsessrate', 'sessionRate', 'New sessions a second over all frontends; 0 is no limit.'),
	flag('zero-warning', 'zeroWarning', 'Refuses a configuration that has warnings.'),
	{
		scope: 'global',
		name: 'h1-case-adjust',
		sections: GLOBAL,
		syntax: 'h1-case-adjust NAME NAME',
		summary: 'How a header is spelled for peers that `option h1-case-adjust-bogus-client` or `-server` is said of.',
		read: readCase,
	},
	{
		scope: 'global',
		name: 'h1-case-adjust-file',
		sections: GLOBAL,
		syntax: 'h1-case-adjust-file FILE',
		summary: 'The same from a file with two names on each line.',
		read: readCaseFile,
	},
];

/**
 * Keywords of the `global` section that have an effect.
 *
 * Decides process-wide values. Leaves `log` to `logs.ts`, `stats` to `stats.ts` and keywords without effect to `ineffective.ts`. HAProxy manual,
 * "Global parameters".
 */
import {
	BUFSIZE_MAX_BYTES,
	BUFSIZE_MIN_BYTES,
	MAXCONN_MAX,
	NBTHREAD_MAX,
	SPREAD_CHECKS_MAX_PERCENT,
} from '../defaults.ts';
import type {GlobalDraft} from '../drafts.ts';
import {GLOBAL, type GlobalKeyword, type Statement} from '../keyword.ts';
import {readInteger, readText} from '../readers.ts';

type TextField = 'logTag' | 'user' | 'group' | 'pidfile' | 'chroot' | 'node';
type IntegerField = 'maxconn' | 'uid' | 'gid' | 'nbthread' | 'spreadChecksPercent' | 'bufsizeBytes' | 'maxrewriteBytes';

function text(name: string, field: TextField, what: string, summary: string, pattern?: RegExp): GlobalKeyword {
	const read = ({draft, cursor}: Statement<GlobalDraft>) => {
		const value = readText(cursor, what);
		if (value === undefined) return;
		if (pattern !== undefined && !pattern.test(value)) {
			const hint = pattern === ABSOLUTE ? 'a path from the root, such as /run/hapair.pid' : undefined;
			cursor.error(cursor.previous(), `'${value}' is not ${what}`, hint);
			return;
		}
		draft[field] = value;
		cursor.finish();
	};
	return {scope: 'global', name, sections: GLOBAL, syntax: `${name} TEXT`, summary, read};
}

function integer(name: string, field: IntegerField, min: number, max: number, summary: string): GlobalKeyword {
	const read = ({draft, cursor}: Statement<GlobalDraft>) => {
		const value = readInteger(cursor, name, min, max);
		if (value === undefined) return;
		draft[field] = value;
		if (field === 'maxrewriteBytes') draft.maxrewritePlace = cursor.place(cursor.previous());
		cursor.finish();
	};
	return {scope: 'global', name, sections: GLOBAL, syntax: `${name} N`, summary, read};
}

const ABSOLUTE = /^\//;
const ACCOUNT = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/;
/** What may stand in the header of a syslog line without being read as another field. */
const SYSLOG_WORD = /^[\x21-\x7e]{1,64}$/;

export const globalKeywords: readonly GlobalKeyword[] = [
	integer('maxconn', 'maxconn', 1, MAXCONN_MAX, 'Connections over all frontends of the process.'),
	text('user', 'user', 'a user name', 'The user that the proxy runs as.', ACCOUNT),
	text('group', 'group', 'a group name', 'The group that the proxy runs as.', ACCOUNT),
	integer('uid', 'uid', 0, 4_294_967_294, 'The user that the proxy runs as, by number.'),
	integer('gid', 'gid', 0, 4_294_967_294, 'The group that the proxy runs as, by number.'),
	text('pidfile', 'pidfile', 'an absolute path', 'Where the process id is written.', ABSOLUTE),
	text(
		'chroot',
		'chroot',
		'an absolute path',
		'The directory that the proxy is locked into; needs root at the start.',
		ABSOLUTE,
	),
	text('log-tag', 'logTag', 'a word for the syslog header', 'Program name in syslog messages.', SYSLOG_WORD),
	text('node', 'node', 'a node name', 'Name of this node in `show info`.', /^[A-Za-z0-9_.-]{1,128}$/),
	integer('nbthread', 'nbthread', 1, NBTHREAD_MAX, 'Worker threads; one for each processor unless given.'),
	integer(
		'spread-checks',
		'spreadChecksPercent',
		0,
		SPREAD_CHECKS_MAX_PERCENT,
		'Jitter added to check intervals, in percent.',
	),
	integer('tune.bufsize', 'bufsizeBytes', BUFSIZE_MIN_BYTES, BUFSIZE_MAX_BYTES, 'Bytes for the head of a message.'),
	integer('tune.maxrewrite', 'maxrewriteBytes', 0, BUFSIZE_MAX_BYTES, 'Bytes of the buffer kept for added headers.'),
	{
		scope: 'global',
		name: 'daemon',
		sections: GLOBAL,
		syntax: 'daemon',
		summary: 'Run in the background.',
		read({draft, cursor}) {
			draft.daemon = true;
			cursor.finish();
		},
	},
	{
		scope: 'global',
		name: 'description',
		sections: GLOBAL,
		syntax: 'description TEXT…',
		summary: 'Free text for `show info`.',
		read({draft, cursor}) {
			if (cursor.peek() === undefined) cursor.require('the text');
			draft.description = cursor
				.rest()
				.map(word => word.text)
				.join(' ');
		},
	},
	{
		scope: 'global',
		name: 'log-send-hostname',
		sections: GLOBAL,
		syntax: 'log-send-hostname [NAME]',
		summary: "Puts a host name into syslog messages; this machine's unless given.",
		read({draft, cursor}) {
			const name = cursor.next();
			if (name !== undefined && !SYSLOG_WORD.test(name.text)) {
				cursor.error(name, `'${name.text}' cannot stand in the syslog header`, 'one word without blanks');
				return;
			}
			draft.logSendHostname = name?.text ?? '';
			cursor.finish();
		},
	},
];

/**
 * `on EVENT …`: who is told when something happens, and `certificate`, which makes one of the events happen.
 *
 * Decides events, filters and commands (an absolute path and arguments, never a shell). Leaves webhooks and mail to
 * `hook-targets.ts`, and telling to the daemon.
 */
import {CERTIFICATE_WARN_DAYS, CERTIFICATE_WARN_MAX_DAYS, HOOK_EXEC_TIMEOUT_MS} from '../defaults.ts';
import type {PairDraft} from '../drafts.ts';
import {PAIR, type PairKeyword, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {Hook, HookEvent} from '../model.ts';
import {readChoice, readInteger} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {MAIL_SYNTAX, readHookTimeout, readMail, readWebhook, WEBHOOK_SYNTAX} from './hook-targets.ts';
import {readAbsolutePath} from './pair.ts';

/** Each with what it is, for the manual. */
const EVENTS: Readonly<Record<HookEvent, string>> = {
	any: 'anything happens',
	change: 'the state of this node changes',
	master: 'this node has the address',
	backup: 'this node is ready to take it',
	fault: 'this node cannot serve',
	stop: 'this node is being stopped',
	solo: 'the peer is silent and this node serves alone',
	paired: '`solo` is over',
	drift: 'the configurations of the two nodes differ',
	agreed: '`drift` is over',
	flap: 'the peer fails again and again',
	witness: 'the witness falls silent, or answers again',
	drill: 'a drill was held, or refused',
	'server-down': 'a server of a backend is DOWN',
	'server-up': '`server-down` is over',
	'backend-down': 'a backend has no server left',
	'backend-up': '`backend-down` is over',
	'cert-expiry': 'a `certificate` ends soon, has ended or cannot be read',
};

/** Events that are about one thing of several. The subject of a state is the state before. */
const WITHOUT_SUBJECT: ReadonlySet<HookEvent> = new Set(['solo', 'paired', 'drift', 'agreed', 'flap', 'witness']);

const FILTERS = '[only NAMES] [unless NAMES] [while master|backup|fault] [timeout TIME]';

/** `PATH ARGS…` to the end of the line. */
export function readArgv(cursor: LineCursor): readonly string[] | undefined {
	const path = readAbsolutePath(cursor, 'the program');
	if (path === undefined) {
		cursor.rest();
		return undefined;
	}
	const words = cursor.rest();
	const bad = words.find(word => word.text.includes('\0'));
	if (bad === undefined) return [path, ...words.map(word => word.text)];
	cursor.error(bad, 'an argument cannot hold a NUL byte');
	return undefined;
}

interface Filters {
	only?: readonly string[];
	unless?: readonly string[];
	whileState?: 'master' | 'backup' | 'fault';
	timeoutMs?: number;
}

function readHook(on: HookEvent, {draft, cursor}: Statement<PairDraft>): void {
	const {file, line, column} = cursor.startPlace();
	const filters = readFilters(on, cursor);
	if (filters === undefined) return void cursor.rest();
	const base = {...filters, on, position: {file, line, column}};
	const hook = readTarget(on, base, cursor);
	if (hook !== undefined) draft.hooks.push(hook);
}

function readTarget(
	on: HookEvent,
	base: Filters & Pick<Hook, 'on' | 'position'>,
	cursor: LineCursor,
): Hook | undefined {
	const form = `on ${on} exec PATH ARGS…, on ${on} webhook URL, or on ${on} mail ADDRESS`;
	const word = cursor.require("'exec', 'webhook' or 'mail'", form);
	if (word === undefined) return undefined;
	switch (word.text) {
		case 'exec': {
			const argv = readArgv(cursor);
			return argv && {timeoutMs: HOOK_EXEC_TIMEOUT_MS, ...base, kind: 'exec', argv};
		}
		case 'webhook':
			return readWebhook(base, cursor);
		case 'mail':
			return readMail(base, cursor);
	}
	const known = ['exec', 'webhook', 'mail', 'only', 'unless', 'while', 'timeout'];
	cursor.error(word, `'${word.text}' is neither exec nor webhook nor mail`, didYouMean(word.text, known) ?? form);
	cursor.rest();
	return undefined;
}

/** Nothing after an error. */
function readFilters(on: HookEvent, cursor: LineCursor): Filters | undefined {
	const filters: Filters = {};
	for (;;) {
		if (cursor.accept('only')) filters.only = readSubjects(on, cursor);
		else if (cursor.accept('unless')) filters.unless = readSubjects(on, cursor);
		else if (cursor.accept('while')) {
			const state = readChoice(cursor, 'while', ['master', 'backup', 'fault']);
			if (state === undefined) return undefined;
			filters.whileState = state;
		} else if (cursor.accept('timeout')) {
			const ms = readHookTimeout(cursor);
			if (ms === undefined) return undefined;
			filters.timeoutMs = ms;
		} else return filters;
		if ([filters.only, filters.unless].some(list => list?.length === 0)) return undefined;
	}
}

/** Names with commas between them; empty after an error. */
function readSubjects(on: HookEvent, cursor: LineCursor): readonly string[] {
	const word = cursor.require('what the event is about', 'such as app/*, or master,backup');
	if (word === undefined) return [];
	if (WITHOUT_SUBJECT.has(on)) {
		cursor.error(word, `the event ${on} is about the pair: there is nothing to choose from`, 'leave it out');
		return [];
	}
	const names = word.text.split(',');
	if (names.every(name => /^[\x21-\x7e]+$/.test(name))) return names;
	cursor.error(word, `'${word.text}' is not a list of names`, 'names with commas between them; * stands for any text');
	return [];
}

const CERTIFICATE_FORM = 'certificate PATH [warn DAYS] [sync]';

function readCertificate({draft, cursor}: Statement<PairDraft>): void {
	const {file, line, column} = cursor.startPlace();
	const path = readAbsolutePath(cursor, 'the certificate');
	const warnDays = cursor.accept('warn')
		? readInteger(cursor, 'warn', 1, CERTIFICATE_WARN_MAX_DAYS)
		: CERTIFICATE_WARN_DAYS;
	const isShared = cursor.accept('sync');
	cursor.finish(CERTIFICATE_FORM);
	if (path === undefined || warnDays === undefined) return;
	draft.certificates.push({path, warnDays, isShared, position: {file, line, column}});
}

const events = Object.keys(EVENTS) as HookEvent[];

export const hookKeywords: readonly PairKeyword[] = [
	...events.map(
		(event): PairKeyword => ({
			scope: 'pair',
			name: `on ${event}`,
			sections: PAIR,
			syntax:
				event === 'change'
					? `on change ${FILTERS} exec PATH ARGS… | ${WEBHOOK_SYNTAX} | ${MAIL_SYNTAX}`
					: `on ${event} …, as on change`,
			summary: `Tells when ${EVENTS[event]}.`,
			read: statement => readHook(event, statement),
		}),
	),
	{
		scope: 'pair',
		name: 'certificate',
		sections: PAIR,
		syntax: CERTIFICATE_FORM,
		summary: 'A PEM file whose end is watched, for `on cert-expiry`; with `sync` both nodes are to have the same one.',
		read: readCertificate,
	},
];

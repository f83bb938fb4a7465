/**
 * `on EVENT …`: what is run when a state changes.
 *
 * Decides commands (an absolute path and arguments, never a shell), URLs and deadlines. Leaves running them to the daemon.
 */
import {HOOK_EXEC_TIMEOUT_MS, HOOK_TIMEOUT_MAX_MS, HOOK_WEBHOOK_TIMEOUT_MS} from '../defaults.ts';
import type {PairDraft} from '../drafts.ts';
import {PAIR, type PairKeyword, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {HookEvent} from '../model.ts';
import {readDurationMs, readText} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {readAbsolutePath, readSecretFile} from './pair.ts';

const EVENTS: readonly HookEvent[] = [
	'change',
	'master',
	'backup',
	'fault',
	'stop',
	'solo',
	'drift',
	'flap',
	'witness',
	'drill',
];

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

function readHook(on: HookEvent, {draft, cursor}: Statement<PairDraft>): void {
	const form = `on ${on} exec PATH ARGS…, or on ${on} webhook URL`;
	const word = cursor.require("'exec' or 'webhook'", form);
	if (word === undefined) return;
	const {file, line, column} = cursor.startPlace();
	const position = {file, line, column};
	if (word.text === 'exec') {
		const argv = readArgv(cursor);
		if (argv !== undefined) draft.hooks.push({on, kind: 'exec', argv, timeoutMs: HOOK_EXEC_TIMEOUT_MS, position});
	} else if (word.text === 'webhook') {
		const url = readUrl(cursor);
		const options = readWebhookOptions(cursor);
		if (url === undefined || options === undefined) return;
		draft.hooks.push({on, kind: 'webhook', url, position, ...options});
	} else {
		cursor.error(
			word,
			`'${word.text}' is neither exec nor webhook`,
			didYouMean(word.text, ['exec', 'webhook']) ?? form,
		);
	}
}

function readUrl(cursor: LineCursor): string | undefined {
	const text = readText(cursor, 'the URL', 'such as https://alerts.example.com/hapair');
	if (text === undefined) return undefined;
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if ((url?.protocol === 'https:' || url?.protocol === 'http:') && !/\s/.test(text)) return text;
	cursor.error(cursor.previous(), `'${text}' is not an http or https URL`, 'such as https://alerts.example.com/hapair');
	return undefined;
}

function readWebhookOptions(cursor: LineCursor): {timeoutMs: number; secretFile?: string} | undefined {
	let timeoutMs = HOOK_WEBHOOK_TIMEOUT_MS;
	let secretFile: string | undefined;
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		if (word.text === 'timeout') {
			const ms = readDurationMs(cursor, 'timeout', {minMs: 100, maxMs: HOOK_TIMEOUT_MAX_MS});
			if (ms === undefined) return undefined;
			timeoutMs = ms;
		} else if (word.text === 'secret') {
			secretFile = readSecretFile(cursor);
			if (secretFile === undefined) return undefined;
		} else {
			const hint = didYouMean(word.text, ['secret', 'timeout']) ?? '[secret file PATH] [timeout TIME]';
			cursor.error(word, `'${word.text}' is not an option of webhook`, hint);
			return undefined;
		}
	}
	return secretFile === undefined ? {timeoutMs} : {timeoutMs, secretFile};
}

export const hookKeywords: readonly PairKeyword[] = [
	...EVENTS.map(
		(event): PairKeyword => ({
			scope: 'pair',
			name: `on ${event}`,
			sections: PAIR,
			syntax: `on ${event} exec PATH ARGS… | on ${event} webhook URL [secret file PATH] [timeout TIME]`,
			summary: event === 'change' ? 'Runs on every change of state.' : `Runs on the event ${event}.`,
			read: statement => readHook(event, statement),
		}),
	),
];

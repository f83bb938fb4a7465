/**
 * Where states of servers are found at the start: `server-state-file` and its kin.
 *
 * Decides names only; what `show servers state` wrote is read when the engine starts. HAProxy manual, `load-server-state-from-file`.
 */
import type {GlobalDraft, ProxyDraft, ProxySettings} from '../drafts.ts';
import {DLB, GLOBAL, type GlobalKeyword, type ProxyKeyword} from '../keyword.ts';
import {readChoice, readText} from '../readers.ts';

function path(
	name: string,
	field: 'serverStateBase' | 'serverStateFile',
	what: string,
	summary: string,
): GlobalKeyword {
	return {
		scope: 'global',
		name,
		sections: GLOBAL,
		syntax: `${name} PATH`,
		summary,
		read({draft, cursor}) {
			const value = readText(cursor, what);
			if (value !== undefined) draft[field] = value;
			cursor.finish();
		},
	};
}

/** The file of a backend; undefined when it loads none. */
export function stateFileOf(
	{serverStateBase = '', serverStateFile}: GlobalDraft,
	{stateFrom, stateFileName}: ProxySettings,
	name: string,
): string | undefined {
	const file = stateFrom === 'local' ? (stateFileName ?? name) : stateFrom === 'global' ? serverStateFile : undefined;
	if (file === undefined || file.startsWith('/') || serverStateBase === '') return file;
	return `${serverStateBase.replace(/\/$/, '')}/${file}`;
}

export const serverStateKeywords: readonly (GlobalKeyword | ProxyKeyword)[] = [
	path('server-state-base', 'serverStateBase', 'the directory', 'Where files of server states lie.'),
	path('server-state-file', 'serverStateFile', 'the file', 'The file of server states for all backends.'),
	{
		scope: 'proxy',
		name: 'load-server-state-from-file',
		sections: DLB,
		syntax: 'load-server-state-from-file global|local|none',
		summary: "Takes servers' states from a file at the start.",
		read({draft, cursor}) {
			const from = readChoice(cursor, 'the file', ['global', 'local', 'none'] as const);
			if (from !== undefined) draft.settings.stateFrom = from;
			cursor.finish();
		},
	},
	{
		scope: 'proxy',
		name: 'server-state-file-name',
		sections: DLB,
		syntax: 'server-state-file-name [NAME|use-backend-name]',
		summary: "The backend's own file of server states; its name unless given.",
		read({draft, cursor}: {draft: ProxyDraft; cursor: Parameters<ProxyKeyword['read']>[0]['cursor']}) {
			const word = cursor.next()?.text;
			if (word === undefined || word === 'use-backend-name') delete draft.settings.stateFileName;
			else draft.settings.stateFileName = word;
			cursor.finish();
		},
	},
];

/**
 * `server-template`: many servers on one line, and `use-server`: which server a request gets whatever `balance` says.
 *
 * Decides what a line says. Leaves the words of a server to `server.ts`, whether a named server exists to `validate`. HAProxy manual,
 * `server-template`, `use-server`.
 */
import {readCondition} from '../conditions.ts';
import {TEMPLATE_SERVERS_MAX} from '../defaults.ts';
import type {ProxyDraft, ServerDraft} from '../drafts.ts';
import {LB, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import {isName, readName} from '../readers.ts';
import {checkFormatText} from './headers.ts';
import {readServerLine} from './server.ts';

const HINT = 'server-template PREFIX N|A-B ADDRESS[:PORT] [check] …';

/** `3` stands for `1-3`. */
function readRange(cursor: LineCursor): {readonly from: number; readonly to: number} | undefined {
	const word = cursor.require('how many servers', HINT);
	if (word === undefined) return undefined;
	const [, first = '', second] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(word.text) ?? [];
	const from = second === undefined ? 1 : Number(first);
	const to = Number(second ?? first);
	if (first !== '' && from >= 1 && to >= from && to - from < TEMPLATE_SERVERS_MAX) return {from, to};
	const hint = `a number from 1 to ${TEMPLATE_SERVERS_MAX}, or a range such as 5-8`;
	cursor.error(word, `'${word.text}' is not a number of servers`, hint);
	return undefined;
}

function readTemplate(statement: Statement<ProxyDraft>): void {
	const {draft, cursor} = statement;
	const prefix = readName(cursor, 'the prefix of the names');
	if (prefix === undefined) return;
	const range = readRange(cursor);
	if (range === undefined) {
		cursor.rest();
		return;
	}
	const first = readServerLine(statement, {...prefix, text: `${prefix.text}${range.from}`}, HINT);
	// The other servers are like the first, under numbers of their own.
	const {id: _id, ...options} = first.options;
	for (let n = range.from + 1; n <= range.to; n += 1) {
		const server: ServerDraft = {...first, name: `${prefix.text}${n}`, options: {...options}};
		draft.servers.push(server);
	}
}

function readUseServer({draft, cursor}: Statement<ProxyDraft>): void {
	const isFormat = cursor.peek()?.text.includes('%[') === true;
	const word = isFormat ? cursor.next() : readName(cursor, 'the server');
	if (word === undefined || (isFormat && checkFormatText(cursor, word, 'the server', 'modern') === undefined)) return;
	const condition = readCondition(cursor);
	if (condition === undefined || (!isFormat && !isName(word.text))) return;
	const server = {name: word.text, place: cursor.place(word)};
	draft.useServers.push({server, condition, place: cursor.startPlace(), ...(isFormat ? {isFormat} : {})});
}

export const serverChoiceKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'server-template',
		sections: LB,
		syntax: 'server-template PREFIX N|A-B ADDRESS[:PORT] [OPTION…]',
		summary: 'Servers PREFIX1 to PREFIXN, or PREFIXA to PREFIXB, with one address and the options of `server`.',
		read: readTemplate,
	},
	{
		scope: 'proxy',
		name: 'use-server',
		sections: LB,
		syntax: 'use-server SERVER|FORMAT if|unless CONDITION',
		summary: 'The server for what meets the condition, if it may be used; goes before cookies and stick tables.',
		read: readUseServer,
	},
];

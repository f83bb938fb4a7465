/**
 * `stick-table` and `stick`: what is remembered of clients, and the server that each is kept on.
 *
 * Decides what each line says. Leaves whether tables exist to `validate-stick`. HAProxy manual, `stick-table`, `stick on`.
 */
import {readRuleEnd} from '../conditions.ts';
import type {Mutable, ProxyDraft, StickRuleDraft} from '../drafts.ts';
import {FLB, LB, notSupported, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {SampleExpression, StickColumn, StickColumnName, StickTable} from '../model.ts';
import {readChoice, readDurationMs, readInteger, readName} from '../readers.ts';
import {parseExpression} from '../samples/expression.ts';
import {didYouMean} from '../suggestions.ts';
import {inOrder, readColumns} from './stick-columns.ts';

const TABLE =
	'stick-table type ip|ipv6|integer|string [len N]|binary [len N] size N[k|m|g] [expire T] [nopurge] [srvkey name|addr] [store DATA[(T)],…]';
const TYPES = ['ip', 'ipv6', 'integer', 'string', 'binary'] as const;
/** In bytes; a text is one shorter than 32 because HAProxy counts its end. */
const KEY_BYTES = {ip: 4, ipv6: 16, integer: 4, string: 31, binary: 32} as const;
const MAX_KEY_BYTES = 4096;
const MAX_ENTRIES = 2 ** 26;

function readTable({draft, cursor}: Statement<ProxyDraft>): void {
	const {file, line, column} = cursor.startPlace();
	if (draft.stickTable !== undefined) {
		cursor.error(
			undefined,
			`'${draft.name}' has a stick table already`,
			'a section has one; others use a backend each',
		);
	}
	const said: Partial<Mutable<StickTable>> = {nopurge: false};
	const columns = new Map<StickColumnName, StickColumn>();
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		if (!readTableOption(cursor, word, said, columns)) {
			cursor.rest();
			return;
		}
	}
	const {type, size} = said;
	if (type === undefined || size === undefined) {
		cursor.reporter.error(cursor.startPlace(), `'stick-table' needs a type and a size`, TABLE);
		return;
	}
	draft.stickTable = {
		...said,
		name: draft.name,
		type,
		size,
		keyBytes: said.keyBytes ?? KEY_BYTES[type],
		nopurge: said.nopurge ?? false,
		holdsServers: false,
		columns: inOrder(columns),
		position: {file, line, column},
	};
}

function readTableOption(
	cursor: LineCursor,
	word: Word,
	said: Partial<Mutable<StickTable>>,
	columns: Map<StickColumnName, StickColumn>,
): boolean {
	switch (word.text) {
		case 'type':
			return readType(cursor, said);
		case 'size':
			return readSize(cursor, said);
		case 'expire': {
			const expireMs = readDurationMs(cursor, 'expire', {minMs: 1});
			if (expireMs !== undefined) said.expireMs = expireMs;
			return expireMs !== undefined;
		}
		case 'nopurge':
			said.nopurge = true;
			return true;
		case 'store':
			return readColumns(cursor, columns);
		case 'peers':
			cursor.require('the name of the peers section');
			cursor.reporter.notice(cursor.place(word), 'peers: tables are not exchanged between nodes by this version');
			return true;
		case 'srvkey': {
			const shown = readChoice(cursor, 'srvkey', ['name', 'addr']);
			if (shown === 'addr') said.showsAddresses = true;
			return shown !== undefined;
		}
		case 'write-to':
			// HAProxy has it since 2.8, for peers.
			cursor.error(word, notSupported(`'${word.text}' of a stick table`));
			return false;
		default: {
			const options = ['type', 'size', 'expire', 'nopurge', 'srvkey', 'store', 'peers'];
			cursor.error(word, `'${word.text}' is not an option of stick-table`, didYouMean(word.text, options) ?? TABLE);
			return false;
		}
	}
}

function readType(cursor: LineCursor, said: Partial<Mutable<StickTable>>): boolean {
	const type = readChoice(cursor, 'type', TYPES);
	if (type === undefined) return false;
	said.type = type;
	if ((type !== 'string' && type !== 'binary') || !cursor.accept('len')) return true;
	const length = readInteger(cursor, 'len', 1, MAX_KEY_BYTES);
	if (length === undefined) return false;
	said.keyBytes = length;
	return true;
}

function readSize(cursor: LineCursor, said: Partial<Mutable<StickTable>>): boolean {
	const word = cursor.require('the size', 'the most entries, such as 100k');
	if (word === undefined) return false;
	const found = /^(\d{1,12})([kmg]?)$/i.exec(word.text);
	const factor = {'': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30}[found?.[2]?.toLowerCase() ?? ''] ?? 1;
	const size = found === null ? Number.NaN : Number(found[1]) * factor;
	if (size >= 1 && size <= MAX_ENTRIES) {
		said.size = size;
		return true;
	}
	cursor.error(word, `'${word.text}' is not a size`, 'a number of entries from 1 to 64m, such as 100k');
	return false;
}

/** An expression, as `stick on` and `track-sc0` take it. Undefined after an error. */
export function readKey(cursor: LineCursor): SampleExpression | undefined {
	const word = cursor.require('what to take as key', 'such as src or hdr(x-user)');
	if (word === undefined) return undefined;
	const key = parseExpression(word.text);
	if (!('problem' in key)) return key;
	cursor.error(word, key.isLater === true ? notSupported(`key ${key.problem}`) : key.problem, key.hint);
	return undefined;
}

function readStick(kind: StickRuleDraft['kind'], {draft, cursor}: Statement<ProxyDraft>): void {
	const key = readKey(cursor);
	if (key === undefined) {
		cursor.rest();
		return;
	}
	let table: StickRuleDraft['table'];
	if (cursor.accept('table')) {
		const name = readName(cursor, 'the table');
		if (name === undefined) return;
		table = {name: name.text, place: cursor.place(name)};
	}
	const end = readRuleEnd(cursor);
	if (end !== undefined) draft.stickRules.push({kind, key, ...(table === undefined ? {} : {table}), ...end});
}

function stick(kind: StickRuleDraft['kind'], summary: string): ProxyKeyword {
	return {
		scope: 'proxy',
		name: `stick ${kind}`,
		sections: LB,
		syntax: `stick ${kind} EXPRESSION [table T] [if|unless CONDITION]`,
		summary,
		read: statement => readStick(kind, statement),
	};
}

export const stickKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'stick-table',
		sections: FLB,
		syntax: TABLE,
		summary: 'Remembers keys such as client addresses, with counters and servers; one table for all threads.',
		read: readTable,
	},
	stick('on', 'Keeps a client on the server that the table has for its key, and remembers it.'),
	stick('match', 'Keeps a client on the server that the table has for its key.'),
	stick('store-request', 'Remembers the server under a key of the request.'),
	stick('store-response', 'Remembers the server under a key of the response.'),
];

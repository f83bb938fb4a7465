/**
 * Rules about the session rather than the message: what is logged of it, whom it counts as, and its end without an answer.
 *
 * Decides what each line says, behind `http-request`, `http-response` and `tcp-request`, and the slots of `declare capture`. HAProxy
 * manual, `http-request capture`, `http-request set-log-level`, `http-request set-src`, `http-request silent-drop`.
 */
import {CAPTURE_MAX_BYTES} from '../defaults.ts';
import type {ProxyDraft} from '../drafts.ts';
import {FL, FLB, LB, notSupported, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {SampleExpression, SessionAction} from '../model.ts';
import {readChoice, readDurationMs, readInteger} from '../readers.ts';
import {parseExpression} from '../samples/expression.ts';
import {addResponseRule} from './response-rules.ts';
import {addRequestRule} from './rules.ts';

/** By severity. */
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
const ENDS = ['src', 'src-port', 'dst', 'dst-port'] as const;

function readSample({cursor}: Statement<ProxyDraft>, hint: string): SampleExpression | undefined {
	const word = cursor.require('the expression', hint);
	if (word === undefined) return undefined;
	const sample = parseExpression(word.text);
	if (!('problem' in sample)) return sample;
	cursor.error(word, sample.isLater === true ? notSupported(sample.problem) : sample.problem, sample.hint);
	return undefined;
}

function readLogLevel({cursor}: Statement<ProxyDraft>): SessionAction | undefined {
	const level = readChoice(cursor, 'the level', [...LEVELS, 'silent']);
	if (level === undefined) return undefined;
	return {kind: 'set-log-level', level: level === 'silent' ? 'silent' : LEVELS.indexOf(level)};
}

/** `capture EXPRESSION len N` makes a slot of the frontend's, `id N` fills one that is declared. */
function readCapture(statement: Statement<ProxyDraft>, of: 'request' | 'response'): SessionAction | undefined {
	const {draft, cursor} = statement;
	const sample = readSample(statement, 'such as capture req.hdr(x-id) len 20');
	if (sample === undefined) return undefined;
	const how = readChoice(cursor, 'how it is kept', ['len', 'id']);
	if (how === undefined) return undefined;
	if (how === 'id') {
		const slot = readInteger(cursor, 'id', 0, 1000);
		return slot === undefined ? undefined : {kind: 'capture', sample, slot, of};
	}
	const lengthBytes = readInteger(cursor, 'len', 1, CAPTURE_MAX_BYTES);
	if (lengthBytes === undefined) return undefined;
	if (of === 'response' || draft.kind === 'backend') {
		cursor.error(
			cursor.previous(),
			"'len' stands only behind http-request, in frontend or listen",
			"declare a slot there, and write 'id N'",
		);
		return undefined;
	}
	draft.captureRequestHeaders.push({header: '', lengthBytes});
	return {kind: 'capture', sample, slot: draft.captureRequestHeaders.length - 1, of};
}

/** Every name that `tcp-request` may use too. */
export function readSessionAction(statement: Statement<ProxyDraft>, name: string): SessionAction | undefined {
	if (name === 'set-log-level') return readLogLevel(statement);
	if (name === 'capture') return readCapture(statement, 'request');
	const end = ENDS.find(one => name === `set-${one}`)!;
	const sample = readSample(statement, end.endsWith('port') ? 'such as int(4000)' : 'such as hdr(x-forwarded-for)');
	return sample === undefined ? undefined : {kind: 'set-end', end, sample};
}

export const SESSION_ACTIONS: readonly string[] = ['set-log-level', 'capture', ...ENDS.map(end => `set-${end}`)];

const SYNTAX: Readonly<Record<string, string>> = {
	'set-log-level': `${LEVELS.join('|')}|silent`,
	capture: 'EXPRESSION len N|id N',
};
const SUMMARY: Readonly<Record<string, string>> = {
	'set-log-level': 'Logs this transaction at another level, or not at all.',
	capture: 'Keeps a sample for the log, beside captured headers.',
	'set-src': 'Counts the client as another address, in the log and for all rules behind it.',
	'set-src-port': 'The same with the port.',
	'set-dst': 'Counts another address as the one that the client connected to; a server without an address is there.',
	'set-dst-port': 'The same with the port.',
};

function onRequest(name: string): ProxyKeyword {
	return {
		scope: 'proxy',
		name: `http-request ${name}`,
		sections: FLB,
		syntax: `http-request ${name} ${SYNTAX[name] ?? 'EXPRESSION'} [if|unless CONDITION]`,
		summary: SUMMARY[name]!,
		read: statement => addRequestRule(statement, 'http-request', readSessionAction(statement, name)),
	};
}

function onResponse(
	name: 'set-log-level' | 'capture',
	syntax: string,
	stage: 'http-response' | 'http-after-response' = 'http-response',
): ProxyKeyword {
	return {
		scope: 'proxy',
		name: `${stage} ${name}`,
		sections: FLB,
		syntax: `${stage} ${name} ${syntax} [if|unless CONDITION]`,
		summary: SUMMARY[name]!,
		read(statement) {
			const action = name === 'capture' ? readCapture(statement, 'response') : readLogLevel(statement);
			addResponseRule(statement, stage, action);
		},
	};
}

/** A duration, or an expression that gives milliseconds. */
function readTimeout(statement: Statement<ProxyDraft>): SessionAction | undefined {
	const {cursor} = statement;
	const side = readChoice(cursor, 'which timeout', ['server', 'tunnel']);
	const word = side === undefined ? undefined : cursor.peek();
	if (side === undefined) return undefined;
	if (word !== undefined && /^\d/.test(word.text)) {
		const value = readDurationMs(cursor, 'the timeout', {minMs: 1});
		return value === undefined ? undefined : {kind: 'set-timeout', side: side as 'server' | 'tunnel', value};
	}
	const value = readSample(statement, 'such as 5s, or int(5),mul(1000)');
	return value === undefined ? undefined : {kind: 'set-timeout', side: side as 'server' | 'tunnel', value};
}

function ending(name: 'reject' | 'silent-drop', summary: string): ProxyKeyword {
	return {
		scope: 'proxy',
		name: `http-request ${name}`,
		sections: FLB,
		syntax: `http-request ${name} [if|unless CONDITION]`,
		summary,
		read: statement => addRequestRule(statement, 'http-request', {kind: name}),
	};
}

function readDeclaration({draft, cursor}: Statement<ProxyDraft>): void {
	draft.httpOnly.push({name: 'declare capture', place: cursor.startPlace()});
	const side = readChoice(cursor, 'the side', ['request', 'response']);
	if (side === undefined || readChoice(cursor, 'declare capture', ['len']) === undefined) return;
	const lengthBytes = readInteger(cursor, 'len', 1, CAPTURE_MAX_BYTES);
	if (lengthBytes === undefined) return;
	(side === 'request' ? draft.captureRequestHeaders : draft.captureResponseHeaders).push({header: '', lengthBytes});
	cursor.finish();
}

export const sessionRuleKeywords: readonly ProxyKeyword[] = [
	...SESSION_ACTIONS.map(onRequest),
	onResponse('set-log-level', SYNTAX['set-log-level']!),
	onResponse('capture', 'EXPRESSION id N'),
	onResponse('capture', 'EXPRESSION id N', 'http-after-response'),
	{
		scope: 'proxy',
		name: 'http-request set-timeout',
		sections: LB,
		syntax: 'http-request set-timeout server|tunnel TIME|EXPRESSION [if|unless CONDITION]',
		summary: 'Waits for the server, or in a tunnel, for another time than the timeouts of the section say.',
		read: statement => addRequestRule(statement, 'http-request', readTimeout(statement)),
	},
	{
		scope: 'proxy',
		name: 'http-response silent-drop',
		sections: FLB,
		syntax: 'http-response silent-drop [if|unless CONDITION]',
		summary: 'Forgets both connections; the client hears of nothing.',
		read: statement => addResponseRule(statement, 'http-response', {kind: 'silent-drop'}),
	},
	ending('reject', 'Closes the connection without an answer.'),
	ending('silent-drop', 'Forgets the connection without a word, so that the client waits.'),
	{
		scope: 'proxy',
		name: 'declare capture',
		sections: FL,
		syntax: 'declare capture request|response len N',
		summary: 'A slot for what rules capture.',
		read: readDeclaration,
	},
];

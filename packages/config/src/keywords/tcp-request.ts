/**
 * `tcp-request`, and the counters that it and `http-request` move: `track-sc0` to `track-sc2`, `sc-inc-gpc0` and its kin.
 *
 * Decides what each line says. HAProxy manual, `tcp-request connection`, `tcp-request content`, `http-request track-sc0`.
 */
import {readRuleEnd} from '../conditions.ts';
import type {ProxyDraft, TcpRuleDraft} from '../drafts.ts';
import {FL, FLB, notSupported, type ProxyKeyword, type SectionKind, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {CounterAction, SampleExpression} from '../model.ts';
import {readDurationMs, readInteger, readName} from '../readers.ts';
import {parseExpression} from '../samples/expression.ts';
import {didYouMean} from '../suggestions.ts';
import {readVariableAction} from './message-rules.ts';
import {addResponseRule} from './response-rules.ts';
import {readMarking} from './rewriting.ts';
import {addRequestRule} from './rules.ts';
import {readSessionAction, SESSION_ACTIONS} from './session-rules.ts';
import {readKey} from './stick.ts';

const COUNTERS = [0, 1, 2] as const;
const GLUED = /^(?:(sc-inc-gpc0|sc-inc-gpc1|sc-set-gpt0)\(([0-2])\)|(sc-inc-gpc|sc-set-gpt)\((\d{1,2}),([0-2])\))$/;
/** The name is glued to it. */
const VARIABLE = /^(set-var|set-var-fmt|unset-var)\(/;
const ACTIONS = [
	...SESSION_ACTIONS,
	'silent-drop',
	'set-tos',
	'set-mark',
	'set-var(sess.x)',
	'unset-var(sess.x)',
	'accept',
	'reject',
	'track-sc0',
	'track-sc1',
	'track-sc2',
	'sc-inc-gpc0(0)',
	'sc-inc-gpc1(0)',
	'sc-set-gpt0(0)',
	'sc-inc-gpc(0,0)',
	'sc-set-gpt(0,0)',
];
const LATER = /^(sc-.*|set-.*|do-resolve.*|expect-.*|use-service|lua\..*|switch-mode|send-spoe-group|track-sc[3-9])/;

function readTrack({draft, cursor}: Statement<ProxyDraft>, counter: number): CounterAction | undefined {
	const key = readKey(cursor);
	if (key === undefined) return undefined;
	if (!cursor.accept('table')) return {kind: 'track', counter, key, table: draft.name};
	const table = readName(cursor, 'the table');
	return table === undefined ? undefined : {kind: 'track', counter, key, table: table.text};
}

export function isGluedCounter(text: string): boolean {
	return GLUED.test(text);
}

/** `sc-inc-gpc0(1)`: the counter is glued to the action. */
export function readGluedCounter(cursor: LineCursor, text: string): CounterAction | undefined {
	const [, single, singleCounter, array, element, arrayCounter] = GLUED.exec(text) ?? [];
	const name = single ?? array;
	if (name === undefined) {
		const hint = /^sc-(inc-gpc|set-gpt)\(/.test(text)
			? 'such as sc-inc-gpc(3,0): element, counter'
			: 'such as sc-inc-gpc0(0): 0, 1 or 2';
		cursor.error(cursor.previous(), `'${text}' names no counter`, hint);
		return undefined;
	}
	const counter = Number(singleCounter ?? arrayCounter);
	const frame = array === undefined ? {counter} : {counter, isElement: true};
	const number = Number(element ?? name.at(-1));
	if (name.startsWith('sc-inc')) return {kind: 'sc-inc', column: `gpc${number}`, ...frame};
	const tag = readTag(cursor);
	return tag === undefined ? undefined : {kind: 'sc-set', column: `gpt${number}`, tag, ...frame};
}

/** A number, or a sample that is one. */
function readTag(cursor: LineCursor): number | SampleExpression | undefined {
	const next = cursor.peek();
	if (next === undefined || /^-?\d+$/.test(next.text)) return readInteger(cursor, 'the tag', 0, 2 ** 32 - 1);
	cursor.next();
	const sample = parseExpression(next.text);
	if (!('problem' in sample)) return sample;
	cursor.error(next, sample.isLater === true ? notSupported(sample.problem) : sample.problem, sample.hint);
	return undefined;
}

function readAction(statement: Statement<ProxyDraft>): TcpRuleDraft['action'] | undefined {
	const {cursor} = statement;
	const word = cursor.require('what to do', 'accept, reject, track-sc0 KEY …');
	if (word === undefined) return undefined;
	const {text} = word;
	if (text === 'accept' || text === 'reject' || text === 'silent-drop') return {kind: text};
	if (text === 'set-tos' || text === 'set-mark') return readMarking(statement, text);
	if (SESSION_ACTIONS.includes(text)) return readSessionAction(statement, text);
	if (VARIABLE.test(text))
		return readVariableAction(cursor, statement.syntax, text) as TcpRuleDraft['action'] | undefined;
	const tracked = COUNTERS.find(counter => text === `track-sc${counter}`);
	if (tracked !== undefined) return readTrack(statement, tracked);
	if (isGluedCounter(text)) return readGluedCounter(cursor, text);
	if (LATER.test(text)) cursor.error(word, notSupported(`'tcp-request … ${text}'`));
	else cursor.error(word, `'${text}' is not an action of tcp-request`, didYouMean(text, ACTIONS));
	return undefined;
}

function tcpRequest(
	stage: TcpRuleDraft['stage'],
	sections: readonly SectionKind[],
	actions: string,
	summary: string,
): ProxyKeyword {
	return {
		scope: 'proxy',
		name: `tcp-request ${stage}`,
		sections,
		syntax: `tcp-request ${stage} ${actions} [if|unless CONDITION]`,
		summary,
		read(statement) {
			const {draft, cursor} = statement;
			const action = readAction(statement);
			if (action === undefined) {
				cursor.rest();
				return;
			}
			const end = readRuleEnd(cursor);
			if (end !== undefined) draft.tcpRules.push({stage, action, ...end});
		},
	};
}

/** On requests, and on responses: what is tracked there counts until the transaction ends. */
function httpCounter(name: string, syntax: string, summary: string, read: typeof readHttp): readonly ProxyKeyword[] {
	return (['http-request', 'http-response'] as const).map(stage => ({
		scope: 'proxy',
		name: `${stage} ${name}`,
		sections: FLB,
		syntax: `${stage} ${syntax} [if|unless CONDITION]`,
		summary,
		read(statement) {
			const action = read(statement);
			if (stage === 'http-request') addRequestRule(statement, stage, action);
			else addResponseRule(statement, stage, action);
		},
	}));
}

function readHttp({cursor}: Statement<ProxyDraft>): CounterAction | undefined {
	return readGluedCounter(cursor, cursor.previous()?.text ?? '');
}

const EVERY =
	'accept|reject|silent-drop|set-src A|set-src-port N|set-dst A|set-dst-port N|set-var(V) E|set-var-fmt(V) F|unset-var(V)|capture E len N|set-log-level L|set-tos N|set-mark N|track-sc0|track-sc1|track-sc2 KEY [table T]|sc-inc-gpc(I,N)|sc-inc-gpc0(N)|sc-inc-gpc1(N)|sc-set-gpt(I,N) V|sc-set-gpt0(N) V';

export const tcpRequestKeywords: readonly ProxyKeyword[] = [
	tcpRequest('connection', FL, EVERY, 'Judges or counts a connection as soon as it is accepted.'),
	tcpRequest('session', FL, EVERY, 'Judges or counts a connection once its session begins.'),
	tcpRequest('content', FLB, EVERY, 'Judges or counts by the first bytes, or by each request.'),
	{
		scope: 'proxy',
		name: 'tcp-request inspect-delay',
		sections: FLB,
		syntax: 'tcp-request inspect-delay T',
		summary: 'How long content rules wait for the bytes that they need.',
		read({draft, cursor}) {
			const delayMs = readDurationMs(cursor, 'inspect-delay');
			if (delayMs !== undefined) draft.inspectDelayMs = delayMs;
		},
	},
	...COUNTERS.flatMap(counter =>
		httpCounter(
			`track-sc${counter}`,
			`track-sc${counter} KEY [table T]`,
			`Counts the transaction under a key, in counter ${counter}.`,
			statement => readTrack(statement, counter),
		),
	),
	...httpCounter('sc-inc-gpc0', 'sc-inc-gpc0(N)', 'Adds one to gpc0 of what counter N tracks.', readHttp),
	...httpCounter('sc-inc-gpc1', 'sc-inc-gpc1(N)', 'Adds one to gpc1 of what counter N tracks.', readHttp),
	...httpCounter('sc-inc-gpc', 'sc-inc-gpc(I,N)', 'Adds one to element I of gpc of what counter N tracks.', readHttp),
	...httpCounter(
		'sc-set-gpt',
		'sc-set-gpt(I,N) VALUE|EXPRESSION',
		'Sets element I of gpt of what counter N tracks.',
		readHttp,
	),
	...httpCounter(
		'sc-set-gpt0',
		'sc-set-gpt0(N) VALUE|EXPRESSION',
		'Sets the tag gpt0 of what counter N tracks.',
		readHttp,
	),
];

/**
 * `tcp-response`: what is done with the first bytes that a server answers.
 *
 * Decides what each line says. Leaves judging to the proxy. HAProxy manual, `tcp-response content`.
 */
import {readRuleEnd} from '../conditions.ts';
import type {ProxyDraft, TcpResponseRuleDraft} from '../drafts.ts';
import {LB, notSupported, type ProxyKeyword, type Statement} from '../keyword.ts';
import {readDurationMs} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {readVariableAction} from './message-rules.ts';
import {readMarking} from './rewriting.ts';
import {readSessionAction} from './session-rules.ts';
import {isGluedCounter, readGluedCounter} from './tcp-request.ts';

type Action = TcpResponseRuleDraft['action'];

const ENDINGS = ['accept', 'close', 'reject', 'silent-drop'] as const;
/** The name is glued to it. */
const VARIABLE = /^(set-var|set-var-fmt|unset-var)\(/;
const LATER = /^(set-nice|ot-group|send-spoe-group|lua\..*)$/;
const ACTIONS = [
	...ENDINGS,
	'set-var(sess.x)',
	'unset-var(sess.x)',
	'set-log-level',
	'sc-inc-gpc0(0)',
	'sc-set-gpt0(0)',
];

function readAction(statement: Statement<ProxyDraft>): Action | undefined {
	const {cursor, syntax} = statement;
	const word = cursor.require('what to do', 'accept, close, reject, set-var(NAME) …');
	if (word === undefined) return undefined;
	const {text} = word;
	const ending = ENDINGS.find(one => one === text);
	if (ending !== undefined) return {kind: ending};
	if (VARIABLE.test(text)) return readVariableAction(cursor, syntax, text) as Action | undefined;
	if (text === 'set-tos' || text === 'set-mark') return readMarking(statement, text);
	if (text === 'set-log-level') return readSessionAction(statement, text) as Action | undefined;
	if (isGluedCounter(text)) return readGluedCounter(cursor, text) as Action | undefined;
	if (LATER.test(text)) cursor.error(word, notSupported(`'tcp-response … ${text}'`));
	else cursor.error(word, `'${text}' is not an action of tcp-response`, didYouMean(text, ACTIONS));
	return undefined;
}

export const tcpResponseKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'tcp-response content',
		sections: LB,
		syntax:
			'tcp-response content accept|close|reject|silent-drop|set-var(V) E|set-var-fmt(V) F|unset-var(V)|set-log-level L|set-tos N|set-mark N|sc-inc-gpc(I,N)|sc-inc-gpc0(N)|sc-inc-gpc1(N)|sc-set-gpt(I,N) V|sc-set-gpt0(N) V [if|unless CONDITION]',
		summary: 'Judges or counts by the first bytes that a server answers.',
		read(statement) {
			const {draft, cursor} = statement;
			const action = readAction(statement);
			if (action === undefined) {
				cursor.rest();
				return;
			}
			const end = readRuleEnd(cursor);
			if (end !== undefined) draft.tcpResponseRules.push({action, ...end});
		},
	},
	{
		scope: 'proxy',
		name: 'tcp-response inspect-delay',
		sections: LB,
		syntax: 'tcp-response inspect-delay T',
		summary: 'How long rules for contents of responses wait for the bytes that they need.',
		read({draft, cursor}) {
			const delayMs = readDurationMs(cursor, 'inspect-delay');
			if (delayMs === undefined) return;
			draft.responseDelayMs = delayMs;
			cursor.finish();
		},
	},
];

/**
 * `http-response` and `http-after-response`: what is done with an answer.
 *
 * Decides what each rule says. HAProxy manual, `http-response`, `http-after-response`.
 */
import {readRuleEnd} from '../conditions.ts';
import {REFUSED_RESPONSE_STATUS} from '../defaults.ts';
import type {ProxyDraft, ResponseRuleDraft} from '../drafts.ts';
import {FLB, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {ResponseAction} from '../model.ts';
import {readInteger, readText} from '../readers.ts';
import {type ActionRow, MESSAGE_ACTIONS} from './message-rules.ts';
import {readRedirectAction} from './redirects.ts';
import {REPLY_SYNTAX, readReply, readReturn} from './replies.ts';

type Stage = Extract<ResponseRuleDraft['stage'], 'http-response' | 'http-after-response'>;

export function addResponseRule(
	{draft, cursor}: Statement<ProxyDraft>,
	stage: Stage,
	action: ResponseAction | undefined,
): void {
	if (action === undefined) return;
	const end = readRuleEnd(cursor);
	if (end === undefined) return;
	draft.httpOnly.push({name: stage, place: end.place});
	draft.responseRules.push({stage, action, ...end});
}

function row(stage: Stage, {name, syntax, summary, read}: ActionRow<ResponseAction>): ProxyKeyword {
	return {
		scope: 'proxy',
		name: `${stage} ${name}`,
		sections: FLB,
		syntax: `${stage} ${name}${syntax === '' ? '' : ` ${syntax}`} [if|unless CONDITION]`,
		summary: `${summary}${stage === 'http-response' ? ' of a response' : ' of every response, our own included'}.`,
		read: statement => addResponseRule(statement, stage, read(statement)),
	};
}

const STATUS: ActionRow<ResponseAction> = {
	name: 'set-status',
	syntax: 'STATUS [reason TEXT]',
	summary: 'Changes the status',
	read({cursor}) {
		const status = readInteger(cursor, 'the status', 200, 999);
		if (status === undefined) return undefined;
		if (!cursor.accept('reason')) return {kind: 'set-status', status};
		const reason = readText(cursor, 'the reason', 'such as reason "Try later"');
		return reason === undefined ? undefined : {kind: 'set-status', status, reason};
	},
};

const ALLOW: ActionRow<ResponseAction> = {
	name: 'allow',
	syntax: '',
	summary: 'Ends the rules',
	read: () => ({kind: 'allow'}),
};

const ENDINGS: readonly ActionRow<ResponseAction>[] = [
	{
		name: 'deny',
		syntax: REPLY_SYNTAX,
		summary: 'Answers 502, or what is given, in place',
		read(statement) {
			const answer = readReply(statement, REFUSED_RESPONSE_STATUS);
			if (answer === undefined) return undefined;
			const {status} = answer.reply;
			return answer.isBare || answer.reply.isPage === true
				? {kind: 'deny', status}
				: {kind: 'deny', status, reply: answer.reply};
		},
	},
	{
		name: 'return',
		syntax: REPLY_SYNTAX,
		summary: 'Gives an answer of the configuration in place',
		read: readReturn,
	},
	{
		name: 'redirect',
		syntax: 'location|prefix|scheme TO …',
		summary: 'Answers with a redirect in place',
		read: readRedirectAction,
	},
];

export const responseRuleKeywords: readonly ProxyKeyword[] = [
	...[...MESSAGE_ACTIONS, STATUS, ALLOW, ...ENDINGS].map(action => row('http-response', action)),
	...[...MESSAGE_ACTIONS, STATUS, ALLOW].map(action => row('http-after-response', action)),
];

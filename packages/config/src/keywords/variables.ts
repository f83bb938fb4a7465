/**
 * `set-var(NAME)`, `set-var-fmt(NAME)` and `unset-var(NAME)` behind `http-request`, `http-response` and `http-after-response`.
 *
 * Decides nothing but which keyword takes them: the name is glued to the action. HAProxy manual, `http-request set-var`.
 */
import {FLB, type ProxyKeyword} from '../keyword.ts';
import {readVariableAction} from './message-rules.ts';
import {addResponseRule} from './response-rules.ts';
import {addRequestRule} from './rules.ts';

const ACTIONS = [
	{name: 'set-var', argument: ' EXPRESSION', summary: 'Keeps a sample in a variable'},
	{name: 'set-var-fmt', argument: ' FORMAT', summary: 'Keeps a text in a variable'},
	{name: 'unset-var', argument: '', summary: 'Forgets a variable'},
];

export const variableKeywords: readonly ProxyKeyword[] = ACTIONS.flatMap(({name, argument, summary}) =>
	(['http-request', 'http-response', 'http-after-response'] as const).map(
		(stage): ProxyKeyword => ({
			scope: 'proxy',
			name: `${stage} ${name}`,
			sections: FLB,
			syntax: `${stage} ${name}(proc.NAME|sess.NAME|txn.NAME|req.NAME|res.NAME)${argument} [if|unless CONDITION]`,
			summary: `${summary}.`,
			read(statement) {
				const {cursor, syntax} = statement;
				const action = readVariableAction(cursor, syntax, cursor.previous()?.text ?? '');
				if (stage === 'http-request') addRequestRule(statement, stage, action);
				else addResponseRule(statement, stage, action);
			},
		}),
	),
);

/**
 * `set-map(FILE)`, `del-map(FILE)`, `add-acl(FILE)`, `del-acl(FILE)`: rules that change what others look up.
 *
 * Decides nothing but what they say: the file is glued to the action. HAProxy manual, `http-request set-map`.
 */

import type {ProxyDraft} from '../drafts.ts';
import {FLB, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {MessageAction} from '../model.ts';
import {readFormatText} from './headers.ts';
import {addResponseRule} from './response-rules.ts';
import {addRequestRule} from './rules.ts';

const ACTIONS = [
	{name: 'set-map', argument: 'KEY VALUE', summary: 'Writes an entry of a map'},
	{name: 'del-map', argument: 'KEY', summary: 'Removes an entry of a map'},
	{name: 'add-acl', argument: 'KEY', summary: 'Adds a pattern to those of a file'},
	{name: 'del-acl', argument: 'KEY', summary: 'Removes a pattern from those of a file'},
];

function readAction({cursor, syntax}: Statement<ProxyDraft>, glued: string): MessageAction | undefined {
	const found = /^(set-map|del-map|add-acl|del-acl)\(([^()]+)\)$/.exec(glued);
	if (found === null) {
		cursor.error(cursor.previous(), `'${glued}' names no file`, 'such as set-map(/etc/hapair/hosts.map)');
		cursor.rest();
		return undefined;
	}
	const [, kind, file = ''] = found;
	const key = readFormatText(cursor, 'the key', syntax);
	if (key === undefined) return undefined;
	if (kind !== 'set-map') return {kind: kind as 'del-map' | 'add-acl' | 'del-acl', file, key};
	const value = readFormatText(cursor, 'the value', syntax);
	return value === undefined ? undefined : {kind, file, key, value};
}

export const patternRuleKeywords: readonly ProxyKeyword[] = ACTIONS.flatMap(({name, argument, summary}) =>
	(['http-request', 'http-response'] as const).map(
		(stage): ProxyKeyword => ({
			scope: 'proxy',
			name: `${stage} ${name}`,
			sections: FLB,
			syntax: `${stage} ${name}(FILE) ${argument} [if|unless CONDITION]`,
			summary: `${summary}.`,
			read(statement) {
				const action = readAction(statement, statement.cursor.previous()?.text ?? '');
				if (stage === 'http-request') addRequestRule(statement, stage, action);
				else addResponseRule(statement, stage, action);
			},
		}),
	),
);

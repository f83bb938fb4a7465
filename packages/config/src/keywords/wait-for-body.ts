/**
 * `wait-for-body` of `http-request` and `http-response`: rules go on once enough of the body is there.
 *
 * Decides what the line says. Leaves waiting to the proxy. HAProxy manual, `http-request wait-for-body`.
 */
import type {ProxyDraft} from '../drafts.ts';
import {FLB, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {WaitForBody} from '../model.ts';
import {readBytes, readDurationMs} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {addResponseRule} from './response-rules.ts';
import {addRequestRule} from './rules.ts';

const SYNTAX = 'wait-for-body time T [at-least BYTES]';

/** The two in any order. */
function readWait({cursor}: Statement<ProxyDraft>): WaitForBody | undefined {
	let timeMs: number | undefined;
	let atLeastBytes = 0;
	for (let word = cursor.peek(); word !== undefined; word = cursor.peek()) {
		if (word.text === 'if' || word.text === 'unless') break;
		cursor.next();
		if (word.text === 'time') {
			timeMs = readDurationMs(cursor, 'time');
			if (timeMs === undefined) return undefined;
		} else if (word.text === 'at-least') {
			const bytes = readBytes(cursor, 'at-least', 0, 2 ** 31 - 1);
			if (bytes === undefined) return undefined;
			atLeastBytes = bytes;
		} else {
			cursor.error(
				word,
				`'${word.text}' is not a part of wait-for-body`,
				didYouMean(word.text, ['time', 'at-least']) ?? SYNTAX,
			);
			return undefined;
		}
	}
	if (timeMs !== undefined) return {kind: 'wait-for-body', timeMs, atLeastBytes};
	cursor.error(cursor.previous(), "wait-for-body needs 'time T'", SYNTAX);
	return undefined;
}

export const waitForBodyKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'http-request wait-for-body',
		sections: FLB,
		syntax: `http-request ${SYNTAX} [if|unless CONDITION]`,
		summary: 'Goes on with the rules once the body is there, or as much of it as said or as a buffer holds; else 408.',
		read: statement => addRequestRule(statement, 'http-request', readWait(statement)),
	},
	{
		scope: 'proxy',
		name: 'http-response wait-for-body',
		sections: FLB,
		syntax: `http-response ${SYNTAX} [if|unless CONDITION]`,
		summary: 'The same for the body of a response; else 504.',
		read: statement => addResponseRule(statement, 'http-response', readWait(statement)),
	},
];

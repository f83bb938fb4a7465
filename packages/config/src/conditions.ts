/**
 * `if A B || !{ path_beg /x }` into an or of ands.
 *
 * Decides how terms, negation, disjunction and anonymous tests are read. Names are looked up when the section is complete.
 * HAProxy manual, "Using ACLs to form conditions".
 */
import {readAclTest} from './acl-tests.ts';
import type {Place} from './diagnostics.ts';
import type {PendingCondition, PendingTerm} from './drafts.ts';
import type {Word} from './lexer.ts';
import type {LineCursor} from './line-cursor.ts';

const FORM = 'if ACL [ACL…] [or ACL…], or unless …';

/** A condition that must be there. Undefined after an error that leaves nothing to check. */
export function readCondition(cursor: LineCursor): PendingCondition | undefined {
	const word = cursor.require("'if' or 'unless'", FORM);
	if (word === undefined) return undefined;
	if (word.text !== 'if' && word.text !== 'unless') {
		cursor.error(word, `'${word.text}' is neither 'if' nor 'unless'`, FORM);
		cursor.rest();
		return undefined;
	}
	const anyOf = readAlternatives(cursor);
	return anyOf === undefined ? undefined : {negate: word.text === 'unless', anyOf};
}

/** What every rule has behind its action: the place of its line, and a condition if one is there. Undefined after an error. */
export function readRuleEnd(cursor: LineCursor): {place: Place; condition?: PendingCondition} | undefined {
	const place = cursor.startPlace();
	if (cursor.peek() === undefined) return {place};
	const condition = readCondition(cursor);
	return condition && {place, condition};
}

function readAlternatives(cursor: LineCursor): readonly (readonly PendingTerm[])[] | undefined {
	const anyOf: PendingTerm[][] = [[]];
	while (cursor.peek() !== undefined) {
		const word = cursor.next()!;
		if (word.text === '||' || word.text.toLowerCase() === 'or') {
			if (anyOf.at(-1)!.length === 0) {
				cursor.error(word, `'${word.text}' has nothing before it`, FORM);
				cursor.rest();
				return undefined;
			}
			anyOf.push([]);
		} else {
			// A refused term leaves its place empty: the rest of the line may hold further mistakes.
			anyOf.at(-1)!.push(readTerm(cursor, word) ?? {negate: false, name: '', place: cursor.place(word), tests: []});
		}
	}
	if (anyOf.at(-1)!.length === 0) {
		cursor.error(cursor.previous(), 'the condition is not complete', FORM);
		return undefined;
	}
	return anyOf;
}

function readTerm(cursor: LineCursor, first: Word): PendingTerm | undefined {
	let negate = false;
	let word: Word | undefined = first;
	let text = first.text;
	while (text.startsWith('!')) {
		negate = !negate;
		text = text.slice(1);
		if (text === '') {
			word = cursor.require("the ACL after '!'", FORM);
			if (word === undefined) return undefined;
			text = word.text;
		}
	}
	if (text === '{') return readAnonymous(cursor, word, negate);
	if (text === '}' || text === '||' || text.toLowerCase() === 'or') {
		cursor.error(word, `'${text}' stands where an ACL is expected`, FORM);
		return undefined;
	}
	const glued = /^\{.|.\}$/.test(text);
	if (glued) {
		cursor.error(word, "braces must be words of their own in '{ … }'", `write '{ ${text.replace(/[{}]/g, '')} … }'`);
		skipBraces(cursor, text.endsWith('}'));
		return undefined;
	}
	return {negate, name: text, place: cursor.place(word)};
}

function skipBraces(cursor: LineCursor, closed: boolean): void {
	while (!closed && cursor.peek() !== undefined) closed = cursor.next()!.text.endsWith('}');
}

function readAnonymous(cursor: LineCursor, brace: Word, negate: boolean): PendingTerm | undefined {
	const words: Word[] = [];
	for (let word = cursor.next(); word?.text !== '}'; word = cursor.next()) {
		if (word === undefined) {
			cursor.error(brace, "'{' is never closed", "end the test with ' }'");
			return undefined;
		}
		words.push(word);
	}
	if (words.length === 0) {
		cursor.error(brace, 'the test between the braces is empty', 'such as { path_beg /static }');
		return undefined;
	}
	const test = readAclTest(cursor, words);
	const name = words.map(word => word.text).join(' ');
	return test === undefined ? undefined : {negate, name, place: cursor.place(brace), tests: [test]};
}

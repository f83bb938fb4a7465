/**
 * Comparing a text with the patterns of an ACL (HAProxy manual, "Matching strings").
 *
 * Decides `str`, `beg`, `end`, `sub`, `dir`, `dom` and `reg`. Patterns are prepared once; a test allocates nothing, except a
 * lower-case copy of the sample under `-i`.
 */
import type {AclMatch, AclPattern} from '@hapair/config';
import {toWireText} from './head-text.ts';
import {compileRegex, testRegex} from './regex.ts';

/** True when one pattern matches. */
export type TextTest = (text: string) => boolean;

export type TextMatch = Extract<AclMatch, 'str' | 'beg' | 'end' | 'sub' | 'dir' | 'dom' | 'reg'>;

const DIRECTORY_DELIMITERS = '/?';
const DOMAIN_DELIMITERS = '/?.:';

/**
 * Prepares the patterns of one ACL; throws a `RuleError` for a regular expression that cannot be used.
 * With `isLower`, texts come in lower case when `-i` asks for it, except those for a regular expression.
 */
export function compileTextTest(
	match: TextMatch,
	patterns: readonly AclPattern[],
	ignoreCase: boolean,
	isLower = false,
): TextTest {
	if (match === 'reg') return compileRegexTest(patterns, ignoreCase);
	const texts = patterns.map(pattern => patternText(pattern)).map(text => (ignoreCase ? text.toLowerCase() : text));
	const test = compileExact(match, texts);
	return ignoreCase && !isLower ? text => test(text.toLowerCase()) : test;
}

function compileRegexTest(patterns: readonly AclPattern[], ignoreCase: boolean): TextTest {
	const regexes = patterns.map(pattern => compileRegex(patternText(pattern), ignoreCase));
	return text => {
		for (const regex of regexes) {
			if (testRegex(regex, text)) return true;
		}
		return false;
	};
}

function compileExact(match: Exclude<TextMatch, 'reg'>, texts: readonly string[]): TextTest {
	switch (match) {
		case 'str': {
			const known = new Set(texts);
			return text => known.has(text);
		}
		case 'beg':
			return anyOf(texts, (text, pattern) => text.startsWith(pattern));
		case 'end':
			return anyOf(texts, (text, pattern) => text.endsWith(pattern));
		case 'sub':
			return anyOf(texts, (text, pattern) => text.includes(pattern));
		case 'dir':
			return anyOf(trimAll(texts, DIRECTORY_DELIMITERS), (text, word) => hasWord(text, word, DIRECTORY_DELIMITERS));
		case 'dom':
			return anyOf(trimAll(texts, DOMAIN_DELIMITERS), (text, word) => hasWord(text, word, DOMAIN_DELIMITERS));
	}
}

function anyOf(patterns: readonly string[], test: (text: string, pattern: string) => boolean): TextTest {
	return text => {
		for (const pattern of patterns) {
			if (test(text, pattern)) return true;
		}
		return false;
	};
}

/** Delimiters around a pattern do not count: `/admin/` means the directory `admin`. */
function trimAll(texts: readonly string[], delimiters: string): string[] {
	return texts.map(text => {
		let start = 0;
		let end = text.length;
		while (start < end && delimiters.includes(text.charAt(start))) start++;
		while (end > start && delimiters.includes(text.charAt(end - 1))) end--;
		return text.slice(start, end);
	});
}

/** Does the word stand in the text between two delimiters or ends? */
function hasWord(text: string, word: string, delimiters: string): boolean {
	if (word === '') return false;
	for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
		const end = at + word.length;
		const opens = at === 0 || delimiters.includes(text.charAt(at - 1));
		if (opens && (end === text.length || delimiters.includes(text.charAt(end)))) return true;
	}
	return false;
}

function patternText(pattern: AclPattern): string {
	switch (pattern.kind) {
		case 'text':
			return toWireText(pattern.text);
		case 'regex':
			return pattern.source;
		case 'network':
			return pattern.network.address;
		case 'range':
			return String(pattern.min);
	}
}

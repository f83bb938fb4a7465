/**
 * One test of an ACL, prepared once (HAProxy manual, "Using ACLs").
 *
 * Decides how a sample is compared with patterns. An absent sample matches nothing: no `hdr` test is true without the header,
 * whatever its patterns. Leaves the samples to `expression.ts`, names, negation and logic to `conditions.ts`.
 */
import type {AclMatch, AclPattern, AclTest} from '@hapair/config';
import {compileNetwork, isInNetwork, parseAddress} from './address.ts';
import {compileExpression} from './expression.ts';
import type {Visit} from './fetches.ts';
import {RuleError} from './rule-error.ts';
import {toAddress, toBoolean, toInteger, toText} from './sample.ts';
import type {SampleSource} from './sample-source.ts';
import {shareTexts} from './shared-texts.ts';
import {compileTextTest, type TextMatch} from './text-match.ts';

/** True when the transaction passes. */
export type SampleTest = (source: SampleSource) => boolean;

/** Prepares one test; throws a `RuleError` when a pattern cannot be used. */
export function compileAclTest(test: AclTest): SampleTest {
	const fixed = compileFixedTest(test);
	const {list, files = [], match, ignoreCase} = test;
	if (list === undefined && files.length === 0) return fixed;
	const {some} = compileExpression(test.sample);
	// With 200 ACLs a look at the lists for each took 40 % more of a request than this one look.
	const isPlain = files.length === 0;
	return source => {
		if (isPlain && source.isPristine) return fixed(source);
		const {lookups} = source.proxies;
		const isOwn = list === undefined || lookups.isUntouched(list);
		if (isOwn && files.length === 0) return fixed(source);
		if (isOwn && hasOwn(test) && fixed(source)) return true;
		return some(
			source,
			sample =>
				(!isOwn && lookups.find(list, match, ignoreCase, sample) !== undefined) ||
				files.some(file => lookups.findInFile(file, match, ignoreCase, sample) !== undefined),
		);
	};
}

/** The patterns of its own line, as long as nobody has changed them. */
function compileFixedTest(test: AclTest): SampleTest {
	const shared = isTextMatch(test.match) ? compileSharedTest(test, test.match) : undefined;
	if (shared !== undefined) return shared;
	const {some} = compileExpression(test.sample);
	const accepts = compileMatch(test);
	return source => some(source, accepts);
}

/** A test of files alone has no patterns of its own: that it has none says nothing. */
function hasOwn({patterns}: AclTest): boolean {
	return patterns.length > 0;
}

function isTextMatch(match: AclMatch): match is TextMatch {
	return !['found', 'bool', 'int', 'len', 'ip'].includes(match);
}

/** Tests of the same expression share what it takes from a message. */
function compileSharedTest(test: AclTest, match: TextMatch): SampleTest | undefined {
	const texts = shareTexts(test.sample);
	if (texts === undefined) return undefined;
	const accepts = compileTextTest(match, test.patterns, test.ignoreCase, true);
	const isLower = test.ignoreCase && match !== 'reg';
	return source => {
		for (const text of isLower ? texts.lowerOf(source) : texts.of(source)) {
			if (accepts(text)) return true;
		}
		return false;
	};
}

function compileMatch(test: AclTest): Visit {
	switch (test.match) {
		case 'found':
			return () => true;
		case 'bool': {
			const wanted = new Set(
				test.patterns.length === 0 ? [true] : test.patterns.map(pattern => textOf(pattern) === '1'),
			);
			return sample => wanted.has(toBoolean(sample));
		}
		case 'int': {
			const accepts = compileRanges(test);
			return sample => accepts(toInteger(sample));
		}
		case 'len': {
			const accepts = compileRanges(test);
			return sample => accepts(toText(sample).length);
		}
		case 'ip':
			return compileNetworks(test);
		default: {
			const accepts = compileTextTest(test.match, test.patterns, test.ignoreCase);
			return sample => accepts(typeof sample === 'string' ? sample : toText(sample));
		}
	}
}

function compileRanges(test: AclTest): (value: number) => boolean {
	const ranges = test.patterns.map(pattern => readRange(pattern, test));
	return value => {
		for (const range of ranges) {
			if (value >= range.min && value <= range.max) return true;
		}
		return false;
	};
}

function readRange(pattern: AclPattern, test: AclTest): {min: number; max: number} {
	if (pattern.kind === 'range') return pattern;
	if (pattern.kind === 'text' && /^-?[0-9]+$/.test(pattern.text)) {
		return {min: Number(pattern.text), max: Number(pattern.text)};
	}
	throw new RuleError(`${test.sample.fetch} is compared with numbers: write an integer or a range like 1:5`);
}

function compileNetworks(test: AclTest): Visit {
	const networks = test.patterns.map(pattern => {
		const compiled = compileNetwork(readNetwork(pattern));
		if (compiled !== undefined) return compiled;
		throw new RuleError(
			`${test.sample.fetch} is compared with addresses: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32`,
		);
	});
	return sample => {
		const address = toAddress(sample);
		if (address === undefined) return false;
		for (const network of networks) {
			if (isInNetwork(address, network)) return true;
		}
		return false;
	};
}

function readNetwork(pattern: AclPattern): {address: string; bits: number; family: 4 | 6} {
	if (pattern.kind === 'network') return pattern.network;
	const text = textOf(pattern);
	const address = parseAddress(text);
	return address?.family === 6 ? {address: text, bits: 128, family: 6} : {address: text, bits: 32, family: 4};
}

function textOf(pattern: AclPattern): string {
	return pattern.kind === 'text' ? pattern.text : '';
}

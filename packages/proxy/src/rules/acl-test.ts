/**
 * One test of an ACL, prepared once (HAProxy manual, "Using ACLs").
 *
 * Decides what is taken from the request for each criterion and how it is compared. An absent sample matches nothing: no
 * `hdr` test is true without the header, whatever its patterns. Leaves names, negation and logic to `conditions.ts`.
 */
import type {AclCriterion, AclPattern, AclTest} from '@hapair/config';
import {type Address, compileNetwork, isInNetwork, parseAddress} from './address.ts';
import {countListValues, someListValue} from './header-list.ts';
import {RuleError} from './rule-error.ts';
import type {SampleSource} from './sample-source.ts';
import {compileTextTest, type TextTest} from './text-match.ts';

/** True when the request passes. */
export type SampleTest = (source: SampleSource) => boolean;

type NumberTest = (value: number) => boolean;
type AddressTest = (address: Address) => boolean;

/** Prepares one test; throws a `RuleError` when criterion and match do not go together or a pattern cannot be used. */
export function compileAclTest(test: AclTest): SampleTest {
	const {criterion} = test;
	switch (criterion.kind) {
		case 'always':
			return criterion.value ? () => true : () => false;
		case 'path':
			return compileText(test, source => (source.path === '' ? undefined : source.path));
		case 'url':
			return compileText(test, source => source.url);
		case 'method':
			return compileText(test, source => source.method);
		case 'hdr':
			return compileHeader(test, criterion.header.toLowerCase());
		case 'src':
			return compileAddress(test, source => source.src);
		case 'dst':
			return compileAddress(test, source => source.dst);
		case 'dst_port':
			return compileNumber(test, source => source.dstPort);
		case 'nbsrv': {
			const {backend} = criterion;
			return compileNumber(test, source => source.nbsrv(backend ?? source.backend));
		}
	}
}

function compileText(test: AclTest, sample: (source: SampleSource) => string | undefined): SampleTest {
	if (test.match === 'found') return source => sample(source) !== undefined;
	const accepts = compileValueTest(test);
	return source => {
		const text = sample(source);
		return text !== undefined && accepts(text);
	};
}

function compileHeader(test: AclTest, name: string): SampleTest {
	if (test.match === 'found') return source => source.header(name, 0) !== undefined;
	if (test.match === 'cnt') return compileHeaderCount(test, name);
	const accepts = compileValueTest(test);
	return source => {
		for (let n = 0; ; n++) {
			const line = source.header(name, n);
			if (line === undefined) return false;
			if (someListValue(line, accepts)) return true;
		}
	};
}

function compileHeaderCount(test: AclTest, name: string): SampleTest {
	const accepts = compileRanges(test);
	return source => {
		let count = 0;
		for (let n = 0; ; n++) {
			const line = source.header(name, n);
			if (line === undefined) return accepts(count);
			count += countListValues(line);
		}
	};
}

/** How one text is compared: as text, as a number, by its length or as an address. */
function compileValueTest(test: AclTest): TextTest {
	switch (test.match) {
		case 'int': {
			const accepts = compileRanges(test);
			return text => accepts(readLeadingInteger(text));
		}
		case 'len': {
			const accepts = compileRanges(test);
			return text => accepts(text.length);
		}
		case 'ip': {
			const accepts = compileNetworks(test);
			return text => {
				const address = parseAddress(withoutPort(text));
				return address !== undefined && accepts(address);
			};
		}
		case 'found':
		case 'cnt':
			throw refuse(test);
		default:
			return compileTextTest(test.match, test.patterns, test.ignoreCase);
	}
}

function compileAddress(test: AclTest, sample: (source: SampleSource) => Address | undefined): SampleTest {
	if (test.match === 'ip') {
		const accepts = compileNetworks(test);
		return source => {
			const address = sample(source);
			return address !== undefined && accepts(address);
		};
	}
	return compileText(test, source => sample(source)?.text);
}

function compileNumber(test: AclTest, sample: (source: SampleSource) => number): SampleTest {
	if (test.match === 'found') return () => true;
	if (test.match !== 'int') throw refuse(test);
	const accepts = compileRanges(test);
	return source => accepts(sample(source));
}

function compileRanges(test: AclTest): NumberTest {
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
	throw new RuleError(`${nameOf(test.criterion)} is compared with numbers: write an integer or a range like 1:5`);
}

function compileNetworks(test: AclTest): AddressTest {
	const networks = test.patterns.map(pattern => {
		const compiled = compileNetwork(readNetwork(pattern));
		if (compiled !== undefined) return compiled;
		throw new RuleError(
			`${nameOf(test.criterion)} is compared with addresses: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32`,
		);
	});
	return address => {
		for (const network of networks) {
			if (isInNetwork(address, network)) return true;
		}
		return false;
	};
}

function readNetwork(pattern: AclPattern): {address: string; bits: number; family: 4 | 6} {
	if (pattern.kind === 'network') return pattern.network;
	const text = pattern.kind === 'text' ? pattern.text : '';
	const address = parseAddress(text);
	return address?.family === 6 ? {address: text, bits: 128, family: 6} : {address: text, bits: 32, family: 4};
}

/** As C's number reading: an optional minus, digits, and whatever follows is ignored; no digits are 0. */
function readLeadingInteger(text: string): number {
	const negative = text.charCodeAt(0) === 45;
	let value = 0;
	for (let at = negative ? 1 : 0; at < text.length; at++) {
		const digit = text.charCodeAt(at) - 48;
		if (digit < 0 || digit > 9) break;
		value = value * 10 + digit;
	}
	return negative ? -value : value;
}

/** `192.0.2.1:80` and `[2001:db8::1]:80` are addresses too in a header. */
function withoutPort(text: string): string {
	if (text.startsWith('[')) {
		const close = text.indexOf(']');
		return close === -1 ? text : text.slice(1, close);
	}
	const colon = text.indexOf(':');
	return colon !== -1 && colon === text.lastIndexOf(':') ? text.slice(0, colon) : text;
}

function refuse(test: AclTest): RuleError {
	return new RuleError(`${nameOf(test.criterion)} cannot be matched with "-m ${test.match}"`);
}

function nameOf(criterion: AclCriterion): string {
	return criterion.kind === 'hdr' ? `hdr(${criterion.header})` : criterion.kind;
}

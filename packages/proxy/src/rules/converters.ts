/**
 * What each converter makes of a sample, prepared once (HAProxy manual, "Converters").
 *
 * Decides the value of every row of the configuration's table. A converter that cannot give anything gives `undefined`, and then
 * the whole expression has no value.
 */
import {isVariableCondition, type SampleConverter} from '@hapair/config';
import {compileMapConverter} from '../patterns/map-converter.ts';
import {type Address, compileNetwork, formatAddress, parseAddress} from './address.ts';
import {BYTE_MAKERS} from './byte-converters.ts';
import {HASH_MAKERS} from './hash-converters.ts';
import {JSON_MAKERS} from './json-converters.ts';
import {compileRegex, replaceText} from './regex.ts';
import {RuleError} from './rule-error.ts';
import {type Sample, toAddress, toBoolean, toInteger, toText} from './sample.ts';
import type {SampleSource} from './sample-source.ts';
import {compileStickConverter} from './stick-samples.ts';
import {setVariableWhen} from './variable-conditions.ts';

export type Convert = (sample: Sample, source: SampleSource) => Sample | undefined;
type Maker = (args: readonly string[]) => Convert;

const text =
	(convert: (value: string) => Sample | undefined): Maker =>
	() =>
	sample =>
		convert(toText(sample));

/** The argument is a number, or the name of a variable that holds one. */
const arithmetic =
	(compute: (a: bigint, b: bigint) => bigint): Maker =>
	([operand = '0']) => {
		const fixed = /^-?\d+$/.test(operand) ? BigInt(operand) : undefined;
		return (sample, source) => {
			const value = fixed ?? BigInt(toInteger(source.variable(operand) ?? 0));
			return Number(BigInt.asIntN(64, compute(BigInt(toInteger(sample)), value)));
		};
	};

/** The n-th part of a text; negative numbers count from the end. A field may be empty, a word may not. */
function part(isWord: boolean): Maker {
	return ([place = '1', delimiters = '', count = '1']) => {
		const set = new Set(delimiters);
		const wanted = Number(place);
		const length = Number(count);
		return sample => {
			const value = toText(sample);
			const parts = cut(value, set, isWord);
			const at = wanted > 0 ? wanted - 1 : parts.length + wanted;
			const first = wanted > 0 ? at : length === 0 ? 0 : at - length + 1;
			const last = wanted > 0 ? (length === 0 ? parts.length - 1 : at + length - 1) : at;
			const from = parts[Math.max(0, first)];
			const to = parts[Math.min(last, parts.length - 1)];
			if (at < 0 || at >= parts.length || from === undefined || to === undefined) return undefined;
			return value.slice(from[0], to[1]);
		};
	};
}

function cut(value: string, delimiters: ReadonlySet<string>, isWord: boolean): readonly (readonly [number, number])[] {
	const parts: [number, number][] = [];
	let from = 0;
	for (let at = 0; at <= value.length; at++) {
		if (at < value.length && !delimiters.has(value[at]!)) continue;
		if (!isWord || at > from) parts.push([from, at]);
		from = at + 1;
	}
	return parts;
}

function trim(ofStart: boolean): Maker {
	return ([characters = '']) => {
		const set = new Set(characters);
		return sample => {
			const value = toText(sample);
			let start = 0;
			let end = value.length;
			while (ofStart && start < end && set.has(value[start]!)) start++;
			while (!ofStart && end > start && set.has(value[end - 1]!)) end--;
			return value.slice(start, end);
		};
	};
}

function decodeUrl(value: string, isForm: boolean): string | undefined {
	if (/%(?![0-9A-Fa-f]{2})/.test(value)) return undefined;
	const question = value.indexOf('?');
	return value.replace(/\+|%([0-9A-Fa-f]{2})/g, (whole, code: string | undefined, at: number) => {
		if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
		return isForm || (question !== -1 && at > question) ? ' ' : whole;
	});
}

function encodeUrl(value: string): string {
	return value.replace(
		/[^A-Za-z0-9\-._~]/g,
		char => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
	);
}

function mask(bits: string, bits6: string | undefined): Convert {
	const isDotted = bits.includes('.');
	const wanted = isDotted ? prefixOfMask(bits) : Number(bits);
	const words6 = bits6?.includes(':') === true ? parseAddress(bits6)?.words : undefined;
	return sample => {
		const address = toAddress(sample);
		if (address === undefined || (address.family === 6 && bits6 === undefined)) return undefined;
		if (address.family === 6 && words6 !== undefined) {
			const masked = address.words.map((word, place) => (word & words6[place]!) >>> 0);
			return formatAddress(6, masked as unknown as Address['words']);
		}
		return maskAddress(address, address.family === 4 ? wanted : Number(bits6));
	};
}

function prefixOfMask(dotted: string): number {
	return dotted.split('.').reduce((bits, octet) => bits + Number(octet).toString(2).replaceAll('0', '').length, 0);
}

function maskAddress(address: Address, bits: number): Address | undefined {
	const network = compileNetwork({address: address.text, bits, family: address.family});
	return network && formatAddress(address.family, network.words);
}

const concat: Maker = ([start = '', name = '', end = '']) => {
	return (sample, source) => {
		const middle = name === '' ? '' : source.variable(name);
		return toText(sample) + start + (middle === undefined ? '' : toText(middle)) + end;
	};
};

const MAKERS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
	['lower', text(value => value.replace(/[A-Z]/g, letter => letter.toLowerCase()))],
	['upper', text(value => value.replace(/[a-z]/g, letter => letter.toUpperCase()))],
	// Up to a NUL, where a text of HAProxy's ends.
	['length', text(value => (value.includes('\0') ? value.indexOf('\0') : value.length))],
	['hex', text(value => Buffer.from(value, 'latin1').toString('hex').toUpperCase())],
	['hex2i', text(value => Number.parseInt(value, 16) || 0)],
	['base64', text(value => Buffer.from(value, 'latin1').toString('base64'))],
	['b64dec', text(value => Buffer.from(value, 'base64').toString('latin1'))],
	['url_enc', text(encodeUrl)],
	[
		'url_dec',
		([form = '0']) =>
			sample =>
				decodeUrl(toText(sample), form !== '0' && form !== ''),
	],
	['field', part(false)],
	['word', part(true)],
	[
		'bytes',
		([offset = '0', length]) =>
			sample => {
				const value = toText(sample);
				const start = Number(offset);
				return value.slice(start, length === undefined || length === '' ? undefined : start + Number(length));
			},
	],
	[
		'regsub',
		([source = '', replacement = '', flags = '']) => {
			const regex = compileRegex(source, flags.includes('i'), flags.includes('g'));
			return sample => replaceText(regex, toText(sample), replacement);
		},
	],
	['ltrim', trim(true)],
	['rtrim', trim(false)],
	['add', arithmetic((a, b) => a + b)],
	['sub', arithmetic((a, b) => a - b)],
	['mul', arithmetic((a, b) => a * b)],
	['div', arithmetic((a, b) => (b === 0n ? 2n ** 63n - 1n : a / b))],
	['mod', arithmetic((a, b) => (b === 0n ? 0n : a % b))],
	['and', arithmetic((a, b) => a & b)],
	['or', arithmetic((a, b) => a | b)],
	['xor', arithmetic((a, b) => a ^ b)],
	['neg', () => sample => -toInteger(sample)],
	['cpl', () => sample => -toInteger(sample) - 1],
	['not', () => sample => !toBoolean(sample)],
	['bool', () => sample => toBoolean(sample)],
	['odd', () => sample => toInteger(sample) % 2 !== 0],
	['even', () => sample => toInteger(sample) % 2 === 0],
	['ipmask', ([bits = '32', bits6]) => mask(bits, bits6)],
	[
		'strcmp',
		([name = '']) =>
			(sample, source) => {
				const other = source.variable(name);
				if (other === undefined) return undefined;
				const [a, b] = [toText(sample), toText(other)];
				return a === b ? 0 : a < b ? -1 : 1;
			},
	],
	['concat', concat],
	[
		'iif',
		([yes = '', no = '']) =>
			sample =>
				toBoolean(sample) ? yes : no,
	],
	[
		'set-var',
		([name = '', ...conditions]) =>
			(sample, source) => {
				setVariableWhen(conditions.filter(isVariableCondition), source, name, sample);
				return sample;
			},
	],
	[
		'unset-var',
		([name = '']) =>
			(sample, source) => {
				source.setVariable(name, undefined);
				return sample;
			},
	],
	...BYTE_MAKERS,
	...HASH_MAKERS,
	...JSON_MAKERS,
]);

/** Prepares a converter; throws a `RuleError`. */
export function compileConverter({name, arguments: args}: SampleConverter): Convert {
	const make = MAKERS.get(name);
	const convert = make?.(args) ?? compileMapConverter(name, args) ?? compileStickConverter(name, args);
	if (convert === undefined) throw new RuleError(`the converter "${name}" is not known`);
	return convert;
}

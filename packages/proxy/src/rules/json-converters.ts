/**
 * `json`, which writes a sample so that it can stand in a JSON string, and `json_query`, which takes one value out of a JSON text
 * (HAProxy manual, "Converters"; RFC 8259).
 *
 * Decides both texts. A query scans, it builds nothing: a text that is broken behind the value still answers, as in HAProxy.
 */
import type {Convert} from './converters.ts';
import {type Sample, toText} from './sample.ts';

type Maker = (args: readonly string[]) => Convert;

const ESCAPES: Readonly<Record<string, string>> = {
	'"': '\\"',
	'\\': '\\\\',
	'/': '\\/',
	'\b': '\\b',
	'\f': '\\f',
	'\n': '\\n',
	'\r': '\\r',
	'\t': '\\t',
};

function writeCode(code: number): string {
	const char = String.fromCharCode(code);
	const short = ESCAPES[char];
	if (short !== undefined) return short;
	return code >= 32 && code < 127 ? char : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** What an error in UTF-8 becomes: the end (`utf8`), nothing (`s`), or its character if it is only too long (`p`). */
const encode: Maker = ([input = 'ascii']) => {
	if (input === 'ascii' || input === '') {
		return sample => {
			const value = toText(sample);
			let text = '';
			for (let at = 0; at < value.length; at++) text += writeCode(value.charCodeAt(at));
			return text;
		};
	}
	const drops = input.includes('s');
	const acceptsLong = input.includes('p');
	return sample => {
		const value = toText(sample);
		let text = '';
		for (let at = 0; at < value.length; ) {
			const {length, code, isLong} = readUtf8(value, at);
			at += length;
			if (code !== undefined && (!isLong || acceptsLong)) text += writeCode(code);
			else if (!drops) return undefined;
		}
		return text;
	};
};

/** No code where there is no character, and for those above U+FFFF, which HAProxy counts as errors. */
function readUtf8(value: string, at: number): {length: number; code: number | undefined; isLong: boolean} {
	const lead = value.charCodeAt(at);
	if (lead < 0x80) return {length: 1, code: lead, isLong: false};
	const wanted = lead >= 0xfc ? 5 : lead >= 0xf8 ? 4 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
	let code = lead & (0x3f >> wanted);
	let length = 1;
	for (; length <= wanted; length++) {
		const next = value.charCodeAt(at + length);
		if ((next & 0xc0) !== 0x80) break;
		code = (code << 6) | (next & 0x3f);
	}
	const isBroken = wanted === 0 || length <= wanted || wanted > 2 || (code >= 0xd800 && code <= 0xdfff);
	return {length, code: isBroken ? undefined : code, isLong: code < (wanted === 2 ? 0x800 : 0x80)};
}

/** `$.a.b[0]`, a dot in a name behind a backslash; undefined for anything else. */
function readPath(path: string): readonly (string | number)[] | undefined {
	if (!path.startsWith('$')) return undefined;
	const steps: (string | number)[] = [];
	const step = /\.((?:\\.|[^.[\\])+)|\[(\d{1,9})\]/y;
	step.lastIndex = 1;
	while (step.lastIndex < path.length) {
		const found = step.exec(path);
		if (found === null) return undefined;
		steps.push(found[1] === undefined ? Number(found[2]) : found[1].replace(/\\(.)/g, '$1'));
	}
	return steps;
}

const query: Maker = ([path = '', type = '']) => {
	const steps = readPath(path);
	return sample => (steps === undefined ? undefined : find(toText(sample), steps, type === 'int'));
};

const TOKEN = /[\s,:]*("(?:\\.|[^"\\])*"|[[{\]}]|-?\d[\d.eE+-]*|true|false|null)/y;

function find(text: string, steps: readonly (string | number)[], asInteger: boolean): Sample | undefined {
	TOKEN.lastIndex = 0;
	for (const step of steps) {
		const open = nextToken(text);
		if (open !== (typeof step === 'string' ? '{' : '[')) return undefined;
		for (let place = 0; ; place++) {
			const before = TOKEN.lastIndex;
			const token = nextToken(text);
			if (token === undefined || token === '}' || token === ']') return undefined;
			if (typeof step === 'string' ? token.startsWith('"') && unquote(token) === step : place === step) {
				if (typeof step === 'number') TOKEN.lastIndex = before;
				break;
			}
			if (typeof step === 'string' && !skipValue(text, nextToken(text))) return undefined;
			if (typeof step === 'number' && !skipValue(text, token)) return undefined;
		}
	}
	return toSample(nextToken(text), asInteger);
}

function nextToken(text: string): string | undefined {
	return TOKEN.exec(text)?.[1];
}

/** Goes behind the value whose first token was read. */
function skipValue(text: string, token: string | undefined): boolean {
	let depth = 0;
	for (let current = token; current !== undefined; current = nextToken(text)) {
		if (current === '{' || current === '[') depth++;
		else if (current === '}' || current === ']') depth--;
		if (depth <= 0) return true;
	}
	return false;
}

function toSample(token: string | undefined, asInteger: boolean): Sample | undefined {
	if (token === undefined) return undefined;
	if (token === 'true' || token === 'false') return token === 'true';
	if (token.startsWith('"')) return unquote(token);
	if (!/^-?\d/.test(token)) return undefined;
	if (!asInteger) return shortNumber(Number(token));
	const value = Number(/^-?\d+/.exec(token)![0]);
	return Number.isSafeInteger(value) ? value : undefined;
}

/** With six digits, as C's `%g`. */
function shortNumber(value: number): string | undefined {
	if (!Number.isFinite(value)) return undefined;
	const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
	if (exponent >= -4 && exponent < 6) return String(Number(value.toPrecision(6)));
	const [digits, power] = value.toExponential(5).split('e') as [string, string];
	const sign = power.startsWith('-') ? '-' : '+';
	return `${digits.replace(/\.?0+$/, '')}e${sign}${power.replace(/^[+-]/, '').padStart(2, '0')}`;
}

const UNESCAPES: Readonly<Record<string, string>> = {b: '\b', f: '\f', n: '\n', r: '\r', t: '\t'};

function unquote(token: string): string {
	return token
		.slice(1, -1)
		.replace(/\\(?:u([0-9A-Fa-f]{4})|(.))/g, (_, code: string | undefined, char: string) =>
			code === undefined ? (UNESCAPES[char] ?? char) : fromCode(Number.parseInt(code, 16)),
		);
}

/** Up to U+00FF as one byte, as in HAProxy; others in UTF-8. */
function fromCode(code: number): string {
	const char = String.fromCharCode(code);
	return code < 256 ? char : Buffer.from(char, 'utf8').toString('latin1');
}

export const JSON_MAKERS: readonly (readonly [string, Maker])[] = [
	['json', encode],
	['json_query', query],
];

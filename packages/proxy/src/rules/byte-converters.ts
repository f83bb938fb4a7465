/**
 * Converters that write bytes in another way: `be2hex`, `be2dec`, `ub64enc`, `add_item` (HAProxy manual, "Converters").
 *
 * Decides the text that each gives.
 */
import type {Convert} from './converters.ts';
import {toText} from './sample.ts';

type Maker = (args: readonly string[]) => Convert;

/** `separator` between chunks of `size` bytes; a last chunk that is not full is written too unless `truncate`. */
function inChunks(
	value: string,
	size: number,
	separator: string,
	truncates: boolean,
	write: (chunk: string) => string,
) {
	const end = truncates ? value.length - (value.length % size) : value.length;
	const chunks: string[] = [];
	for (let at = 0; at < end; at += size) chunks.push(write(value.slice(at, Math.min(at + size, end))));
	return chunks.join(separator);
}

const toHex = (chunk: string): string => Buffer.from(chunk, 'latin1').toString('hex').toUpperCase();
const toDecimal = (chunk: string): string => String(BigInt(`0x${toHex(chunk)}`));

const hex: Maker = ([separator = '', size = '', truncate = '0']) => {
	const bytes = Number(size) || (separator === '' ? Number.POSITIVE_INFINITY : 1);
	return sample => {
		const value = toText(sample);
		if (!Number.isFinite(bytes)) return toHex(value);
		return inChunks(value, bytes, separator, Number(truncate) !== 0, toHex);
	};
};

const decimal: Maker =
	([separator = '', size = '1', truncate = '0']) =>
	sample =>
		inChunks(toText(sample), Number(size), separator, Number(truncate) !== 0, toDecimal);

/** `delimiter` only when there is something on both sides of it. */
const addItem: Maker =
	([delimiter = '', name = '', suffix = '']) =>
	(sample, source) => {
		const text = toText(sample);
		const held = name === '' ? undefined : source.variable(name);
		const item = (held === undefined ? '' : toText(held)) + suffix;
		return text !== '' && item !== '' ? text + delimiter + item : text + item;
	};

/** What is no base64 for URLs (RFC 4648, section 5, without padding) has no value. */
function decodeUrlSafe(text: string): string | undefined {
	if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
	return Buffer.from(text, 'base64url').toString('latin1');
}

export const BYTE_MAKERS: readonly (readonly [string, Maker])[] = [
	['be2hex', hex],
	['be2dec', decimal],
	['ub64enc', () => sample => Buffer.from(toText(sample), 'latin1').toString('base64url')],
	['ub64dec', () => sample => decodeUrlSafe(toText(sample))],
	['add_item', addItem],
];

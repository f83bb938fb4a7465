/**
 * What the first bytes of a server's answer in mode tcp say (HAProxy manual, `res.len`, `res.payload`, `res.payload_lv`).
 *
 * Decides the value of each fetch, and when more bytes may change it. In mode http `res.len` is the head's.
 */
import type {Sample} from './sample.ts';
import type {SampleSource} from './sample-source.ts';

type Take = (source: SampleSource, args: readonly string[]) => Sample | undefined;

/** `length` 0: all from `offset` on. Undefined while they are not all there; more bytes may bring them. */
function bytesOf(source: SampleSource, offset: number, length: number): string | undefined {
	const {responseContents: text} = source;
	if (text === undefined) return undefined;
	const isThere = length === 0 ? text.length > offset : text.length >= offset + length;
	if ((!isThere || length === 0) && !source.isFinal) source.isUnsettled = true;
	if (!isThere) return undefined;
	return length === 0 ? text.slice(offset) : text.slice(offset, offset + length);
}

const length: Take = source => {
	const {responseContents} = source;
	if (responseContents === undefined) return source.responseLength;
	if (!source.isFinal) source.isUnsettled = true;
	return responseContents.length;
};

const payload: Take = (source, [offset = '0', size = '0']) => bytesOf(source, Number(offset), Number(size));

/** Its length stands before it, in `size` bytes at `offset`; it begins behind that, or at `start`, which with a sign is counted from there. */
const countedPayload: Take = (source, [offset = '0', size = '1', start = '+0']) => {
	const digits = bytesOf(source, Number(offset), Number(size));
	if (digits === undefined) return undefined;
	let count = 0;
	for (let at = 0; at < digits.length; at++) count = count * 256 + digits.charCodeAt(at);
	const behind = Number(offset) + Number(size);
	const from = /^[+-]/.test(start) ? behind + Number(start) : Number(start);
	return count === 0 ? '' : bytesOf(source, from, count);
};

/** By name; each takes its arguments with the source. */
export const RESPONSE_CONTENTS: readonly (readonly [string, Take])[] = [
	['res.len', length],
	['res.payload', payload],
	['res.payload_lv', countedPayload],
];

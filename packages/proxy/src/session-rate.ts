/**
 * How many sessions may still begin this second (HAProxy manual, `rate-limit sessions`).
 *
 * Decides by a window that slides over two seconds: what began in the last one counts for the part of it that still lies
 * within a second from now. Pure: state is one 64-bit number, so that threads can change it together with compare-and-exchange.
 */

/** Sessions a second that can be counted. */
const MAX_SESSION_RATE = 2 ** 20 - 1;

const COUNT_BITS = 20n;
const COUNT_MASK = (1n << COUNT_BITS) - 1n;
const SECOND_MASK = 0xff_ffffn;

/** The state with one session more, or undefined when the limit is reached. `nowMs` may begin anywhere and must not go back. */
export function addSession(state: bigint, limit: number, nowMs: number): bigint | undefined {
	const second = BigInt(Math.floor(nowMs / 1000)) & SECOND_MASK;
	const {current, previous} = countsAt(state, second);
	const left = 1 - (nowMs % 1000) / 1000;
	if (current + previous * left >= Math.min(limit, MAX_SESSION_RATE)) return undefined;
	return (second << (2n * COUNT_BITS)) | (BigInt(previous) << COUNT_BITS) | BigInt(current + 1);
}

/** Sessions that began in this second and in the one before. */
function countsAt(state: bigint, second: bigint): {readonly current: number; readonly previous: number} {
	const then = state >> (2n * COUNT_BITS);
	const current = Number(state & COUNT_MASK);
	if (then === second) return {current, previous: Number((state >> COUNT_BITS) & COUNT_MASK)};
	return {current: 0, previous: ((then + 1n) & SECOND_MASK) === second ? current : 0};
}

/**
 * Events in the last period, from three numbers: when the present period began, its events, and those of the one before.
 *
 * Pure. Decides how a rate moves (HAProxy manual, `stick-table … store http_req_rate(<period>)`): all of the present period, and of
 * the last as large a part as is still within `periodMs`. The numbers lie in a row of a stick table.
 */

/** Cells that a rate takes. */
export const RATE_CELLS = 3;

/** Moves to the period of `nowMs`. */
function roll(cells: Float64Array, at: number, periodMs: number, nowMs: number): void {
	const age = nowMs - cells[at]!;
	if (age < periodMs) return;
	cells[at + 2] = age < 2 * periodMs ? cells[at + 1]! : 0;
	cells[at + 1] = 0;
	cells[at] = age < 2 * periodMs ? cells[at]! + periodMs : nowMs;
}

/** `count` more events at `nowMs`. */
export function addEvents(cells: Float64Array, at: number, periodMs: number, nowMs: number, count: number): void {
	roll(cells, at, periodMs, nowMs);
	cells[at + 1]! += count;
}

/** Events in the last `periodMs` before `nowMs`, a whole number. */
export function readRate(cells: Float64Array, at: number, periodMs: number, nowMs: number): number {
	const age = nowMs - cells[at]!;
	if (age >= 2 * periodMs) return 0;
	const present = age < periodMs ? cells[at + 1]! : 0;
	const last = age < periodMs ? cells[at + 2]! : cells[at + 1]!;
	// A lone event would flicker between 1 and 0.
	if (present === 0 && last <= 1) return last;
	const left = 1 - (age % periodMs) / periodMs;
	return Math.floor(present + last * Math.min(1, left));
}

/** The rate is `count` from now on, until it fades. */
export function setRate(cells: Float64Array, at: number, nowMs: number, count: number): void {
	cells[at] = nowMs;
	cells[at + 1] = count;
	cells[at + 2] = 0;
}

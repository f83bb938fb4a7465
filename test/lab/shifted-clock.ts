/**
 * Loaded before hapair by NODE_OPTIONS: the time of day is the machine's plus what a file says, so that a test sets the clock of one lab.
 *
 * What only counts (`performance.now`, timers) is not touched, as when a real clock is set.
 */
import {readFileSync} from 'node:fs';

const path = process.env.HAPAIR_LAB_CLOCK ?? '';
const RealDate = Date;

/** Read anew at each look; a file that is being written says nothing. */
function readShiftMs(): number {
	try {
		return Number(readFileSync(path, 'latin1'));
	} catch {
		return 0;
	}
}

class ShiftedDate extends RealDate {
	constructor(...parts: readonly unknown[]) {
		super(...((parts.length === 0 ? [ShiftedDate.now()] : parts) as [number]));
	}

	static override now(): number {
		return RealDate.now() + readShiftMs();
	}
}

globalThis.Date = ShiftedDate as DateConstructor;

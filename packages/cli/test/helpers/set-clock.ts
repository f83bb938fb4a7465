/** Sets the time of day of this process, as NTP or a person would the machine's; what only counts (`performance.now`) goes on. */
const RealDate = Date;
let shiftMs = 0;

class ShiftedDate extends RealDate {
	constructor(...parts: readonly unknown[]) {
		super(...((parts.length === 0 ? [ShiftedDate.now()] : parts) as [number]));
	}

	static override now(): number {
		return RealDate.now() + shiftMs;
	}
}

/** @param time RFC 3339; nothing: the real time again. */
export function setClock(time: string | undefined): void {
	shiftMs = time === undefined ? 0 : RealDate.parse(time) - RealDate.now();
	globalThis.Date = time === undefined ? RealDate : (ShiftedDate as DateConstructor);
}

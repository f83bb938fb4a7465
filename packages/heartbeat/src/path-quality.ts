/**
 * How well one path carries the peer's advertisements (pure).
 *
 * Decides loss from sequence numbers alone: of the newest 100 that the peer must have sent since the path was first
 * heard, how many came over this path. A new boot of the peer counts anew.
 */
const windowLength = 100;

export interface PathQuality {
	readonly bootId: string;
	readonly first: number;
	readonly highest: number;
	/** Sequences of the window that arrived. */
	readonly arrived: ReadonlySet<number>;
	readonly lastHeardMs: number | undefined;
}

export const unheardPath: PathQuality = {bootId: '', first: 0, highest: 0, arrived: new Set(), lastHeardMs: undefined};

/** An authentic datagram with this boot and sequence came over the path. */
export function recordArrival(quality: PathQuality, bootId: string, sequence: number, nowMs: number): PathQuality {
	if (bootId !== quality.bootId) {
		return {bootId, first: sequence, highest: sequence, arrived: new Set([sequence]), lastHeardMs: nowMs};
	}
	const highest = Math.max(quality.highest, sequence);
	const arrived = new Set(quality.arrived).add(sequence);
	for (const old of arrived) if (old <= highest - windowLength) arrived.delete(old);
	return {...quality, highest, arrived, lastHeardMs: nowMs};
}

/** Per cent of the window that did not arrive; `newest` is the highest sequence heard over any path. */
export function lossPercent(quality: PathQuality, bootId: string, newest: number): number {
	if (quality.lastHeardMs === undefined || bootId !== quality.bootId) return bootId === '' ? 0 : 100;
	const from = Math.max(quality.first, newest - windowLength + 1);
	const expected = newest - from + 1;
	const got = [...quality.arrived].filter(sequence => sequence >= from).length;
	return expected <= 0 ? 0 : Math.round((100 * Math.max(0, expected - got)) / expected);
}

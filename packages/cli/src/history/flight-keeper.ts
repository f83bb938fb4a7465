/**
 * What the heartbeat's ring said around each change, kept after the ring has gone on.
 *
 * Decides how much is kept: the newest 4096 entries of the heartbeat's present life. The ring itself is soon written over, and who
 * asks for it, the peer after a cut, may come a minute later.
 */
import type {FlightRecording, RingEntry} from '@hapair/heartbeat';

const mostEntries = 4096;

export class FlightKeeper {
	readonly #read: () => Promise<FlightRecording | undefined>;
	#kept: FlightRecording | undefined;

	/** @param read The ring as it is now; nothing when the heartbeat does not answer. */
	constructor(read: () => Promise<FlightRecording | undefined>) {
		this.#read = read;
	}

	/** Everything that is known of the heartbeat's present life, or of its last one while it is down. */
	async recording(): Promise<FlightRecording | undefined> {
		const now = await this.#read();
		if (now !== undefined) this.#kept = joinRecordings(this.#kept, now);
		return this.#kept;
	}
}

/** Of another life only the newer one counts: its clock is another. */
export function joinRecordings(older: FlightRecording | undefined, newer: FlightRecording): FlightRecording {
	if (older === undefined || older.bootId !== newer.bootId) return newer;
	const from = newer.entries[0]?.atMs ?? Number.POSITIVE_INFINITY;
	const before: readonly RingEntry[] = older.entries.filter(({atMs}) => atMs < from);
	return {...newer, entries: [...before, ...newer.entries].slice(-mostEntries)};
}

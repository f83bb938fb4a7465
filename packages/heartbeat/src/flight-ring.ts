/**
 * The flight recorder's ring: what this process sent, heard and missed lately, in memory (pure, ms of this node's clock).
 *
 * Decides how far back it reaches: the newest 1024 entries, which is 50 s at the default interval and 13 s at `fast`. Writing one allocates
 * nothing. Leaves comparing two nodes' rings to whoever reads them.
 */
import type {NodeState} from './messages.ts';

const capacity = 1024;
const kinds = ['sent', 'heard', 'late', 'state'] as const;
const states: readonly NodeState[] = ['initialize', 'backup', 'master', 'fault', 'stopped'];

export type RingEntry =
	/** An advertisement left on every path. */
	| {readonly kind: 'sent'; readonly atMs: number; readonly sequence: number}
	/** One of the peer's arrived, on the path with this number. */
	| {readonly kind: 'heard'; readonly atMs: number; readonly sequence: number; readonly path: number}
	/** This process did not run for so long beyond what it had planned. */
	| {readonly kind: 'late'; readonly atMs: number; readonly lateMs: number}
	| {readonly kind: 'state'; readonly atMs: number; readonly state: NodeState};

/** What travels to the daemon, and from there to the peer's. */
export interface FlightRecording {
	readonly node: string;
	readonly bootId: string;
	/** Of the peer whose sequences were heard; empty before the first. */
	readonly peerBootId: string;
	/** When the recording was read, on the clock of the entries. */
	readonly nowMs: number;
	/** Oldest first. */
	readonly entries: readonly RingEntry[];
}

export class FlightRing {
	readonly #kind = new Uint8Array(capacity);
	readonly #path = new Uint8Array(capacity);
	readonly #atMs = new Float64Array(capacity);
	readonly #value = new Float64Array(capacity);
	#count = 0;

	sent(sequence: number, nowMs: number): void {
		this.#write(0, 0, sequence, nowMs);
	}

	heard(path: number, sequence: number, nowMs: number): void {
		this.#write(1, path, sequence, nowMs);
	}

	late(lateMs: number, nowMs: number): void {
		this.#write(2, 0, lateMs, nowMs);
	}

	state(state: NodeState, nowMs: number): void {
		this.#write(3, 0, states.indexOf(state), nowMs);
	}

	/** Oldest first. */
	read(): RingEntry[] {
		const first = Math.max(0, this.#count - capacity);
		return Array.from({length: this.#count - first}, (_, index) => this.#entry((first + index) % capacity));
	}

	/** What the process before this one had recorded. */
	restore(entries: readonly RingEntry[]): void {
		for (const entry of entries) {
			if (entry.kind === 'sent') this.sent(entry.sequence, entry.atMs);
			else if (entry.kind === 'heard') this.heard(entry.path, entry.sequence, entry.atMs);
			else if (entry.kind === 'late') this.late(entry.lateMs, entry.atMs);
			else this.state(entry.state, entry.atMs);
		}
	}

	#write(kind: number, path: number, value: number, nowMs: number): void {
		const at = this.#count++ % capacity;
		this.#kind[at] = kind;
		this.#path[at] = path;
		this.#value[at] = value;
		this.#atMs[at] = nowMs;
	}

	#entry(at: number): RingEntry {
		const kind = kinds[this.#kind[at]!]!;
		const atMs = Math.round(this.#atMs[at]! * 10) / 10;
		const value = this.#value[at]!;
		if (kind === 'sent') return {kind, atMs, sequence: value};
		if (kind === 'heard') return {kind, atMs, sequence: value, path: this.#path[at]!};
		if (kind === 'late') return {kind, atMs, lateMs: Math.round(value)};
		return {kind, atMs, state: states[value]!};
	}
}

/**
 * The clock that keepers live by: the machine's, or in a simulation one whose hours pass in a moment.
 *
 * Decides nothing. Every wait of this package goes through it.
 */
export interface Clock {
	/** Monotonic, ms. */
	now(): number;
	/** Calls back once; the returned function takes it back. */
	after(delayMs: number, run: () => void): () => void;
}

export const machineClock: Clock = {
	now: () => performance.now(),
	after: (delayMs, run) => {
		const timer = setTimeout(run, delayMs);
		return () => clearTimeout(timer);
	},
};

/**
 * How long transactions of a backend took, as histograms over all threads without a shared write.
 *
 * Decides the bounds and where each bucket lies. For each backend and class of answer there are four times (queue, connect, response,
 * total), each with its buckets and the sum. As with counters each worker writes rows of its own and readers add up: a transaction costs
 * two plain stores a time that it reached. What a former process has counted lies in rows of the main thread. Buckets are not cumulative;
 * Prometheus's text makes them so.
 */

/** Upper bounds of the buckets, milliseconds; one more bucket takes what is above. */
export const TIME_BOUNDS_MS: readonly number[] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/** `none`: no answer was sent, and sessions of mode tcp. */
export const ANSWER_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'none'] as const;

export const TIME_KINDS = ['queue', 'connect', 'response', 'total'] as const;

/** Buckets, the one above all bounds, and the sum. */
export const TIME_COLUMNS = TIME_BOUNDS_MS.length + 2;
const SUM = TIME_COLUMNS - 1;
const CLASS_COLUMNS = TIME_KINDS.length * TIME_COLUMNS;
const BACKEND_COLUMNS = ANSWER_CLASSES.length * CLASS_COLUMNS;

/** What each cell of a backend holds, for the process that follows: `2xx total 250`, `2xx total more`, `2xx total sum`. */
export const TIME_CELLS: readonly string[] = ANSWER_CLASSES.flatMap(answers =>
	TIME_KINDS.flatMap(kind => [...TIME_BOUNDS_MS, 'more', 'sum'].map(of => `${answers} ${kind} ${of}`)),
);
const PLACES: ReadonlyMap<string, number> = new Map(TIME_CELLS.map((name, at) => [name, at]));

export interface HistogramSize {
	readonly backends: number;
	readonly workers: number;
}

export class TimeHistograms {
	readonly #cells: Float64Array;
	readonly #perWorker: number;
	readonly #own: number;
	readonly #workers: number;

	/** `offset` in bytes, a multiple of 8; `workerIndex` -1 in the main thread. */
	constructor(buffer: SharedArrayBuffer, offset: number, size: HistogramSize, workerIndex: number) {
		this.#perWorker = size.backends * BACKEND_COLUMNS;
		this.#workers = size.workers;
		this.#own = Math.max(0, workerIndex) * this.#perWorker;
		this.#cells = new Float64Array(buffer, offset, this.#perWorker * (size.workers + 1));
	}

	static bytes({backends, workers}: HistogramSize): number {
		return backends * BACKEND_COLUMNS * (workers + 1) * 8;
	}

	/** Workers only: a transaction that has ended; -1 for times that it did not reach, and for no status. */
	count(
		backend: number,
		status: number,
		queueMs: number,
		connectMs: number,
		responseMs: number,
		totalMs: number,
	): void {
		const at = this.#own + backend * BACKEND_COLUMNS + classOf(status) * CLASS_COLUMNS;
		this.#add(at, queueMs);
		this.#add(at + TIME_COLUMNS, connectMs);
		this.#add(at + 2 * TIME_COLUMNS, responseMs);
		this.#add(at + 3 * TIME_COLUMNS, totalMs);
	}

	#add(at: number, timeMs: number): void {
		if (timeMs < 0) return;
		let bucket = 0;
		while (bucket < TIME_BOUNDS_MS.length && timeMs > TIME_BOUNDS_MS[bucket]!) bucket++;
		this.#cells[at + bucket]! += 1;
		this.#cells[at + SUM]! += timeMs;
	}

	/** Main thread: adds what another process has counted, by the name of the cell. A bound that this version does not have goes to the next higher one. */
	addCarried(backend: number, cell: string, value: number): void {
		const at = PLACES.get(cell) ?? findPlace(cell);
		if (at !== undefined) this.#cells[this.#workers * this.#perWorker + backend * BACKEND_COLUMNS + at]! += value;
	}

	/** All of a backend: by class, then by time, `TIME_COLUMNS` each. */
	read(backend: number): Float64Array {
		const sums = new Float64Array(BACKEND_COLUMNS);
		for (let worker = 0; worker <= this.#workers; worker++) {
			const from = worker * this.#perWorker + backend * BACKEND_COLUMNS;
			for (let column = 0; column < BACKEND_COLUMNS; column++) sums[column]! += this.#cells[from + column]!;
		}
		return sums;
	}

	/** The total times of all backends and classes: `TIME_COLUMNS` cells. */
	readTotals(): Float64Array {
		const sums = new Float64Array(TIME_COLUMNS);
		const cells = this.#cells;
		for (let from = 3 * TIME_COLUMNS; from < cells.length; from += CLASS_COLUMNS) {
			for (let column = 0; column < TIME_COLUMNS; column++) sums[column]! += cells[from + column]!;
		}
		return sums;
	}
}

/** The place of a status in `ANSWER_CLASSES`. */
function classOf(status: number): number {
	const hundreds = Math.floor(status / 100);
	return hundreds >= 1 && hundreds <= 5 ? hundreds - 1 : 5;
}

/** Of a cell with a bound that is not among ours. */
function findPlace(cell: string): number | undefined {
	const [answers, kind, text] = cell.split(' ');
	const bound = Number(text);
	if (!Number.isFinite(bound)) return undefined;
	return PLACES.get(`${answers} ${kind} ${TIME_BOUNDS_MS.find(known => known >= bound) ?? 'more'}`);
}

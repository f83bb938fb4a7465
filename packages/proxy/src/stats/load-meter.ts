/**
 * What is only known by looking twice: how busy the process is, what it sends, how many connections servers need.
 *
 * Decides how the figures of the last seconds are taken; is called once a second by the main thread. Leaves what they are shown as to
 * `info.ts` and `server-row.ts`.
 */
import type {Configuration} from '@hapair/config';
import {Counter, type SharedTable} from '../shared-table.ts';
import {ServerColumn} from '../status-board.ts';

/** Looks after which the estimate of needed connections goes halfway to what was really needed (`pool-purge-delay`). */
const SETTLE_LOOKS = 5;

/** Processor time of the process so far, microseconds. */
export type CpuClock = () => number;

export class LoadMeter {
	idlePercent = 100;
	bytesOutRate = 0;
	readonly #configuration: Configuration;
	readonly #table: SharedTable;
	readonly #cpuUs: CpuClock;
	readonly #sessions = new Map<number, number>();
	readonly #highest = new Map<number, number>();
	#lastMs: number;
	#lastCpuUs: number;
	#lastBytes: number;
	#looks = 0;

	constructor(configuration: Configuration, table: SharedTable, cpuUs: CpuClock, nowMs: number) {
		this.#configuration = configuration;
		this.#table = table;
		this.#cpuUs = cpuUs;
		this.#lastMs = nowMs;
		this.#lastCpuUs = cpuUs();
		this.#lastBytes = this.#bytesOut();
	}

	look(nowMs: number): void {
		const elapsedMs = nowMs - this.#lastMs;
		if (elapsedMs <= 0) return;
		const [cpuUs, bytes] = [this.#cpuUs(), this.#bytesOut()];
		const busy = (cpuUs - this.#lastCpuUs) / (elapsedMs * 1000 * this.#table.workerCount);
		this.idlePercent = Math.round(100 * Math.min(1, Math.max(0, 1 - busy)));
		// Cleared counters begin below what they were.
		this.bytesOutRate = Math.max(0, Math.round(((bytes - this.#lastBytes) * 1000) / elapsedMs));
		[this.#lastMs, this.#lastCpuUs, this.#lastBytes] = [nowMs, cpuUs, bytes];
		this.#looks++;
		for (const {servers} of this.#configuration.backends) {
			for (const {index} of servers) this.#estimate(index);
		}
	}

	/** Grows at once, shrinks by halves. */
	#estimate(server: number): void {
		const {board} = this.#table;
		const sessions = this.#table.readSum(this.#table.row('server', server), Counter.sessions);
		const served = sessions > (this.#sessions.get(server) ?? 0) ? 1 : 0;
		this.#sessions.set(server, sessions);
		const used = Math.max(this.#table.serverSlots(server), served);
		const highest = Math.max(this.#highest.get(server) ?? 0, used);
		const row = board.row('server', server);
		let needed = Math.max(board.get(row, ServerColumn.neededConnections), highest);
		const isSettling = this.#looks % SETTLE_LOOKS === 0;
		if (isSettling) needed = Math.floor((needed + highest) / 2);
		this.#highest.set(server, isSettling ? used : highest);
		board.set(row, ServerColumn.neededConnections, needed);
	}

	#bytesOut(): number {
		const {frontends} = this.#configuration;
		return frontends.reduce(
			(sum, _frontend, index) => sum + this.#table.readSum(this.#table.row('frontend', index), Counter.bytesOut),
			0,
		);
	}
}

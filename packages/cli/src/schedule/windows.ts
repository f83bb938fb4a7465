/**
 * The windows of a pair as one node keeps them: its own maintenance windows, and the failover windows of both.
 *
 * Decides that a daemon which starts inside a window is inside it, that what an operator began is left alone, and that a maintenance which
 * is refused is tried again while its window is open. Leaves maintenance itself to the control commands.
 */
import type {MaintenanceWindow, Pair, TimeWindow} from '@hapair/config';
import {isSame} from '../daemon/pair-change.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import type {Log} from '../logging.ts';
import {type Clock, createClock} from './clock.ts';
import {findRestMs} from './open-window.ts';

export interface WindowPorts {
	/** As an operator would: `undefined` while the heartbeat is down. */
	isInMaintenance(): boolean | undefined;
	beginMaintenance(forMs: number): Promise<{readonly code: ExitCode; readonly message: string}>;
	/** The failover windows have opened or closed. */
	onChange(): void;
	readonly log: Log;
}

/** Fields are only ever added (docs/json.md). */
export interface WindowsReport {
	readonly maintenance: readonly {readonly node: string; readonly next: string; readonly forMs: number}[];
	/** Absent without failover windows. */
	readonly failover?: {readonly open: boolean; readonly next: string};
}

interface Kept<Window extends TimeWindow> {
	readonly window: Window;
	readonly clock: Clock;
}

const AGAIN_MS = 30_000;
/** A heartbeat needs a moment to speak. */
const FIRST_MS = 5000;

export class Windows {
	readonly #ports: WindowPorts;
	#pair: Pair;
	#maintenance: readonly Kept<MaintenanceWindow>[] = [];
	#failover: readonly Kept<TimeWindow>[] = [];
	readonly #timers = new Set<NodeJS.Timeout>();
	readonly #own: string;
	/** Wall clock, ms since 1970. */
	#failoverUntilMs = 0;

	constructor(pair: Pair, own: string, ports: WindowPorts) {
		this.#ports = ports;
		this.#own = own;
		this.#pair = pair;
		this.#read();
	}

	/** A new file is in force. Windows that it does not change stay as they are, so that what an operator ended is not begun again. */
	adopt(pair: Pair): void {
		const before = this.#pair;
		this.#pair = pair;
		const windowsOf = ({maintenanceWindows, failoverWindows}: Pair): unknown => [maintenanceWindows, failoverWindows];
		if (isSame(windowsOf(before), windowsOf(pair))) return;
		this.stop();
		this.#failoverUntilMs = 0;
		this.#read();
		this.start();
		this.#ports.onChange();
	}

	#read(): void {
		const {maintenanceWindows, failoverWindows} = this.#pair;
		this.#maintenance = maintenanceWindows.map(window => ({window, clock: createClock(window)}));
		this.#failover = failoverWindows.map(window => ({window, clock: createClock(window)}));
	}

	/** Is a move by preference to wait now? */
	get preferenceWaits(): boolean {
		return this.#failover.length > 0 && Date.now() >= this.#failoverUntilMs;
	}

	/** @param resumes Another daemon of this node was here until now: what an operator ended is not begun again. */
	start(resumes = false): void {
		for (const {window, clock} of this.#maintenance) {
			if (window.node !== this.#own) continue;
			const restMs = findRestMs(clock.matches, window.forMs, Date.now());
			if (restMs > 0 && !resumes)
				this.#after(FIRST_MS, () => void this.#beginMaintenance(Date.now() + restMs - FIRST_MS));
			clock.start(() => void this.#beginMaintenance(Date.now() + window.forMs));
		}
		for (const {window, clock} of this.#failover) {
			this.#openFailover(findRestMs(clock.matches, window.forMs, Date.now()));
			clock.start(() => this.#openFailover(window.forMs));
		}
	}

	stop(): void {
		for (const {clock} of [...this.#maintenance, ...this.#failover]) clock.stop();
		for (const timer of this.#timers) clearTimeout(timer);
	}

	report(): WindowsReport | undefined {
		if (this.#maintenance.length + this.#failover.length === 0) return undefined;
		const next = (clock: Clock): string => clock.next(1)[0]?.toISOString() ?? '';
		const [first] = this.#failover.map(({clock}) => next(clock)).toSorted();
		return {
			maintenance: this.#maintenance.map(({window: {node, forMs}, clock}) => ({node, next: next(clock), forMs})),
			...(first === undefined ? {} : {failover: {open: !this.preferenceWaits, next: first}}),
		};
	}

	#openFailover(forMs: number): void {
		if (forMs <= 0) return;
		this.#failoverUntilMs = Math.max(this.#failoverUntilMs, Date.now() + forMs);
		this.#ports.onChange();
		this.#after(forMs, () => this.#ports.onChange());
	}

	/** @param untilMs wall clock, ms since 1970. */
	async #beginMaintenance(untilMs: number): Promise<void> {
		const {log, isInMaintenance, beginMaintenance} = this.#ports;
		const restMs = untilMs - Date.now();
		if (restMs <= 0) return;
		if (isInMaintenance() === true) {
			log.info({}, 'a maintenance window has opened; this node is in maintenance already and stays as it is');
			return;
		}
		const {code, message} = await beginMaintenance(Math.round(restMs));
		log[code === exitCodes.ok ? 'info' : 'warn']({}, `a maintenance window has opened: ${message}`);
		if (code !== exitCodes.ok) this.#after(AGAIN_MS, () => void this.#beginMaintenance(untilMs));
	}

	#after(ms: number, work: () => void): void {
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			work();
		}, ms);
		timer.unref();
		this.#timers.add(timer);
	}
}

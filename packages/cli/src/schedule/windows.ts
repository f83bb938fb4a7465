/**
 * The windows of a pair as one node keeps them: its own maintenance windows, and the failover windows of both.
 *
 * Decides that a daemon which starts inside a window is inside it, and one whose clock is set into a window too; that what an operator began
 * is left alone and what an operator ended is not begun again; and that a maintenance which is refused is tried again while its window is
 * open. Leaves maintenance itself to the control commands.
 */
import type {MaintenanceWindow, Pair, TimeWindow} from '@hapair/config';
import {isSame} from '../daemon/pair-change.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import type {Log} from '../logging.ts';
import {type Clock, createClock} from './clock.ts';
import {watchClockSteps} from './clock-steps.ts';
import {beginOfMinute, findBeginMs} from './open-window.ts';

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
	/** Of the window that was last seen open; wall clock, ms since 1970. */
	beganMs?: number | undefined;
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
	#endSteps = (): void => {};
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
		if (resumes) {
			for (const kept of this.#ownMaintenance) {
				kept.beganMs = findBeginMs(kept.clock.matches, kept.window.forMs, Date.now());
			}
		} else this.#lookAtMaintenance(FIRST_MS);
		for (const kept of this.#ownMaintenance)
			kept.clock.start(() => this.#openMaintenance(kept, beginOfMinute(Date.now())));
		this.#lookAtFailover();
		for (const {window, clock} of this.#failover) {
			clock.start(() => this.#openFailover(beginOfMinute(Date.now()) + window.forMs));
		}
		this.#endSteps = watchClockSteps(() => {
			this.#lookAtMaintenance(0);
			this.#failoverUntilMs = 0;
			this.#lookAtFailover();
			this.#ports.onChange();
		});
	}

	stop(): void {
		this.#endSteps();
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

	get #ownMaintenance(): Kept<MaintenanceWindow>[] {
		return this.#maintenance.filter(({window}) => window.node === this.#own);
	}

	#lookAtMaintenance(inMs: number): void {
		for (const kept of this.#ownMaintenance) {
			const beginMs = findBeginMs(kept.clock.matches, kept.window.forMs, Date.now());
			if (beginMs !== undefined) this.#openMaintenance(kept, beginMs, inMs);
		}
	}

	#openMaintenance(kept: Kept<MaintenanceWindow>, beginMs: number, inMs = 0): void {
		if (kept.beganMs === beginMs) return;
		kept.beganMs = beginMs;
		this.#after(inMs, () => void this.#beginMaintenance(beginMs + kept.window.forMs));
	}

	#lookAtFailover(): void {
		for (const {window, clock} of this.#failover) {
			const beginMs = findBeginMs(clock.matches, window.forMs, Date.now());
			if (beginMs !== undefined) this.#openFailover(beginMs + window.forMs);
		}
	}

	/** @param untilMs wall clock, ms since 1970. */
	#openFailover(untilMs: number): void {
		this.#failoverUntilMs = Math.max(this.#failoverUntilMs, untilMs);
		this.#ports.onChange();
		this.#after(untilMs - Date.now(), () => this.#ports.onChange());
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
		const timer = setTimeout(
			() => {
				this.#timers.delete(timer);
				work();
			},
			Math.max(0, ms),
		);
		timer.unref();
		this.#timers.add(timer);
	}
}

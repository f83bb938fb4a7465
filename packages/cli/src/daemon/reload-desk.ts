/**
 * What runs, since when, and its reloads, one at a time, whoever asks: an operator, a signal or a sync.
 *
 * Decides who hears of the new configuration when the new proxy process serves, in which order. Leaves the steps to `reload.ts`, and whether
 * something else must not be disturbed to the daemon.
 */
import {exitCodes} from '../exit-codes.ts';
import type {Log} from '../logging.ts';
import type {ExclusiveParts} from './exclusive-parts.ts';
import type {PairParts} from './pair-parts.ts';
import type {ProxySuccession} from './proxy-succession.ts';
import {logReload, type ReloadOutcome, reload} from './reload.ts';
import {previewReload, type ReloadPreview} from './reload-preview.ts';
import type {DaemonPlan, DaemonSetup} from './setup.ts';

export interface ReloadDeskPorts {
	readonly proxy: Pick<ProxySuccession, 'replace' | 'condition'>;
	/** Absent without a pair section. */
	readonly pair: PairParts | undefined;
	readonly exclusive: () => Pick<ExclusiveParts, 'adopt'>;
	/** What is under way and must not be disturbed. */
	readonly findObjection: () => string | undefined;
	readonly log: Log;
}

export class ReloadDesk {
	readonly #readAgain: DaemonSetup['readAgain'];
	readonly #ports: ReloadDeskPorts;
	#plan: DaemonPlan;
	#loadedAt = new Date();
	#running: Promise<ReloadOutcome> | undefined;

	/** @param setup What runs from the start on. */
	constructor(setup: DaemonSetup, ports: ReloadDeskPorts) {
		this.#plan = setup;
		this.#readAgain = setup.readAgain;
		this.#ports = ports;
	}

	/** What runs. */
	get plan(): DaemonPlan {
		return this.#plan;
	}

	get loadedAt(): Date {
		return this.#loadedAt;
	}

	get underWay(): Promise<ReloadOutcome> | undefined {
		return this.#running;
	}

	/** Whoever asks while one runs is refused. No failover begins meanwhile, and none is a reason for a pause. Never rejects. */
	async reload(progress: (message: string) => void): Promise<ReloadOutcome> {
		const {proxy, findObjection, log} = this.#ports;
		const objection = findObjection();
		if (objection !== undefined) return {code: exitCodes.refused, message: objection, durationMs: 0};
		const readAgain = this.#readAgain;
		this.#running = reload(
			{
				readAgain: readAgain && (() => readAgain('reload')),
				running: () => this.#plan,
				replaceProxy: (plan, tell, onServing) => proxy.replace(plan, tell, onServing),
				adopt: plan => this.#adopt(plan),
				nowMs: () => performance.now(),
			},
			progress,
		);
		const outcome = await this.#running;
		this.#running = undefined;
		logReload(log, outcome);
		return outcome;
	}

	preview(): ReloadPreview {
		const readAgain = this.#readAgain;
		return previewReload(this.#plan, readAgain && (() => readAgain('preview')));
	}

	/** The new proxy process serves from this moment on. */
	#adopt(plan: DaemonPlan): void {
		this.#plan = plan;
		this.#loadedAt = new Date();
		const {pair, proxy} = this.#ports;
		if (pair === undefined || plan.pair === undefined) return;
		const {stateDirectory} = pair.setup;
		pair.setup = {...plan.pair, ...(stateDirectory === undefined ? {} : {stateDirectory})};
		pair.fitness.adopt(plan.pair.pair, proxy.condition);
		pair.hooks.adopt({pair: plan.pair.pair, own: plan.pair.own, run: plan.pair.runHook});
		pair.drills.adopt({configuration: plan.configuration, pair: plan.pair.pair, own: plan.pair.own});
		pair.windows.adopt(plan.pair.pair);
		pair.heartbeat.reconfigure(plan.pair.heartbeatSetup);
		pair.sync?.adopt({pair: plan.pair.pair, keys: plan.pair.heartbeatSetup.keys});
		this.#ports.exclusive().adopt();
	}
}

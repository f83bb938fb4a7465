/**
 * Upgrades as the daemon that is to be replaced sees them: may one begin, what is given to the new program, and what is left here afterwards.
 *
 * Decides when no upgrade may begin, and in which order this daemon vacates what only one can have. Leaves the conversation with the new program to
 * `successor.ts`; the new one's side begins in `daemon-succession.ts`.
 */
import {exitCodes, UserError} from '../../exit-codes.ts';
import type {Log} from '../../logging.ts';
import {formatDuration} from '../../terminal.ts';
import type {ControlCommands} from '../control-commands.ts';
import type {ExclusiveParts} from '../exclusive-parts.ts';
import {heartbeatDown} from '../handover.ts';
import type {PairParts, PairSetup} from '../pair-parts.ts';
import type {ProxySuccession} from '../proxy-succession.ts';
import {notifyServiceManager} from '../service-manager.ts';
import type {DaemonSetup} from '../setup.ts';
import {hookLimitMs, stopSchedules} from '../stop.ts';
import {endsWithin} from '../within.ts';
import type {Estate} from './messages.ts';
import {Successor, type UpgradeOutcome} from './successor.ts';

export interface UpgradeDeskPorts {
	readonly setup: Pick<DaemonSetup, 'version' | 'programArgv' | 'whyNoReplacement'>;
	/** Absent without a pair section. */
	readonly pair: PairParts | undefined;
	readonly proxy: ProxySuccession;
	readonly exclusive: () => Pick<ExclusiveParts, 'close' | 'leaveSocket'>;
	readonly commands: () => Pick<ControlCommands, 'maintenanceLeftMs'>;
	/** What is under way and must not be disturbed. */
	readonly findObjection: () => string | undefined;
	/** This daemon has given up what it cannot take back, and the new one has ended. */
	readonly onLost: (error: UserError) => void;
	readonly log: Log;
}

export class UpgradeDesk {
	readonly #ports: UpgradeDeskPorts;
	readonly #replaced = Promise.withResolvers<void>();
	#successor: Successor | undefined;

	constructor(ports: UpgradeDeskPorts) {
		this.#ports = ports;
	}

	/** Or has been done. */
	get isUnderWay(): boolean {
		return this.#successor !== undefined;
	}

	/** Resolves when another program has taken this one's place; `retire` follows. */
	get replaced(): Promise<void> {
		return this.#replaced.promise;
	}

	/** The program that is installed now takes the place of this one; or nothing is changed. Never rejects. */
	async upgrade(progress: (message: string) => void): Promise<UpgradeOutcome> {
		const {setup, pair, proxy, findObjection, log} = this.#ports;
		const {programArgv, whyNoReplacement = ''} = setup;
		const objection = findObjection() ?? this.#findOwnObjection();
		if (objection !== undefined || whyNoReplacement !== '' || programArgv === undefined) {
			const message = objection ?? (whyNoReplacement || 'this daemon does not know its program');
			return {code: exitCodes.refused, message, durationMs: 0};
		}
		const successor = new Successor({
			argv: programArgv,
			estate: () => ({
				version: setup.version,
				proxyPhase: proxy.condition.phase,
				...describeFixed(pair?.setup),
				...(pair === undefined ? {} : {fitness: pair.heartbeat.fitness}),
			}),
			heartbeat: pair?.heartbeat,
			proxy,
			onHeartbeat: isOurs => (isOurs ? pair?.takeover.goOn() : pair?.takeover.leave()),
			vacate: () => this.#vacate(),
			namesMain: pid => notifyServiceManager(`MAINPID=${pid}`),
			log,
			progress,
		});
		this.#successor = successor;
		const outcome = await successor.outcome;
		const {code, message, durationMs} = outcome;
		log[code === exitCodes.ok ? 'info' : 'error']({durationMs}, message);
		if (code === exitCodes.ok) this.#replaced.resolve();
		else if (successor.hasEverything) this.#ports.onLost(new UserError(message));
		else this.#successor = undefined;
		return outcome;
	}

	/** Gives it up, unless it is done. Resolves when all is as before, or after a while. */
	async abandon(why: string): Promise<void> {
		await this.#successor?.abandon(why);
	}

	/** Another program has taken this one's place: what is left of the connections here ends by itself, or with that program. */
	async retire(hurry: Promise<unknown>): Promise<void> {
		const {proxy} = this.#ports;
		const ended = proxy.retireAll();
		await Promise.race([ended, this.#successor?.gone, hurry]);
		await proxy.stop(0, new AbortController().signal);
	}

	#findOwnObjection(): string | undefined {
		const {pair} = this.#ports;
		if (pair === undefined) return undefined;
		if (pair.sync?.isBusy === true) return 'a sync is under way';
		const {leftMs} = pair.keeping;
		if (leftMs > 0) return `connections of the last failover live on here for up to ${formatDuration(leftMs)} yet`;
		const {status} = pair.heartbeat;
		if (status === undefined) return heartbeatDown;
		return status.secondChance.passing ? 'connections of the last failover live on at the peer yet' : undefined;
	}

	/** The new daemon comes in. Resolves with what is left of a maintenance that ends by itself. */
	async #vacate(): Promise<number | undefined> {
		const {pair, exclusive, commands} = this.#ports;
		if (pair !== undefined) {
			stopSchedules(pair);
			await endsWithin(pair.hooks.idle(), hookLimitMs);
		}
		await exclusive().close(() => {});
		exclusive().leaveSocket();
		return commands().maintenanceLeftMs;
	}
}

/** What a heartbeat that runs is made of, as far as it can be said over a channel. */
function describeFixed(running: PairSetup | undefined): Pick<Estate, 'pair'> {
	if (running === undefined) return {};
	const {pair, own, heartbeatSetup} = running;
	return {pair: {pair, own, heartbeatSetup: {keys: heartbeatSetup.keys}}};
}

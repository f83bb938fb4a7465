/**
 * A daemon that begins by taking another one's place: who may begin, whose word on the node's fitness holds, and the moving in.
 *
 * Decides what refuses it before anything is touched, and what is opened when the old daemon has vacated. Leaves the order of what is taken to
 * `take-over.ts`, the line to the old daemon to `predecessor.ts`; that one's side begins in `desk.ts`.
 */
import type {Fitness} from '@hapair/heartbeat';
import {exitCodes, UserError} from '../../exit-codes.ts';
import type {Chronicle} from '../chronicle.ts';
import type {ControlCommands} from '../control-commands.ts';
import type {ExclusiveParts} from '../exclusive-parts.ts';
import {findFixedChanges} from '../pair-change.ts';
import type {PairParts} from '../pair-parts.ts';
import type {ProxySuccession} from '../proxy-succession.ts';
import type {Estate} from './messages.ts';
import type {Predecessor} from './predecessor.ts';
import {takeOver} from './take-over.ts';

export interface DaemonSuccessionPorts {
	readonly version: string;
	/** Absent without a pair section. */
	readonly pair: PairParts | undefined;
	readonly proxy: ProxySuccession;
	readonly commands: Pick<ControlCommands, 'resumeMaintenance'>;
	readonly exclusive: Pick<ExclusiveParts, 'openSocket' | 'open'>;
	readonly chronicle: Pick<Chronicle, 'catchUp'>;
}

/** How long a new program waits for its tracks, first for those of the configuration, then for all; what is not known then counts for nothing yet. */
const tracksLimitMs = 20_000;
const lastTracksLimitMs = 2500;
/** The path of the control socket may be in use for a moment yet. */
const socketTries = 20;

export class DaemonSuccession {
	readonly #predecessor: Predecessor;
	readonly #ports: DaemonSuccessionPorts;
	#lentFitness: Fitness | undefined;

	constructor(predecessor: Predecessor, ports: DaemonSuccessionPorts) {
		this.#predecessor = predecessor;
		this.#ports = ports;
	}

	/** What the old daemon tells its heartbeat, until this one judges. */
	get lentFitness(): Fitness | undefined {
		return this.#lentFitness;
	}

	/** Rejects with a `UserError` when it comes to nothing; then nothing of this daemon is left but its process. */
	async run(): Promise<void> {
		const {pair, proxy} = this.#ports;
		const predecessor = this.#predecessor;
		const aborted = this.#listen();
		try {
			const estate = await predecessor.greet(this.#ports.version);
			refuseFixedChanges(estate, pair);
			this.#lentFitness = estate.fitness;
			pair?.fitness.start();
			await takeOver({
				predecessor,
				succeedProxy: (progress, beforeSwitch) => proxy.succeed(predecessor, progress, beforeSwitch),
				heartbeat: pair?.heartbeat,
				tracksKnown: async () => pair?.fitness.known(false, tracksLimitMs),
				judge: () => this.#judge(),
				moveIn: leftMs => this.#moveIn(leftMs),
				aborted,
			});
		} catch (error) {
			pair?.heartbeat.leave();
			await proxy.stop(0, new AbortController().signal);
			throw error;
		}
	}

	/** The answer is aborted when the old daemon gives it up. */
	#listen(): AbortSignal {
		const {pair, proxy} = this.#ports;
		const predecessor = this.#predecessor;
		const aborted = new AbortController();
		predecessor.listen({
			exchange: (message, handle) => proxy.hearElder(predecessor, message, handle),
			proxyDown: detail => proxy.elderDown(predecessor, detail),
			fitness: fitness => {
				if (this.#lentFitness === undefined) return;
				this.#lentFitness = fitness;
				pair?.heartbeat.sendFitness();
			},
			retiredChanged: () => proxy.noteElders(),
			aborted: why => {
				aborted.abort();
				proxy.abandonReplacement(why);
			},
		});
		return aborted.signal;
	}

	/** From now on this daemon's own view is what its heartbeat is told. */
	async #judge(): Promise<void> {
		const {pair} = this.#ports;
		if (pair === undefined) return;
		await pair.fitness.known(true, lastTracksLimitMs);
		pair.fitness.trustBefore();
		this.#lentFitness = undefined;
		pair.heartbeat.sendFitness();
	}

	async #moveIn(maintenanceLeftMs: number | undefined): Promise<void> {
		const {pair, proxy, commands, exclusive, chronicle} = this.#ports;
		await exclusive.openSocket(socketTries);
		exclusive.open();
		if (maintenanceLeftMs !== undefined) commands.resumeMaintenance(maintenanceLeftMs);
		proxy.keepElders(this.#predecessor);
		if (pair !== undefined) {
			const {status} = pair.heartbeat;
			// Before they begin: a driver that knows no wish gives the address up.
			if (status !== undefined) pair.takeover.recordStatus(status);
			pair.takeover.start();
			pair.heartbeat.reconfigure(pair.setup.heartbeatSetup);
		}
		chronicle.catchUp();
		pair?.hooks.recordProxy(proxy.condition);
	}
}

function refuseFixedChanges(estate: Estate, pair: PairParts | undefined): void {
	const fixed = findFixedChanges(estate.pair, pair?.setup);
	if (fixed.length === 0) return;
	const why = `${fixed.join(', ')}: that was changed in the files, and a heartbeat that runs cannot take it; restart this node`;
	throw new UserError(why, {exitCode: exitCodes.refused});
}

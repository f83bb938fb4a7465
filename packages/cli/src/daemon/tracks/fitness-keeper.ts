/**
 * Keeps the fitness current: owns the tracks, hears of the proxy, tells on change.
 *
 * Leaves the sum to `fitness.ts` and the sending to the daemon.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import type {Pair, Track} from '@hapair/config';
import type {Fitness} from '@hapair/heartbeat';
import {isSame} from '../pair-change.ts';
import {createFileTrack} from './file.ts';
import {computeFitness, isSameFitness, type ProxyCondition, withReasons} from './fitness.ts';
import {createGatewayTrack} from './gateway.ts';
import {createInterfaceTrack} from './interface.ts';
import type {TrackMonitor, TrackResult} from './monitor.ts';
import {createProcessTrack} from './process.ts';
import {createScriptTrack} from './script.ts';
import {createDelayTrack, createStealTrack} from './starvation.ts';

const lookEveryMs = 20;

export class FitnessKeeper {
	#tracks: readonly Track[];
	#monitors: ReadonlyMap<Track, TrackMonitor>;
	/** New since a reload or an upgrade: they count for nothing before their first result. */
	#fresh: ReadonlySet<TrackMonitor> = new Set();
	readonly #uid: number;
	readonly #implicit: readonly TrackMonitor[];
	readonly #onChange: (fitness: Fitness) => void;
	#proxy: ProxyCondition = {phase: 'starting', detail: 'the proxy is starting'};
	#fitness: Fitness;
	#stopped = false;

	/** @param implicit What no line of the configuration asks for: it must have been looked at and not fail. */
	constructor(pair: Pair, uid: number, onChange: (fitness: Fitness) => void, implicit: readonly TrackMonitor[] = []) {
		this.#implicit = implicit;
		this.#uid = uid;
		this.#tracks = pair.tracks;
		this.#monitors = createMonitors(pair, uid);
		this.#onChange = onChange;
		this.#fitness = this.#compute();
	}

	get fitness(): Fitness {
		return this.#fitness;
	}

	start(): void {
		for (const monitor of this.#all()) monitor.start(() => this.#refresh());
	}

	/** Resolves when every track that the configuration names has a result, and every other one too with `all`; at the latest after `limitMs`. */
	async known(all: boolean, limitMs: number): Promise<void> {
		const monitors = all ? this.#all() : [...this.#monitors.values()];
		const endMs = performance.now() + limitMs;
		while (performance.now() < endMs && monitors.some(monitor => monitor.result().state === 'unknown')) {
			await sleep(lookEveryMs);
		}
	}

	/** Another daemon has found this node fit or not: a track without a result yet is no reason to think otherwise. */
	trustBefore(): void {
		this.#fresh = new Set(this.#all());
		this.#refresh();
	}

	/** From now on nothing is told: that a daemon which ends stops serving is no news. */
	stop(): void {
		this.#stopped = true;
		for (const monitor of this.#all()) monitor.stop();
	}

	/**
	 * The configuration was read again, and its proxy serves. In one step, since a track may name what only the new proxy has. A track that
	 * was there before goes on with what it knows; one without a result yet is no reason to give the address away.
	 */
	adopt(pair: Pair, proxy: ProxyCondition): void {
		const before = new Map(this.#monitors);
		const created = createMonitors(pair, this.#uid);
		const fresh = new Set<TrackMonitor>();
		for (const [track, monitor] of created) {
			const known = [...before].find(([other]) => isSame(other, track));
			if (known === undefined) fresh.add(monitor);
			else {
				created.set(track, known[1]);
				before.delete(known[0]);
			}
		}
		for (const monitor of before.values()) monitor.stop();
		this.#tracks = pair.tracks;
		this.#monitors = created;
		this.#fresh = fresh;
		this.#proxy = proxy;
		for (const monitor of fresh) monitor.start(() => this.#refresh());
		this.#refresh();
	}

	#all(): readonly TrackMonitor[] {
		return [...this.#monitors.values(), ...this.#implicit];
	}

	recordProxy(condition: ProxyCondition): void {
		this.#proxy = condition;
		this.#refresh();
	}

	#refresh(): void {
		const fitness = this.#compute();
		if (this.#stopped || isSameFitness(fitness, this.#fitness)) return;
		this.#fitness = fitness;
		this.#onChange(fitness);
	}

	#compute(): Fitness {
		const results = new Map<Track, TrackResult>();
		const unheard: Track[] = [];
		for (const [track, monitor] of this.#monitors) {
			const result = monitor.result();
			results.set(track, result);
			if (result.state === 'unknown' && this.#fresh.has(monitor)) unheard.push(track);
		}
		const failed = this.#implicit
			.filter(monitor => monitor.result().state !== 'unknown' || !this.#fresh.has(monitor))
			.map(monitor => monitor.result())
			.filter(({state}) => state !== 'ok');
		return withReasons(
			computeFitness(
				this.#proxy,
				this.#tracks.filter(track => !unheard.includes(track)),
				results,
			),
			failed.map(({reason}) => reason),
		);
	}
}

function createMonitors(pair: Pair, uid: number): Map<Track, TrackMonitor> {
	const monitors = new Map<Track, TrackMonitor>();
	for (const track of pair.tracks) {
		if (track.kind === 'script') monitors.set(track, createScriptTrack(track, uid));
		else if (track.kind === 'interface') monitors.set(track, createInterfaceTrack(track.interface));
		else if (track.kind === 'process') monitors.set(track, createProcessTrack(track));
		else if (track.kind === 'file') monitors.set(track, createFileTrack(track));
		else if (track.kind === 'steal') monitors.set(track, createStealTrack(track));
		else if (track.kind === 'delay') monitors.set(track, createDelayTrack(track));
		else if (track.kind === 'gateway') {
			monitors.set(track, createGatewayTrack(track, pair.virtualAddresses[0]?.interface ?? ''));
		}
	}
	return monitors;
}

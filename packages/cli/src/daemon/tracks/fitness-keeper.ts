/**
 * Keeps the fitness current: owns the tracks, hears of the proxy, tells on change.
 *
 * Leaves the sum to `fitness.ts` and the sending to the daemon.
 */
import type {Pair, Track} from '@hapair/config';
import type {Fitness} from '@hapair/heartbeat';
import {createFileTrack} from './file.ts';
import {computeFitness, isSameFitness, type ProxyCondition, withReasons} from './fitness.ts';
import {createGatewayTrack} from './gateway.ts';
import {createInterfaceTrack} from './interface.ts';
import type {TrackMonitor, TrackResult} from './monitor.ts';
import {createProcessTrack} from './process.ts';
import {createScriptTrack} from './script.ts';
import {createDelayTrack, createStealTrack} from './starvation.ts';

export class FitnessKeeper {
	readonly #tracks: readonly Track[];
	readonly #monitors: ReadonlyMap<Track, TrackMonitor>;
	readonly #implicit: readonly TrackMonitor[];
	readonly #onChange: (fitness: Fitness) => void;
	#proxy: ProxyCondition = {phase: 'starting', detail: 'the proxy is starting'};
	#fitness: Fitness;
	#stopped = false;

	/** @param implicit What no line of the configuration asks for: it must not fail, and counts for nothing before its first result. */
	constructor(pair: Pair, uid: number, onChange: (fitness: Fitness) => void, implicit: readonly TrackMonitor[] = []) {
		this.#implicit = implicit;
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

	/** From now on nothing is told: that a daemon which ends stops serving is no news. */
	stop(): void {
		this.#stopped = true;
		for (const monitor of this.#all()) monitor.stop();
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
		for (const [track, monitor] of this.#monitors) results.set(track, monitor.result());
		const failed = this.#implicit.map(monitor => monitor.result()).filter(({state}) => state === 'failed');
		return withReasons(
			computeFitness(this.#proxy, this.#tracks, results),
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

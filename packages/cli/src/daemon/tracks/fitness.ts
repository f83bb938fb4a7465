/**
 * May this node hold the address? The sum of everything the daemon knows about itself.
 *
 * Decides that a node is eligible when its proxy serves and every track passes; a track without a result yet does not
 * pass. `health` stays 255 for an eligible node: the two nodes see a web server die at different moments, and the
 * address must not move on that difference (`track backend` says when it shall). Pure.
 */
import type {Track} from '@hapair/config';
import type {Fitness} from '@hapair/heartbeat';
import type {ProxySnapshot} from '@hapair/proxy';
import type {TrackResult} from './monitor.ts';

/** What is known of the proxy process. `snapshot` is absent until it has served once. */
export interface ProxyCondition {
	readonly phase: 'starting' | 'serving' | 'silent' | 'down';
	/** Why it is not serving. */
	readonly detail: string;
	readonly snapshot?: ProxySnapshot;
}

export function computeFitness(
	proxy: ProxyCondition,
	tracks: readonly Track[],
	results: ReadonlyMap<Track, TrackResult>,
): Fitness {
	const reasons = [...proxyReasons(proxy), ...tracks.flatMap(track => trackReasons(track, proxy, results))];
	const eligible = reasons.length === 0;
	return {eligible, health: eligible ? 255 : 0, reasons: [...new Set(reasons)]};
}

/** The implicit track of every pair: the proxy process is up and all its listeners accept. */
function proxyReasons(proxy: ProxyCondition): string[] {
	if (proxy.phase !== 'serving') return [proxy.detail];
	const closed = (proxy.snapshot?.frontends ?? []).filter(frontend => !frontend.listening);
	return closed.map(frontend => notListening(frontend.name));
}

function notListening(frontend: string): string {
	return `frontend ${frontend} does not accept connections`;
}

function trackReasons(track: Track, proxy: ProxyCondition, results: ReadonlyMap<Track, TrackResult>): string[] {
	if (track.kind === 'frontend') {
		const frontend = proxy.snapshot?.frontends.find(({name}) => name === track.frontend);
		return frontend?.listening === true ? [] : [notListening(track.frontend)];
	}
	if (track.kind === 'backend') {
		const up = proxy.snapshot?.backends.find(({name}) => name === track.backend)?.up ?? 0;
		return up >= track.minUp ? [] : [`backend ${track.backend} has ${up} servers up, needs ${track.minUp}`];
	}
	const result = results.get(track);
	return result === undefined || result.state !== 'ok'
		? [result?.reason ?? `track ${track.kind} has no result yet`]
		: [];
}

/** The same node with more that is wrong with it. */
export function withReasons(fitness: Fitness, more: readonly string[]): Fitness {
	return more.length === 0 ? fitness : {eligible: false, health: 0, reasons: [...fitness.reasons, ...more]};
}

/** Equal fitnesses need not be sent again before their second is over. */
export function isSameFitness(one: Fitness, other: Fitness): boolean {
	return (
		one.eligible === other.eligible &&
		one.health === other.health &&
		one.reasons.join('\n') === other.reasons.join('\n')
	);
}

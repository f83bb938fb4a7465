/**
 * What the parts of a pair know at this moment, gathered for a status report.
 *
 * Decides nothing. Leaves what is made of it to `status-report.ts`, which is pure.
 */
import {findPeer} from '../configuration/own-node.ts';
import {readCarriers} from '../history/recorder.ts';
import type {PairParts} from './pair-parts.ts';
import type {PairSources} from './status-report.ts';

export function gatherPairSources(parts: PairParts): PairSources {
	const {setup, fitness, takeover, keeping, drills, windows, probe, historyFile, hooks, terms, sync, warm} = parts;
	const {pair, own} = setup;
	const heartbeat = parts.heartbeat.status;
	return {
		pair,
		own,
		peer: findPeer(pair, own),
		fitness: fitness.fitness,
		verdictFacts: {
			carriers: readCarriers(pair).map(({up}) => up),
			gatewaySilent: fitness.fitness.reasons.some(reason => reason.includes('gateway')),
		},
		takeover: takeover.report(),
		keepsForMs: keeping.leftMs,
		drill: drills.report(),
		windows: windows.report(),
		probes: probe.report(),
		stateDirectory: setup.stateDirectory,
		storage: [historyFile, hooks, terms].flatMap(({trouble}) => trouble ?? []),
		...(sync === undefined ? {} : {channel: sync.report()}),
		...(warm === undefined ? {} : {warm: warm.report()}),
		...(heartbeat === undefined ? {} : {heartbeat}),
	};
}

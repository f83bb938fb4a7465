/**
 * Wires with heartbeats on them, for one test, and nothing left of it afterwards.
 */
import {Network, virtualAddress} from '../lab/network.ts';
import {type EyeReport, Probe} from '../lab/probe.ts';
import {findTool} from '../lab/tools.ts';
import {waitFor} from '../lab/wait.ts';
import {HeartbeatNode} from './heartbeat-node.ts';

export interface Stage {
	readonly network: Network;
	readonly start: (node: 'lb1' | 'lb2') => HeartbeatNode;
	/** Beside the process that the node has. */
	readonly startFollower: (node: 'lb1' | 'lb2') => HeartbeatNode;
	/** Two nodes, lb1 master and lb2 its backup. */
	readonly startBoth: () => Promise<readonly [HeartbeatNode, HeartbeatNode]>;
	readonly openEyes: () => Promise<Eyes>;
}

export interface Eyes {
	readonly close: () => Promise<readonly [EyeReport, EyeReport]>;
}

/** Builds the wires, runs the test, leaves nothing behind. */
export async function onStage(run: (stage: Stage) => Promise<void>): Promise<void> {
	const network = new Network('hbsh');
	try {
		network.build();
		const start = (node: 'lb1' | 'lb2') => new HeartbeatNode(network.namespaceOf(node), node);
		await run({
			network,
			start,
			startFollower: node =>
				new HeartbeatNode(
					network.namespaceOf(node),
					node,
					undefined,
					{nft: findTool('nft'), arping: findTool('arping')},
					true,
				),
			startBoth: async () => {
				const nodes = [start('lb1'), start('lb2')] as const;
				await Promise.all([nodes[0].waitFor('master'), nodes[1].waitFor('backup')]);
				await waitFor('lb2 to hear the master', () => nodes[1].status?.peer.state === 'master');
				return nodes;
			},
			openEyes: async () => {
				const probes = (['eye1', 'eye2'] as const).map(
					eye => new Probe<EyeReport>(network.namespaceOf(eye), {kind: 'eye', address: virtualAddress}),
				);
				await Promise.all(probes.map(probe => probe.started));
				return {
					close: async () => {
						const [one, other] = await Promise.all(probes.map(probe => probe.stop()));
						if (!one || !other) throw new Error('an eye is missing');
						return [one, other] as const;
					},
				};
			},
		});
	} finally {
		network.destroy();
	}
}

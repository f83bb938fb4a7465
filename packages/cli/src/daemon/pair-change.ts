/**
 * What a reload may change in the pair section, and what it may not. Pure.
 *
 * Decides that the heartbeat never pauses: what its sockets, its lease and the reckoning of silence are made of, and where the addresses are,
 * stays until the node is restarted. A file that changes it is refused as a whole, so that the file and what runs are never two things.
 * Keys change in steps that keep the nodes in hearing of each other, whichever of them takes a step first.
 */
import type {Pair, PairNode} from '@hapair/config';
import type {HeartbeatSetup} from '@hapair/heartbeat';

interface Side {
	readonly pair: Pair;
	readonly own: PairNode;
	readonly heartbeatSetup: Pick<HeartbeatSetup, 'keys'>;
}

/** What a running heartbeat is made of, in the words of the file. */
const fixed: readonly (readonly [words: string, of: (side: Side) => unknown])[] = [
	['the name of the pair', ({pair}) => pair.name],
	['which node this is', ({own}) => own.name],
	['node names and addresses', ({pair}) => pair.nodes.map(({name, address}) => [name, address])],
	['virtual-ip', ({pair}) => pair.virtualAddresses],
	['advertise', ({pair}) => pair.advertIntervalMs],
	['port', ({pair}) => pair.port],
	['path', ({pair}) => pair.paths],
	['peer-channel', ({pair}) => pair.channelPort],
	['witness', ({pair}) => pair.witness],
	['takeover', ({pair}) => pair.drivers],
	['second-chance', ({pair}) => pair.secondChance],
];

/** What needs a restart of this node, in the words of the file; empty when the new section can be taken as it is. */
export function findFixedChanges(before: Side | undefined, after: Side | undefined): readonly string[] {
	if (before === undefined && after === undefined) return [];
	if (before === undefined) return ['the pair section is new'];
	if (after === undefined) return ['the pair section is gone'];
	const changed = fixed.filter(([, of]) => !isSame(of(before), of(after))).map(([words]) => words);
	const {keys} = before.heartbeatSetup;
	return keepsHearing(keys, after.heartbeatSetup.keys) ? changed : [...changed, secretWords];
}

const secretWords =
	'secret (a new key goes below the old one first, then above it, then the old one goes, on both nodes each time)';

type Keys = HeartbeatSetup['keys'];

/** The peer may sign with what was signed with before, and may accept no more than what was accepted before. */
function keepsHearing(before: Keys, after: Keys): boolean {
	return holdsFirst(after, before) && holdsFirst(before, after);
}

/** Their contents: where they lie says nothing to the peer. */
function holdsFirst(accepted: Keys, [signing]: Keys): boolean {
	return signing === undefined || accepted.some(({secret}) => Buffer.compare(secret, signing.secret) === 0);
}

/** Equal wherever they stand in their files. */
export function isSame(one: unknown, other: unknown): boolean {
	return JSON.stringify(one, withoutPosition) === JSON.stringify(other, withoutPosition);
}

function withoutPosition(key: string, value: unknown): unknown {
	return key === 'position' ? undefined : value;
}

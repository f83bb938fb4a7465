/**
 * What comes from the peer's address and port and is not of this pair as this node knows it: the two files or keys differ. And who else speaks
 * for this pair.
 *
 * Decides which difference it is. Nothing of it is believed; it is told, because each of these keeps the nodes from hearing each other
 * and looks like a dead peer. A datagram of another pair or node counts only when it is signed with our key: that is no stranger.
 */
import {type Advertisement, decode, type Expectation} from './advertisement.ts';
import {type Key, verify} from './authentication.ts';
import {readHex} from './bytes.ts';

export type Contradiction =
	/** Signed with a key that this node does not have. */
	| 'foreignKey'
	/** Our key, and another name of the pair. */
	| 'otherPair'
	/** Our key and pair, and a node that this node's file does not have there. */
	| 'otherNode'
	/** Our key and pair, and this node's own name. */
	| 'sameNode'
	/** Our key and pair, from an address that is neither the peer's nor ours. */
	| `thirdSpeaker ${string}`;

export interface Contradicting {
	readonly contradiction: Contradiction;
	/** What it says of itself; not to be believed. */
	readonly said: Advertisement;
}

/** @param expected Pair and node as this node's file has them. Nothing for bytes that are no advertisement, or wrongly signed. */
export function readContradiction(
	bytes: Uint8Array,
	expected: Expectation,
	own: {readonly nodeId: string; readonly bootId: string},
	keys: readonly Key[],
): Contradicting | undefined {
	const clusterId = readHex(bytes, 8, 16);
	const nodeId = readHex(bytes, 24, 8);
	const decoded = decode(bytes, {clusterId, nodeId});
	if (!decoded.ok) return undefined;
	const said = decoded.datagram.advertisement;
	// Our own words, thrown back by the network.
	if (said.bootId === own.bootId) return undefined;
	const signature = verify(bytes, keys);
	if (signature === 'foreignKey') return {contradiction: 'foreignKey', said};
	if (signature !== 'ok') return undefined;
	if (clusterId !== expected.clusterId) return {contradiction: 'otherPair', said};
	if (nodeId === expected.nodeId) return undefined;
	return {contradiction: nodeId === own.nodeId ? 'sameNode' : 'otherNode', said};
}

/**
 * Does a machine that this node's file does not know speak for this pair, with its key?
 *
 * @param clusterId Of this pair. @param boots Of the two nodes: what comes from another interface of theirs is no third one's.
 */
export function isThirdSpeaker(
	bytes: Uint8Array,
	clusterId: string,
	boots: readonly string[],
	keys: readonly Key[],
): boolean {
	const decoded = decode(bytes, {clusterId, nodeId: readHex(bytes, 24, 8)});
	if (!decoded.ok || boots.includes(decoded.datagram.advertisement.bootId)) return false;
	return verify(bytes, keys) === 'ok';
}

/** One sentence, with what to do. */
export function describeContradiction(contradiction: Contradiction): string {
	const [, address] = contradiction.split(' ');
	if (address === undefined) return words[contradiction as keyof typeof words];
	return `${address} speaks for this pair, with its key, and is neither node in this node's file: a former node or a copied machine; stop hapair there`;
}

const words: Readonly<Record<Exclude<Contradiction, `thirdSpeaker ${string}`>, string>> = {
	foreignKey: 'the peer signs with a key that this node does not have: compare the secret files of both nodes',
	otherPair: "the peer's file gives the pair another name: both nodes need the same pair section",
	otherNode:
		"the peer calls itself by a name that this node's file does not have at that address: both nodes need the same pair section",
	sameNode:
		"the peer says that it is this node: the names in the two files are swapped, or one daemon runs with the other's --node",
};

/** How long one stays in `status` after it was heard last, ms. */
const tellForMs = 10_000;

/** More are not told: whoever has the key is one, or a few. */
const mostTold = 8;

/** When each was heard last. */
export class Contradictions {
	readonly #heardMs = new Map<Contradiction, number>();

	/** True for one that is new, or comes again after it was over. */
	record(contradiction: Contradiction, nowMs: number): boolean {
		const isNew = !this.current(nowMs).includes(contradiction);
		for (const [other, atMs] of this.#heardMs) if (nowMs - atMs > tellForMs) this.#heardMs.delete(other);
		if (this.#heardMs.size >= mostTold && !this.#heardMs.has(contradiction)) return false;
		this.#heardMs.set(contradiction, nowMs);
		return isNew;
	}

	current(nowMs: number): Contradiction[] {
		return [...this.#heardMs].flatMap(([contradiction, atMs]) => (nowMs - atMs <= tellForMs ? [contradiction] : []));
	}
}

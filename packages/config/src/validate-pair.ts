/**
 * What must hold inside the pair section, and between it and the proxies.
 *
 * Decides on nodes, virtual addresses, paths and tracks. A pair whose halves would fight, or that could never take over, is
 * refused here and not found out at three in the morning.
 */
import {addressFamily, addressKey, sameAddress} from './addresses.ts';
import type {Place, Reporter} from './diagnostics.ts';
import type {PairDraft, ProxyDraft} from './drafts.ts';
import type {PairNode, Position, VirtualAddress} from './model.ts';
import type {ParsedFiles} from './parser.ts';
import {didYouMean} from './suggestions.ts';
import {validateTakeover} from './validate-takeover.ts';

export function validatePair(
	{pairs}: ParsedFiles,
	frontends: ReadonlyMap<string, ProxyDraft>,
	backends: ReadonlyMap<string, ProxyDraft>,
	reporter: Reporter,
): void {
	const [pair, ...others] = pairs;
	for (const other of others) {
		reporter.error(
			other.place,
			'there is a second pair section',
			'two nodes form one pair; it may hold several virtual-ip lines',
		);
	}
	if (pair === undefined) return;
	checkNodes(pair, reporter);
	checkVirtualAddresses(pair, reporter);
	checkPaths(pair, reporter);
	checkTracks(pair, frontends, backends, reporter);
	validateTakeover(pair, reporter);
	checkWitness(pair, reporter);
	checkWindows(pair, reporter);
	if (pair.secretFiles.length === 0 && !pair.secretRefused) {
		const hint = 'make one with `hapair keygen PATH` and name it: secret file PATH';
		reporter.warn(pair.place, `pair '${pair.name}' has no key: its advertisements cannot be signed`, hint);
	}
}

function placeOf({file, line, column}: Position, length: number): Place {
	return {file, line, column, length};
}

function nodesOf(pair: PairDraft): readonly PairNode[] {
	return pair.nodes.flatMap(({node}) => node ?? []);
}

function checkNodes(pair: PairDraft, reporter: Reporter): void {
	const third = pair.nodes[2];
	if (third !== undefined)
		reporter.error(third.place, 'a pair has exactly two nodes and this is one more', 'take it out');
	else if (pair.nodes.length < 2) {
		const count = pair.nodes.length === 0 ? 'none' : 'one';
		reporter.error(pair.place, `a pair has exactly two nodes and '${pair.name}' has ${count}`, 'add node NAME ADDRESS');
	}
	const [first, second] = nodesOf(pair);
	if (first === undefined || second === undefined) return;
	const place = placeOf(second.position, second.name.length);
	if (first.name === second.name)
		reporter.error(place, `both nodes are named '${first.name}'`, 'a node knows itself by its name');
	else if (sameAddress(first.address, second.address)) {
		reporter.error(place, `both nodes have the address ${second.address}`, 'each node has its own address');
	} else if (addressFamily(first.address) !== addressFamily(second.address)) {
		const message = `the nodes' addresses ${first.address} and ${second.address} are of two families`;
		reporter.error(place, message, 'both IPv4 or both IPv6');
	} else if (first.priority === second.priority) {
		const message = `both nodes have priority ${first.priority}: between equals the higher address is preferred`;
		reporter.notice(place, message, 'say priority 150 on the one that you prefer');
	}
}

function vipPlace(virtual: VirtualAddress): Place {
	return placeOf(virtual.position, `${virtual.address}/${virtual.prefixLength}`.length);
}

/** A witness that dies with a node, or sits where the address is, is none. */
function checkWitness(pair: PairDraft, reporter: Reporter): void {
	const {witness, onIsolationPlace} = pair;
	if (witness === undefined) return;
	const elsewhere = 'a third machine, best in a third place, that runs `hapair witness`';
	const node = nodesOf(pair).find(({address}) => sameAddress(address, witness.host));
	if (node !== undefined) reporter.error(witness.place, `the witness cannot be on node '${node.name}'`, elsewhere);
	if (pair.virtualAddresses.some(({address}) => sameAddress(address, witness.host)))
		reporter.error(witness.place, 'the witness cannot be at the virtual address', elsewhere);
	if (onIsolationPlace !== undefined) {
		const message = 'on isolation says nothing here: with a witness, the witness decides';
		reporter.warn(onIsolationPlace, message, 'take this line out');
	}
}

function checkWindows(pair: PairDraft, reporter: Reporter): void {
	const names = nodesOf(pair).map(({name}) => name);
	for (const {
		window: {node},
		nodePlace,
	} of pair.maintenanceWindows) {
		if (names.length < 2 || names.includes(node)) continue;
		const hint = didYouMean(node, names) ?? `one of ${names.join(', ')}`;
		reporter.error(nodePlace, `there is no node '${node}' to be in maintenance`, hint);
	}
	const [place] = pair.failoverWindowPlaces;
	if (place === undefined || (pair.preempt?.mode ?? 'off') !== 'off') return;
	const message = 'failover window says nothing here: with preempt off no node is waited for';
	reporter.warn(place, message, 'say preempt on or preempt after TIME, or take this line out');
}

function checkVirtualAddresses(pair: PairDraft, reporter: Reporter): void {
	if (pair.virtualAddresses.length === 0 && !pair.virtualAddressRefused) {
		const message = `pair '${pair.name}' has no virtual address`;
		reporter.error(pair.place, message, 'add virtual-ip ADDRESS/LENGTH dev INTERFACE');
	}
	const seen = new Set<string>();
	for (const virtual of pair.virtualAddresses) {
		const {address} = virtual;
		const owner = nodesOf(pair).find(node => sameAddress(node.address, address));
		const pathOwner = pair.paths.some(path => path.addresses.some(own => sameAddress(own, address)));
		if (owner !== undefined) {
			const message = `the virtual address ${address} is the own address of node '${owner.name}'`;
			reporter.error(vipPlace(virtual), message, 'choose a third address that neither node has');
		} else if (pathOwner) {
			const message = `the virtual address ${address} is also an end of a path`;
			reporter.error(vipPlace(virtual), message, 'paths use addresses that stay with their node');
		} else if (seen.has(addressKey(address))) {
			reporter.error(vipPlace(virtual), `the virtual address ${address} is given twice`, 'take one of the two out');
		}
		seen.add(addressKey(address));
	}
}

function checkPaths(pair: PairDraft, reporter: Reporter): void {
	const nodes = nodesOf(pair);
	const seen = new Set<string>();
	if (nodes.length === 2) seen.add(nodes.map(node => addressKey(node.address)).join(' '));
	for (const {addresses, place} of pair.paths) {
		const [first, second] = addresses;
		const key = addresses.map(addressKey).join(' ');
		const swapped =
			nodes.length === 2 && (sameAddress(first, nodes[1]!.address) || sameAddress(second, nodes[0]!.address));
		if (sameAddress(first, second))
			reporter.error(place, `both ends of this path are ${first}`, 'one address of each node');
		else if (addressFamily(first) !== addressFamily(second)) {
			reporter.error(place, 'the ends of this path are of two families', 'both IPv4 or both IPv6');
		} else if (swapped) {
			reporter.error(place, 'the ends of this path are the wrong way round', 'the order is that of the node lines');
		} else if (seen.has(key)) {
			reporter.error(place, 'this path is there already', "the first path is that between the nodes' own addresses");
		}
		seen.add(key);
	}
}

function checkTracks(
	pair: PairDraft,
	frontends: ReadonlyMap<string, ProxyDraft>,
	backends: ReadonlyMap<string, ProxyDraft>,
	reporter: Reporter,
): void {
	for (const track of pair.tracks) {
		const place = pair.trackPlaces.get(track)!;
		if (track.kind === 'frontend') {
			const draft = frontends.get(track.frontend);
			if (draft === undefined) {
				reporter.error(
					place,
					`there is no frontend '${track.frontend}' to track`,
					didYouMean(track.frontend, frontends.keys()),
				);
			} else if (draft.settings.disabled) {
				reporter.error(
					place,
					`frontend '${track.frontend}' is disabled: no node would ever be eligible`,
					'enable it or take the track out',
				);
			}
		} else if (track.kind === 'backend') checkBackendTrack(track, backends, place, reporter);
	}
}

function checkBackendTrack(
	track: {readonly backend: string; readonly minUp: number},
	backends: ReadonlyMap<string, ProxyDraft>,
	place: Place,
	reporter: Reporter,
): void {
	const draft = backends.get(track.backend);
	if (draft === undefined) {
		reporter.error(
			place,
			`there is no backend '${track.backend}' to track`,
			didYouMean(track.backend, backends.keys()),
		);
		return;
	}
	const count = draft.servers.length;
	if (track.minUp <= count) return;
	const message = `backend '${track.backend}' has ${count} servers and can never have ${track.minUp} up`;
	reporter.error(place, message, count === 0 ? 'add server lines' : `min-up from 1 to ${count}`);
}

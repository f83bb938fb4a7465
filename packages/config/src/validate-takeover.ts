/**
 * What must hold between the takeover lines, the nodes and the virtual addresses.
 *
 * Decides that each driver knows a machine for both nodes and that it can carry what it is to move. A node without its machine
 * would find that out when it becomes master.
 */
import {addressKey} from './addresses.ts';
import type {Place, Reporter} from './diagnostics.ts';
import type {PairDraft} from './drafts.ts';
import type {ProviderDriver, TakeoverDriver, VirtualAddress} from './model.ts';
import {didYouMean} from './suggestions.ts';

const MEMBER_WORD: Readonly<Record<ProviderDriver['kind'], string>> = {
	'hetzner-cloud': 'server',
	digitalocean: 'droplet',
	openstack: 'port',
	aws: 'network-interface',
};

export function validateTakeover(pair: PairDraft, reporter: Reporter): void {
	const nodes = pair.nodes.flatMap(({node}) => node?.name ?? []);
	for (const {driver, place} of pair.drivers) {
		if (driver === undefined) continue;
		if ('members' in driver) checkMembers(driver, nodes, place, reporter);
		for (const virtual of pair.virtualAddresses) checkAddress(driver, virtual, place, reporter);
	}
	checkTwins(pair, reporter);
	checkSecondChance(pair, reporter);
}

/** Who leaves it out is told by `hapair status` alone. */
function checkSecondChance({drivers, secondChance}: PairDraft, reporter: Reporter): void {
	const driver = drivers.find(({driver}) => driver !== undefined)?.driver;
	if (driver === undefined || secondChance?.on !== true) return;
	const message = `second-chance on has no effect with takeover ${driver.kind}: such networks drop what one node passes on for clients`;
	reporter.warn(secondChance.place, message, 'take it out: connections are drained before a planned failover');
}

function checkMembers(driver: ProviderDriver, nodes: readonly string[], place: Place, reporter: Reporter): void {
	const word = MEMBER_WORD[driver.kind];
	const stranger = driver.members.find(({node}) => nodes.length === 2 && !nodes.includes(node));
	if (stranger !== undefined) {
		const hint = didYouMean(stranger.node, nodes) ?? `the nodes are ${nodes.join(' and ')}`;
		reporter.error(place, `${word}: there is no node '${stranger.node}'`, hint);
		return;
	}
	for (const node of nodes) {
		const count = driver.members.filter(member => member.node === node).length;
		if (count === 1) continue;
		const problem = count === 0 ? `node '${node}' has no ${word}` : `node '${node}' has ${count} times a ${word}`;
		reporter.error(place, `takeover ${driver.kind}: ${problem}`, `one ${word} ${node} ID`);
		return;
	}
	const [first, second] = driver.members;
	if (first !== undefined && first.id === second?.id) {
		reporter.error(
			place,
			`takeover ${driver.kind}: both nodes have the ${word} ${first.id}`,
			`each node has its own ${word}`,
		);
	}
}

function checkAddress(driver: TakeoverDriver, virtual: VirtualAddress, place: Place, reporter: Reporter): void {
	const {address, family, prefixLength} = virtual;
	const bits = family === 4 ? 32 : 128;
	if (driver.kind === 'bgp' && prefixLength !== bits) {
		const message = `takeover bgp announces host routes, and ${address}/${prefixLength} is an address of a shared segment`;
		reporter.error(place, message, `write virtual-ip ${address}/${bits} dev ${virtual.interface}`);
	}
	const movesThis = 'targets' in driver && driver.targets.length === 0;
	if (movesThis && family === 6 && (driver.kind === 'aws' || driver.kind === 'digitalocean')) {
		reporter.error(
			place,
			`takeover ${driver.kind} moves IPv4 addresses only, and ${address} is none`,
			'take that virtual-ip out',
		);
	}
}

/** Two drivers of one kind that move the same thing would do everything twice. */
function checkTwins({drivers}: PairDraft, reporter: Reporter): void {
	const seen = new Set<string>();
	for (const {driver, place} of drivers) {
		for (const key of driver === undefined ? [] : keysOf(driver)) {
			if (seen.has(key)) {
				reporter.error(place, `takeover ${driver!.kind} stands here twice for the same addresses`, 'leave one out');
			}
			seen.add(key);
		}
	}
}

function keysOf(driver: TakeoverDriver): readonly string[] {
	if (driver.kind === 'exec') return [`exec ${driver.argv.join(' ')}`];
	const targets = 'targets' in driver && driver.targets.length > 0 ? driver.targets : [''];
	return targets.map(target => `${driver.kind} ${addressKey(target)}`);
}

/**
 * The text of the nftables tables that give connections a second chance after a planned failover (pure).
 *
 * Decides which segments for a virtual address belong to the other node: those for which no connection is here. They go there as they came,
 * from this node's hardware address (`dup to`), and are dropped here, so that this node's stack never resets them. Three sets of
 * interfaces say what the node does with them:
 *
 *   keeping  it has released the address and keeps its connections: what is not of one of them, new connections too, goes to the master
 *   passing  it is master and the peer keeps: what is not of a connection here goes to the peer, but for new connections
 *   ajar     it is about to become master: what the peer passes on is for this node
 *
 * What comes back from the peer to the master is for the master's own stack, which then answers with a reset, or knows it after all (the
 * last segment of a handshake by SYN cookie has no socket yet). So a guess that was wrong costs a detour and no connection.
 *
 * "A connection is here": the kernel has found its socket before the input hook (early demultiplexing), and `meta cgroup` reads that one;
 * a lone listener is not found so. `socket` finds listeners too; of a connection in TIME_WAIT it knows `transparent` and not `wildcard`.
 * The tables are of families ip and ip6, where `dup` is. They are beside the lease, which alone decides what is let in and out
 * (`lease-table.ts`): were they removed, a keeping node would still answer no new connection.
 */
import {learnPeer, peersSet} from './lease-table.ts';

/** A virtual address with the peer's address on the same segment. */
export interface SecondChanceRoute {
	readonly family: 4 | 6;
	readonly address: string;
	readonly device: string;
	/** Own address of the heartbeat path, and the peer's. */
	readonly local: string;
	readonly remote: string;
}

/** Sets of interfaces; an element without a timeout stays. */
export type SecondChanceSet = 'keeping' | 'passing' | 'ajar';

type Family = 'ip' | 'ip6';

export interface SecondChanceTable {
	/** Of the pair's tables. */
	readonly name: string;
	/** Of the advertisements. */
	readonly port: number;
	readonly leaseMs: number;
}

/** Makes the tables anew, in one transaction. */
export function createSecondChance(table: SecondChanceTable, routes: readonly SecondChanceRoute[]): string {
	return familiesOf(routes)
		.map(family =>
			createFamily(
				table,
				family,
				routes.filter(route => ipOf(route) === family),
			),
		)
		.join('; ');
}

/** Succeeds when there is none. */
export function removeSecondChance(name: string): string {
	return (['ip', 'ip6'] as const)
		.map(family => `add table ${family} ${name}; delete table ${family} ${name}`)
		.join('; ');
}

/** What the node does from now on, in one transaction: the sets named, with their time; the others are emptied. */
export function setSecondChance(
	name: string,
	routes: readonly SecondChanceRoute[],
	sets: Readonly<Partial<Record<SecondChanceSet, number | 'always'>>>,
): string {
	const devices = [...new Set(routes.map(({device}) => device))];
	const commands: string[] = [];
	for (const family of ['netdev', ...familiesOf(routes)]) {
		for (const set of ['keeping', 'passing', 'ajar'] as const) {
			if (family === 'netdev' && set === 'passing') continue;
			commands.push(`flush set ${family} ${name} ${set}`);
			const lasts = sets[set];
			if (lasts === undefined) continue;
			const time = lasts === 'always' ? '' : ` timeout ${Math.max(1, Math.round(lasts))}ms`;
			commands.push(
				`add element ${family} ${name} ${set} { ${devices.map(device => `"${device}"${time}`).join(', ')} }`,
			);
		}
	}
	return commands.join('; ');
}

function createFamily(
	{name, port, leaseMs}: SecondChanceTable,
	family: Family,
	routes: readonly SecondChanceRoute[],
): string {
	const at = `${family} ${name}`;
	const commands = [
		`add table ${at}`,
		`delete table ${at}`,
		`add table ${at}`,
		...(['keeping', 'passing', 'ajar'] as const).map(
			set => `add set ${at} ${set} { type iface_index; size 64; flags timeout; }`,
		),
		`add set ${at} ${peersSet(leaseMs)}`,
		`add chain ${at} in { type filter hook input priority -310; policy accept; }`,
		...[...new Set(routes.map(route => learnPeer(route, port)))].map(rule => `add rule ${at} in ${rule}`),
	];
	for (const [index, route] of routes.entries()) {
		const chains: Record<string, readonly string[]> = {
			[`pass_${index}`]: passRules(family, route),
			[`look_${index}`]: [
				'meta cgroup >= 0 return',
				`socket wildcard 0-1 goto pass_${index}`,
				'socket transparent 0-1 return',
				`goto pass_${index}`,
			],
			[`keep_${index}`]: [`tcp flags & syn != 0 goto pass_${index}`, `goto look_${index}`],
			in: [
				`${family} daddr ${route.address} meta l4proto tcp iif @ajar ether saddr @peers accept`,
				`${family} daddr ${route.address} meta l4proto tcp iif @passing ether saddr @peers accept`,
				`${family} daddr ${route.address} tcp flags & syn == 0 iif @passing jump look_${index}`,
				`${family} daddr ${route.address} meta l4proto tcp iif @keeping jump keep_${index}`,
			],
		};
		for (const [chain, rules] of Object.entries(chains)) {
			if (chain !== 'in') commands.push(`add chain ${at} ${chain}`);
			commands.push(...rules.map(rule => `add rule ${at} ${chain} ${rule}`));
		}
	}
	return commands.join('; ');
}

/** Each passing on takes one from the hop limit (`dup` does); what two nodes give each other back and forth ends with it. */
function passRules(family: Family, {remote, device}: SecondChanceRoute): string[] {
	const hops = family === 'ip' ? 'ip ttl' : 'ip6 hoplimit';
	return [`${hops} <= 1 drop`, `dup to ${remote} device "${device}" drop`];
}

function familiesOf(routes: readonly SecondChanceRoute[]): Family[] {
	return [...new Set(routes.map(ipOf))];
}

function ipOf({family}: SecondChanceRoute): Family {
	return family === 4 ? 'ip' : 'ip6';
}

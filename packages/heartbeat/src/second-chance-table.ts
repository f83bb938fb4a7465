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
 * last segment of a handshake by SYN cookie has no socket yet). So a guess that was wrong costs a detour and no connection. A segment crosses
 * twice at most: with the second crossing its hop limit is 1, with which nobody passes on; a new connection crosses once.
 *
 * "A connection is here": the kernel has found its socket before the input hook (early demultiplexing, `second-chance-routes.ts`), and
 * `meta cgroup` reads that one; a lone listener is not found so. `socket` finds listeners too; of a connection in TIME_WAIT it knows
 * `transparent` and not `wildcard`. One in TIME_WAIT is here only for what the peer has no use for: the same client may have come to the peer
 * with the same port since.
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

/** How long each lasts, ms; absent: not at all. */
export type SecondChanceSets = Readonly<Partial<Record<SecondChanceSet, number | 'always'>>>;

/** Segments, since the tables were made. */
export interface SecondChanceCounts {
	/** To the peer, because no connection was here. */
	readonly passed: number;
	/** Back to the peer, which had passed on what has no connection here either. */
	readonly returned: number;
	/** Dropped: they would have gone round. */
	readonly stopped: number;
}

type Family = 'ip' | 'ip6';

export interface SecondChanceTable {
	/** Of the pair's tables. */
	readonly name: string;
	/** Of the advertisements. */
	readonly port: number;
	readonly leaseMs: number;
}

const setNames = ['keeping', 'passing', 'ajar'] as const;
const counterNames = ['passed', 'returned', 'stopped'] as const;

/** Makes the tables anew, in one transaction. */
export function createSecondChance(table: SecondChanceTable, routes: readonly SecondChanceRoute[]): string {
	const ofFamily = (family: Family) => routes.filter(route => ipOf(route) === family);
	return familiesOf(routes)
		.map(family => createFamily(table, family, ofFamily(family)))
		.join('; ');
}

/** Succeeds when there is none. */
export function removeSecondChance(name: string): string {
	return (['ip', 'ip6'] as const)
		.map(family => `add table ${family} ${name}; delete table ${family} ${name}`)
		.join('; ');
}

/**
 * What the node does from now on, in one transaction: the sets named, with their time; the others are emptied.
 *
 * @param claims this node is about to hold the lease: what lives here is let through the fence as before, and new connections are its own.
 */
export function setSecondChance(
	name: string,
	routes: readonly SecondChanceRoute[],
	sets: SecondChanceSets,
	claims = false,
): string {
	const devices = [...new Set(routes.map(({device}) => device))];
	const commands: string[] = [];
	for (const family of ['netdev', ...familiesOf(routes)]) {
		for (const set of setNames) {
			if (family === 'netdev' && set === 'passing') continue;
			commands.push(`flush set ${family} ${name} ${set}`);
			const lasts = sets[set];
			if (lasts === undefined || (claims && set === 'keeping' && family !== 'netdev')) continue;
			const time = lasts === 'always' ? '' : ` timeout ${Math.max(1, Math.round(lasts))}ms`;
			commands.push(
				`add element ${family} ${name} ${set} { ${devices.map(device => `"${device}"${time}`).join(', ')} }`,
			);
		}
	}
	return commands.join('; ');
}

/** Prints the tables, for `readSecondChance`. */
export function listSecondChance(name: string, routes: readonly SecondChanceRoute[]): string[] {
	return familiesOf(routes).map(family => `list table ${family} ${name}`);
}

/** Undefined when one of the tables is not there or is not attached any more. @param text what `listSecondChance` has printed. */
export function readSecondChance(
	text: string,
	name: string,
	routes: readonly SecondChanceRoute[],
): SecondChanceCounts | undefined {
	const tables = text.split(/^(?=table )/m).filter(table => table.includes('type filter hook input'));
	const stands = familiesOf(routes).every(family =>
		tables.some(table => table.startsWith(`table ${family} ${name} {`)),
	);
	if (!stands) return undefined;
	const count = (counter: string): number =>
		[...text.matchAll(new RegExp(`counter ${counter} \\{\\s*packets (\\d+)`, 'g'))].reduce(
			(sum, [, packets]) => sum + Number(packets),
			0,
		);
	return {passed: count('passed'), returned: count('returned'), stopped: count('stopped')};
}

function createFamily(
	{name, port, leaseMs}: SecondChanceTable,
	family: Family,
	routes: readonly SecondChanceRoute[],
): string {
	const at = `${family} ${name}`;
	const learn = [...new Set(routes.map(route => learnPeer(route, port)))];
	const chains = routes.map((route, index) => chainsOf(family, route, index));
	const rules = (chain: string, texts: readonly string[]) => texts.map(text => `add rule ${at} ${chain} ${text}`);
	return [
		`add table ${at}`,
		`delete table ${at}`,
		`add table ${at}`,
		...setNames.map(set => `add set ${at} ${set} { type iface_index; size 64; flags timeout; }`),
		`add set ${at} ${peersSet(leaseMs)}`,
		...counterNames.map(counter => `add counter ${at} ${counter}`),
		...chains
			.flatMap(made => Object.entries(made))
			.flatMap(([c, texts]) => [`add chain ${at} ${c}`, ...rules(c, texts)]),
		`add chain ${at} in { type filter hook input priority -310; policy accept; }`,
		...rules('in', learn),
		...rules(
			'in',
			routes.map(({address}, index) => `${family} daddr ${address} meta l4proto tcp jump at_${index}`),
		),
	].join('; ');
}

/** The chains of one address, each before those that lead to it. */
function chainsOf(family: Family, route: SecondChanceRoute, index: number): Record<string, readonly string[]> {
	const hops = family === 'ip' ? 'ip ttl' : 'ip6 hoplimit';
	const dup = `dup to ${route.remote} device "${route.device}" drop`;
	const begins = 'tcp flags & (syn | ack) == syn';
	const fromPeer = 'ether saddr @peers';
	return {
		// `dup` takes one of the hop limit.
		[`back_${index}`]: [`${hops} set 2 counter name returned ${dup}`],
		[`pass_${index}`]: [
			`${hops} <= 1 counter name stopped drop`,
			`${fromPeer} goto back_${index}`,
			`counter name passed ${dup}`,
		],
		[`look_${index}`]: [
			'meta cgroup >= 0 return',
			`socket wildcard 0-1 goto pass_${index}`,
			`${fromPeer} socket transparent 0-1 return`,
			`goto pass_${index}`,
		],
		// A master passes on nothing that begins: such a thing comes from another node that keeps.
		[`keep_${index}`]: [
			`${begins} ${fromPeer} counter name stopped drop`,
			`${begins} goto pass_${index}`,
			`goto look_${index}`,
		],
		[`at_${index}`]: [
			`iif @ajar ${fromPeer} accept`,
			`iif @passing ${fromPeer} accept`,
			`iif @passing tcp flags & (syn | ack) != syn goto look_${index}`,
			`iif @keeping goto keep_${index}`,
		],
	};
}

function familiesOf(routes: readonly SecondChanceRoute[]): Family[] {
	return [...new Set(routes.map(ipOf))];
}

function ipOf({family}: SecondChanceRoute): Family {
	return family === 4 ? 'ip' : 'ip6';
}

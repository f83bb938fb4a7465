/**
 * The wires of a lab: one switch, two nodes, a client, web servers and two eyes, each a network namespace.
 *
 * Decides the addresses (the founding article's) and how links are cut. An eye is a bystander that the switch connects
 * with one node only, so an answer that it gets for the virtual address can come from nobody else. Leaves processes
 * to `lab.ts`.
 */
import {receiveInBatches} from './batches.ts';
import {type Family, ownAddresses} from './families.ts';
import {addNamespace, removeNamespace, runIn} from './namespaces.ts';
import {findTool, maybeFindTool, runTool} from './tools.ts';

export type NodeRole = 'lb1' | 'lb2';
export type WebRole = 'web1' | 'web2' | 'web3';
export type Role = NodeRole | WebRole | 'client' | 'eye1' | 'eye2';

/** Addresses inside the lab; nothing of it is visible outside its namespaces. */
export const addresses: Readonly<Record<Role, string>> = {
	web1: '10.0.0.1',
	web2: '10.0.0.2',
	web3: '10.0.0.3',
	lb1: '10.0.0.11',
	lb2: '10.0.0.12',
	client: '10.0.0.50',
	eye1: '10.0.0.201',
	eye2: '10.0.0.202',
};
/** The second heartbeat path: a cable between the nodes alone. */
export const secondPath = {lb1: '192.168.77.11', lb2: '192.168.77.12'} as const;
export const virtualAddress = '10.0.0.100';
const allRoles = Object.keys(addresses) as Role[];

export class Network {
	readonly family: Family;
	readonly #prefix: string;
	readonly #roles: readonly Role[];
	readonly #eyes: boolean;
	readonly #guests: boolean;

	/**
	 * `kind` is a lower-case word of the program that builds the network; names are `hapair-KIND-PID-ROLE`. Without `eyes`
	 * nothing can be cut between the nodes, and nftables is not needed. With `guests` the nodes are virtual machines: each has a tap
	 * interface of its name in the switch's namespace, and neither a namespace nor the second path.
	 */
	constructor(
		kind: string,
		{eyes, family = 'ipv4', guests = false}: {eyes: boolean; family?: Family; guests?: boolean} = {eyes: true},
	) {
		this.family = family;
		this.#eyes = eyes;
		this.#guests = guests;
		this.#roles = allRoles.filter(role => eyes || !role.startsWith('eye'));
		this.#prefix = `hapair-${kind}-${process.pid}`;
	}

	/** The name of a namespace, as `ip netns` lists it. */
	namespaceOf(role: Role | 'switch'): string {
		return `${this.#prefix}-${role}`;
	}

	build(): void {
		addNamespace(this.namespaceOf('switch'));
		const bridge = ['link add br0 type bridge mcast_snooping 0', 'link set br0 up'];
		runTool('ip', ['-n', this.namespaceOf('switch'), '-batch', '-'], bridge.join('\n'));
		for (const role of this.#roles) this.#plugIn(role);
		if (this.#eyes && !this.#guests) this.#plugSecondPath();
		if (!this.#eyes) return;
		// An eye sees one node and nobody else.
		this.#filter([
			'add table bridge lab',
			'add chain bridge lab eyes { type filter hook forward priority 0; }',
			'add rule bridge lab eyes iifname eye1 oifname != lb1 drop',
			'add rule bridge lab eyes oifname eye1 iifname != lb1 drop',
			'add rule bridge lab eyes iifname eye2 oifname != lb2 drop',
			'add rule bridge lab eyes oifname eye2 iifname != lb2 drop',
			'add chain bridge lab cuts { type filter hook forward priority 1; }',
			'add chain bridge lab detour { type filter hook forward priority 2; }',
		]);
	}

	/** Removes every namespace with what runs in it. */
	destroy(): void {
		for (const role of this.#roles) removeNamespace(this.namespaceOf(role));
		removeNamespace(this.namespaceOf('switch'));
	}

	/** Pulls the cable of one machine: both ends lose their carrier. */
	cutLink(role: Role): void {
		runTool('ip', ['-n', this.namespaceOf('switch'), 'link', 'set', role, 'down']);
	}

	restoreLink(role: Role): void {
		runTool('ip', ['-n', this.namespaceOf('switch'), 'link', 'set', role, 'up']);
	}

	/** The nodes no longer hear each other; clients and servers reach both. */
	cutBetweenNodes(): void {
		this.cutOneWay('lb1', 'lb2');
		this.cutOneWay('lb2', 'lb1');
	}

	/** The same on the second path. */
	cutSecondPathOneWay(from: NodeRole, to: NodeRole): void {
		this.#filter([`add rule bridge lab cuts iifname ${from}b oifname ${to}b drop`]);
	}

	/** The node and a web server no longer hear each other. */
	cutFromWeb(node: NodeRole, web: WebRole): void {
		this.#filter([
			`add rule bridge lab cuts iifname ${node} oifname ${web} drop`,
			`add rule bridge lab cuts iifname ${web} oifname ${node} drop`,
		]);
	}

	/** What `from` sends no longer reaches `to`. */
	cutOneWay(from: NodeRole, to: NodeRole): void {
		this.#filter([`add rule bridge lab cuts iifname ${from} oifname ${to} drop`]);
	}

	/** The node and the client, where the witness is, no longer hear each other. */
	cutFromClient(node: NodeRole): void {
		this.#filter([
			`add rule bridge lab cuts iifname ${node} oifname client drop`,
			`add rule bridge lab cuts iifname client oifname ${node} drop`,
		]);
	}

	/** A share of the frames between the nodes is lost, in per cent, each way. */
	loseBetweenNodes(percent: number): void {
		const lost = `numgen random mod 100 < ${percent} drop`;
		this.#filter([
			`add rule bridge lab cuts iifname lb1 oifname lb2 ${lost}`,
			`add rule bridge lab cuts iifname lb2 oifname lb1 ${lost}`,
		]);
	}

	/** One rule of the switch, in nft's words, until `healBetweenNodes`. */
	refuse(rule: string): void {
		this.#filter([`add rule bridge lab cuts ${rule}`]);
	}

	healBetweenNodes(): void {
		this.#filter(['flush chain bridge lab cuts']);
	}

	/** The switch no longer passes the nodes' advertisements to each other: `relay.ts` does. */
	detourAdvertisements(): void {
		const ways = ['iifname lb1 oifname lb2', 'iifname lb2 oifname lb1'];
		// The copies for groups stay with the switch.
		const advertisements = ['udp dport 3694', 'ip protocol vrrp', 'ip6 nexthdr vrrp'];
		const unicast = 'ether daddr and 01:00:00:00:00:00 == 00:00:00:00:00:00';
		this.#filter(
			ways.flatMap(way => advertisements.map(which => `add rule bridge lab detour ${way} ${unicast} ${which} drop`)),
		);
	}

	endDetour(): void {
		this.#filter(['flush chain bridge lab detour']);
	}

	/** Gives a machine that lost its power the network state of a fresh boot. */
	reboot(role: Role): void {
		const nft = maybeFindTool('nft');
		if (nft !== undefined) runIn(this.namespaceOf(role), [nft, 'flush', 'ruleset']);
		runTool('ip', ['-n', this.namespaceOf(role), 'addr', 'flush', 'dev', 'eth0', 'scope', 'global']);
		this.#address(role);
		this.restoreLink(role);
	}

	/** See `batches.ts`. */
	receiveInBatches(role: Role): void {
		receiveInBatches(this.namespaceOf(role), this.namespaceOf('switch'), role);
	}

	/** Writes a kernel setting of one machine, `net.ipv4.…` with slashes. */
	setKernel(role: Role, path: string, value: string): void {
		runIn(this.namespaceOf(role), ['/bin/sh', '-c', `printf %s "$1" > "/proc/sys/$2"`, 'sh', value, path]);
	}

	#plugIn(role: Role): void {
		if (this.#guests && (role === 'lb1' || role === 'lb2')) {
			const lines = [`tuntap add dev ${role} mode tap`, `link set ${role} master br0 up`];
			runTool('ip', ['-n', this.namespaceOf('switch'), '-batch', '-'], lines.join('\n'));
			return;
		}
		addNamespace(this.namespaceOf(role));
		const [machine, hub] = [this.namespaceOf(role), this.namespaceOf('switch')];
		runTool('ip', ['-n', hub, 'link', 'add', role, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', machine]);
		runTool('ip', ['-n', hub, 'link', 'set', role, 'master', 'br0', 'up']);
		this.#address(role);
	}

	#plugSecondPath(): void {
		const hub = this.namespaceOf('switch');
		runTool('ip', ['-n', hub, '-batch', '-'], 'link add br1 type bridge mcast_snooping 0\nlink set br1 up');
		for (const node of ['lb1', 'lb2'] as const) {
			const machine = this.namespaceOf(node);
			runTool('ip', ['-n', hub, 'link', 'add', `${node}b`, 'type', 'veth', 'peer', 'name', 'eth1', 'netns', machine]);
			runTool('ip', ['-n', hub, 'link', 'set', `${node}b`, 'master', 'br1', 'up']);
			const lines = [`addr add ${secondPath[node]}/24 dev eth1`, 'link set eth1 up'];
			runTool('ip', ['-n', machine, '-batch', '-'], lines.join('\n'));
		}
	}

	#address(role: Role): void {
		// First the link: an interface that is down keeps no IPv6 address.
		const lines = ownAddresses(this.family, role).map(address => `addr add ${address} dev eth0`);
		runTool('ip', ['-n', this.namespaceOf(role), '-batch', '-'], ['link set eth0 up', ...lines].join('\n'));
	}

	#filter(lines: readonly string[]): void {
		runIn(this.namespaceOf('switch'), [findTool('nft'), '-f', '-'], `${lines.join('\n')}\n`);
	}
}

/**
 * Runs the rehearsal on each interface with a virtual address of IPv4.
 *
 * Decides whom to rehearse with (the peer's address on that interface), with which addresses (three by chance out of the node's
 * own network, none that the configuration or this machine knows), and whether the virtual address may be a sender: only where this
 * node holds it, or where nobody does and no lease of this node would drop it. Leaves judging to `checks/`.
 */
import {randomInt} from 'node:crypto';
import {BlockList} from 'node:net';
import {networkInterfaces} from 'node:os';
import type {VirtualAddress} from '@hapair/config';
import {clusterIdOf, leaseTableName} from '@hapair/heartbeat';
import {type AnnouncementFacts, readRehearsal} from './checks/announcement.ts';
import {rehearsalProgram} from './rehearsal-program.ts';
import {runTool} from './run-tool.ts';
import {devicesOf, type PathRoute, type Subject} from './subject.ts';

/** The slowest outcome takes 6 s. */
const rehearsalLimitMs = 10_000;
const candidates = 3;

/** One for each interface with a virtual address. */
export async function rehearse(subject: Subject): Promise<AnnouncementFacts[]> {
	const may = await chooseSender(subject);
	return Promise.all(devicesOf(subject.pair).map(device => rehearseOn(device, subject, may)));
}

async function rehearseOn(device: string, subject: Subject, may: Sender): Promise<AnnouncementFacts> {
	const {pair, peer, tools} = subject;
	const vips = pair.virtualAddresses.filter(vip => vip.interface === device);
	const vip = vips.find(({family}) => family === 4) ?? vips[0];
	const drivers = [...new Set(pair.drivers.map(({kind}) => kind))];
	const facts = {device, peer: peer.name, virtualAddress: vip?.address ?? '', drivers};
	const obstacle = findObstacle(device, vip, subject);
	if (obstacle !== undefined) return {...facts, obstacle};
	const route = subject.routes.find(each => each.device === device) as PathRoute;
	const free = chooseCandidates(device, route.local, subject);
	if (free.length === 0) {
		const message = `the network of ${route.local} on ${device} has no room for an address to rehearse a takeover with`;
		return {...facts, obstacle: {message}};
	}
	const words = [device, route.local, route.remote, facts.virtualAddress, may, ...free];
	const {output} = await runTool([tools.perl ?? '', '-e', rehearsalProgram, ...words], rehearsalLimitMs);
	const rehearsal = readRehearsal(output);
	if (rehearsal !== undefined) return {...facts, rehearsal};
	return {
		...facts,
		obstacle: {message: `the rehearsal on ${device} did not come to its end: ${output.split('\n').at(-1)}`},
	};
}

function findObstacle(
	device: string,
	vip: VirtualAddress | undefined,
	{routes, peer, tools, mayListen}: Subject,
): AnnouncementFacts['obstacle'] {
	if (vip?.family !== 4) {
		return {message: `${vip?.address} is IPv6: whether ${device} accepts neighbour advertisements is not rehearsed`};
	}
	const here = routes.find(route => route.device === device && route.remote.includes('.'));
	if (here === undefined) {
		const message = `no IPv4 address of ${peer.name} is known on ${device}, so no takeover could be rehearsed there`;
		return {message, hint: `a path line with the nodes' addresses on ${device} makes it possible`};
	}
	if (here.gateway !== undefined) {
		const message = `routed: ${peer.name} is behind the router ${here.gateway}, so an announcement on ${device} never reaches it`;
		return {message, isFatal: true};
	}
	if (tools.perl === undefined)
		return {message: 'perl is not installed, so no takeover could be rehearsed', hint: 'apt-get install perl-base'};
	if (!mayListen)
		return {
			message: 'this user may not send ARP, so no takeover could be rehearsed',
			hint: 'run hapair doctor as root',
		};
	return undefined;
}

type Sender = 'hold' | 'free' | 'leave';

/** A lease drops what comes from the address as long as this node does not hold it, and says nothing of the network. */
async function chooseSender({daemon, pair, tools}: Subject): Promise<Sender> {
	if (daemon !== undefined) return daemon.pair?.nodes[0].holdsAddress === true ? 'hold' : 'leave';
	if (tools.nft === undefined) return 'free';
	const table = leaseTableName(clusterIdOf(pair.name));
	return (await runTool([tools.nft, 'list', 'table', 'netdev', table], 2000)).exitCode === 0 ? 'leave' : 'free';
}

/** Addresses of the network that `local` is in, by chance, so that two runs do not meet. */
function chooseCandidates(device: string, local: string, {pair, configuration, routes}: Subject): string[] {
	const own = (networkInterfaces()[device] ?? []).find(({address}) => address === local);
	const length = Number(own?.cidr?.split('/')[1] ?? 32);
	if (length > 28) return [];
	const size = 2 ** (32 - length);
	const first = Math.floor(toNumber(local) / size) * size;
	const taken = new BlockList();
	const servers = configuration.backends.flatMap(({servers: listed}) =>
		listed.flatMap(({address}) => (address.kind === 'ip' ? [address.host] : [])),
	);
	const known = [
		...pair.nodes.map(({address}) => address),
		...pair.virtualAddresses.map(({address}) => address),
		...routes.flatMap(({remote, gateway}) => [remote, ...(gateway === undefined ? [] : [gateway])]),
		...Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({address}) => address)),
		...servers,
	];
	for (const address of known) if (/^[\d.]+$/.test(address)) taken.addAddress(address);
	const chosen = new Set<string>();
	for (let tries = 0; tries < 50 && chosen.size < candidates; tries++) {
		// Neither the network's own address nor the broadcast address.
		const address = toText(first + randomInt(1, Math.min(size, 2 ** 31) - 1));
		if (!taken.check(address)) chosen.add(address);
	}
	return [...chosen];
}

function toNumber(address: string): number {
	return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(value: number): string {
	return [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.');
}

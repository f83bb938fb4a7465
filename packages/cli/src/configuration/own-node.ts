/**
 * Which of the two nodes this machine is.
 *
 * Decides by `--node` or by the one node whose address is an address of this machine. Leaves guessing to nobody: with
 * none or both, the error lists what was compared.
 */
import {execFileSync} from 'node:child_process';
import {SocketAddress} from 'node:net';
import {networkInterfaces} from 'node:os';
import type {Pair, PairNode} from '@hapair/config';
import {exitCodes, UserError} from '../exit-codes.ts';
import {findTool} from '../processes/find-tool.ts';

/** The node this machine is. `requested` is `--node`. Throws a `UserError`. */
export function findOwnNode(pair: Pair, localAddresses: readonly string[], requested: string | undefined): PairNode {
	const known = pair.nodes.map(node => `${node.name} (${node.address})`).join(' and ');
	if (requested !== undefined) {
		const named = pair.nodes.find(node => node.name === requested);
		if (named !== undefined) return named;
		throw new UserError(`--node ${requested}: the pair "${pair.name}" has the nodes ${known}`, {
			exitCode: exitCodes.usage,
		});
	}
	const local = new Set(localAddresses.map(canonicalAddress));
	const candidates = pair.nodes.filter(node => local.has(canonicalAddress(node.address)));
	const [own] = candidates;
	if (candidates.length === 1 && own !== undefined) return own;
	const found = localAddresses.length === 0 ? 'no address at all' : [...new Set(localAddresses)].join(', ');
	throw new UserError(
		candidates.length === 0
			? `this machine is neither node of the pair "${pair.name}": the nodes are ${known}, this machine has ${found}`
			: `this machine has the addresses of both nodes of the pair "${pair.name}": ${known}`,
		{hint: `correct the addresses in the pair section, or say which node this is with --node ${pair.nodes[0].name}`},
	);
}

/** The other node. */
export function findPeer(pair: Pair, own: PairNode): PairNode {
	return pair.nodes[0].name === own.name ? pair.nodes[1] : pair.nodes[0];
}

/** Every address of this machine, loopback included. */
export function listLocalAddresses(): string[] {
	const listed = Object.values(networkInterfaces()).flatMap(addresses => (addresses ?? []).map(({address}) => address));
	return [...new Set([...listed, ...listWithIp()])];
}

/** Node lists only interfaces with a carrier; a node whose cable is out must still know itself. */
function listWithIp(): string[] {
	const ip = findTool('ip');
	if (ip === undefined) return [];
	try {
		const output = execFileSync(ip, ['-o', 'addr', 'show'], {
			encoding: 'utf8',
			timeout: 2000,
			stdio: ['ignore', 'pipe', 'ignore'],
		});
		return [...output.matchAll(/ inet6? ([0-9a-f.:]+)/g)].flatMap(match => (match[1] === undefined ? [] : [match[1]]));
	} catch {
		return [];
	}
}

/** One spelling for each address: `2001:DB8::0001` is `2001:db8::1`. */
function canonicalAddress(address: string): string {
	try {
		return new SocketAddress({address, family: address.includes(':') ? 'ipv6' : 'ipv4'}).address;
	} catch {
		return address;
	}
}

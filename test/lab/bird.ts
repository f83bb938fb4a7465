/**
 * BIRD 2 in a namespace of a lab: a real BGP speaker with its own configuration and control socket.
 *
 * Decides the sessions: each lab node speaks for AS 65001 with the router, the client of the lab, which is AS 65002 and puts what it
 * hears into its kernel. Leaves what a node announces to the file that it includes.
 */
import type {ChildProcess} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {spawnIn} from './namespaces.ts';
import {addresses, type Network, type NodeRole} from './network.ts';
import {findTool, tryTool} from './tools.ts';

const router = addresses.client;

function session(
	name: string,
	local: string,
	[localAs, peerAs]: readonly [number, number],
	peer: string,
	channel: string,
): string {
	const ends = `local ${local} as ${localAs}; neighbor ${peer} as ${peerAs};`;
	return `protocol bgp ${name} { ${ends} connect delay time 1; error wait time 1, 2; ipv4 { ${channel} }; }`;
}

export class Bird {
	readonly control: string;
	readonly #child: ChildProcess;

	/** Files are in `directory`, made when it is not there. */
	constructor(network: Network, role: NodeRole | 'client', directory: string) {
		mkdirSync(directory, {recursive: true});
		this.control = join(directory, 'bird.ctl');
		const own = addresses[role];
		const exports = 'import none; export where proto ~ "hapair_*"; next hop self;';
		const lines =
			role === 'client'
				? [
						'protocol kernel { ipv4 { export all; }; }',
						session('lb1', own, [65002, 65001], addresses.lb1, 'import all; export none;'),
						session('lb2', own, [65002, 65001], addresses.lb2, 'import all; export none;'),
					]
				: [`include "${directory}/hapair*.conf";`, session('to_client', own, [65001, 65002], router, exports)];
		const path = join(directory, 'bird.conf');
		writeFileSync(path, [`router id ${own};`, 'protocol device { }', ...lines, ''].join('\n'));
		const argv = [findTool('bird'), '-f', '-c', path, '-s', this.control, '-P', join(directory, 'bird.pid')];
		this.#child = spawnIn(network.namespaceOf(role), argv, {stdio: ['ignore', 'ignore', 'inherit']});
	}

	get pid(): number {
		return this.#child.pid ?? 0;
	}

	stop(signal: NodeJS.Signals): void {
		this.#child.kill(signal);
	}

	/** What birdc prints for a command. */
	ask(command: string): string {
		return tryTool('birdc', ['-s', this.control, ...command.split(' ')]).stdout;
	}

	/** Next hops of a route, the chosen one first. */
	routesTo(address: string): string[] {
		return [...this.ask(`show route ${address}/32 all`).matchAll(/^\s+via (\S+) on/gm)].map(([, hop = '']) => hop);
	}
}

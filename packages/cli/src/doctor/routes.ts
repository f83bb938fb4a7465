/**
 * How the kernel sends from this node to the peer on each path: interface, and the router in between.
 *
 * Decides nothing; asks `ip route get` (ip-route(8)).
 */
import type {Pair, PairNode} from '@hapair/config';
import {runTool} from './run-tool.ts';
import type {PathRoute} from './subject.ts';

export async function findRoutes(pair: Pair, own: PairNode, ip: string | undefined): Promise<PathRoute[]> {
	const at = pair.nodes[0].name === own.name ? 0 : 1;
	const addresses = [[pair.nodes[0].address, pair.nodes[1].address] as const, ...pair.paths];
	return Promise.all(
		addresses.map(async path => {
			const [local, remote] = [path[at], path[1 - at] as string];
			const route = {local, remote};
			if (ip === undefined) return route;
			const {output, exitCode} = await runTool([ip, '-o', 'route', 'get', remote, 'from', local], 2000);
			return exitCode === 0 ? {...route, ...readRoute(output)} : route;
		}),
	);
}

/** Of a line like `10.0.0.12 from 10.0.0.11 via 10.0.0.1 dev eth0 uid 0`. */
export function readRoute(line: string): Pick<PathRoute, 'device' | 'gateway'> {
	const device = / dev (\S+)/.exec(line)?.[1];
	const gateway = / via (?:inet6? )?([0-9a-fA-F.:]+)/.exec(line)?.[1];
	return {...(device === undefined ? {} : {device}), ...(gateway === undefined ? {} : {gateway})};
}

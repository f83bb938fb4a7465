/**
 * Numbers of the listening sockets that are counted by themselves (`option socket-stats`, `dst_conn`).
 *
 * Pure. Decides that they are dense over all frontends, in the order of the configuration. Every thread finds the same.
 */
import type {Configuration} from '@hapair/config';

type Frontends = Pick<Configuration, 'frontends'>;

export function countSockets({frontends}: Frontends): number {
	return frontends.reduce(
		(sum, {binds, socketStats, countsSockets}) => sum + (socketStats || countsSockets ? binds.length : 0),
		0,
	);
}

/** The number of a frontend's bind, both by their places; -1 when it is not counted. */
export function socketNumber({frontends}: Frontends, frontend: number, bind: number): number {
	const {socketStats, countsSockets} = frontends[frontend]!;
	if (!socketStats && !countsSockets) return -1;
	return countSockets({frontends: frontends.slice(0, frontend)}) + bind;
}

/**
 * How many transactions a server may have at this moment (HAProxy manual, `maxconn`, `minconn`, `fullconn`, `slowstart`). Pure.
 */
import type {Server} from '@hapair/config';

/**
 * 0 is no limit. `connections` are those of the whole backend, the one that asks included; at `fullconn` of them a server with
 * minconn has its maxconn. `percent` is what `slowstart` has reached.
 */
export function limitOf(
	{maxconn, minconn}: Pick<Server, 'maxconn' | 'minconn'>,
	connections: number,
	fullconn: number,
	percent: number,
): number {
	if (maxconn === 0) return 0;
	const isDynamic = minconn > 0 && minconn < maxconn && connections < fullconn;
	const limit = isDynamic ? Math.max(minconn, Math.floor((maxconn * connections) / fullconn)) : maxconn;
	return percent >= 100 ? limit : Math.max(1, Math.floor((limit * percent) / 100));
}

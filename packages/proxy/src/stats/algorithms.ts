/**
 * Which balance algorithms can take changes while they run.
 *
 * Pure. The others know servers that are on or off, unless they hash onto a circle (HAProxy manual, `balance`).
 */
import type {Backend} from '@hapair/config';

const DYNAMIC: readonly string[] = ['roundrobin', 'leastconn', 'random', 'first'];

export function isDynamic({balance, hashType}: Pick<Backend, 'balance' | 'hashType'>): boolean {
	return DYNAMIC.includes(balance) || (hashType?.method === 'consistent' && balance !== 'static-rr');
}

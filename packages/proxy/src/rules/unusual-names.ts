/**
 * `option http-restrict-req-hdr-names`: header names with other characters than letters, digits and hyphens (HAProxy manual).
 *
 * Decides which lines those are; programs behind gateways cannot tell `X_A` from `X-A`. Leaves refusing to the policy.
 */
import type {ProxyCommon} from '@hapair/config';

type UnusualNames = ProxyCommon['unusualNames'];

const UNUSUAL_LINE = /\r\n(?=[^\r:]*[^\r:A-Za-z0-9-][^\r:]*:)[^\r]*/g;

export function hasUnusualNames(head: string): boolean {
	return head.search(UNUSUAL_LINE) !== -1;
}

export function removeUnusualNames(head: string): string {
	return head.replace(UNUSUAL_LINE, '');
}

/** Both sides must be content. */
export function stricterOnNames(one: UnusualNames, other: UnusualNames): UnusualNames {
	if (one === 'reject' || other === 'reject') return 'reject';
	return one === 'delete' || other === 'delete' ? 'delete' : 'preserve';
}

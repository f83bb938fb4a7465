/**
 * The text of the nftables table that keeps what cannot be the peer's away from the heartbeat (pure).
 *
 * Decides by what the kernel can see cheaply: on one segment nothing but the peer's own machine can send with a TTL of 255 (RFC 5082),
 * and of other senders so few datagrams pass that reading and counting them costs nothing. Leaves everything that a key decides to
 * the process, and talking to nft to `guard.ts`.
 */
import {isIPv6} from 'node:net';

export interface GuardedPath {
	readonly local: string;
	readonly remote: string;
	/** No router in between, so that the TTL arrives as it was sent. */
	readonly isOnLink: boolean;
}

/** Of others than the peer, a second: enough to name a third speaker in `status`. */
const strangersPerSecond = 100;

/** Makes the table anew, in one transaction. @param name of the pair's tables; this one is in family inet. */
export function createGuard(name: string, port: number, paths: readonly GuardedPath[]): string {
	const rules = [...paths.flatMap(path => peerRules(path, port)), ...localRules(paths, port)];
	return [
		removeGuard(name),
		`add table inet ${name}`,
		`add chain inet ${name} in { type filter hook input priority -300; policy accept; }`,
		...rules.map(rule => `add rule inet ${name} in ${rule}`),
	].join('; ');
}

/** Succeeds when there is none. */
export function removeGuard(name: string): string {
	return `add table inet ${name}; delete table inet ${name}`;
}

function peerRules({local, remote, isOnLink}: GuardedPath, port: number): string[] {
	const ip = isIPv6(local) ? 'ip6' : 'ip';
	const fromPeer = `${ip} saddr ${remote} ${ip} daddr ${local} udp sport ${port} udp dport ${port}`;
	const hops = ip === 'ip' ? 'ip ttl' : 'ip6 hoplimit';
	return [...(isOnLink ? [`${fromPeer} ${hops} != 255 counter drop comment "ttl"`] : []), `${fromPeer} accept`];
}

function localRules(paths: readonly GuardedPath[], port: number): string[] {
	return [...new Set(paths.map(({local}) => local))].map(local => {
		const ip = isIPv6(local) ? 'ip6' : 'ip';
		return `${ip} daddr ${local} udp dport ${port} limit rate over ${strangersPerSecond}/second burst ${strangersPerSecond} packets counter drop comment "flood"`;
	});
}

export interface GuardCounts {
	/** Datagrams with the peer's address that came through a router. */
	readonly ttl: number;
	/** Datagrams of others, beyond what is read. */
	readonly flood: number;
}

/** From nft's listing; undefined when the table does not stand. */
export function readGuard(listing: string): GuardCounts | undefined {
	if (!/\bhook input\b/.test(listing)) return undefined;
	const sum = (comment: string) =>
		[...listing.matchAll(new RegExp(`counter packets (\\d+) bytes \\d+ drop comment "${comment}"`, 'g'))].reduce(
			(total, [, packets]) => total + Number(packets),
			0,
		);
	return {ttl: sum('ttl'), flood: sum('flood')};
}

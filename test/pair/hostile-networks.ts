/**
 * Networks that treat a moving address badly, as filters of the lab's switch (nftables, family bridge).
 *
 * Decides what each name means, for one node's port. An address is "known" when it is the node's own.
 */
import {runIn} from '../lab/namespaces.ts';
import {addresses, type Network, type NodeRole, virtualAddress} from '../lab/network.ts';

export type HostileNetwork = 'no GARP' | 'MAC lock' | 'anti-spoof' | 'allowed address' | 'port security' | 'small MTU';

/** Imposes it on what the node sends; `network.healBetweenNodes` lifts it. */
export function impose(network: Network, kind: HostileNetwork, node: NodeRole): void {
	for (const rule of rulesOf(network, kind, node)) network.refuse(rule);
}

function rulesOf(network: Network, kind: HostileNetwork, node: NodeRole): string[] {
	const own = addresses[node];
	const arpFrom = (known: string) => `iifname ${node} ether type arp arp saddr ip != { 0.0.0.0, ${known} } drop`;
	switch (kind) {
		case 'no GARP': {
			// Two fields cannot be compared, so every address of the segment stands in a set with itself.
			const twice = Array.from({length: 254}, (_, host) => `10.0.0.${host + 1} . 10.0.0.${host + 1}`);
			return [`ether type arp arp saddr ip . arp daddr ip { ${twice.join(', ')} } drop`];
		}
		case 'MAC lock':
			return [arpFrom(own)];
		case 'anti-spoof':
			return [arpFrom(own), `iifname ${node} ip saddr != ${own} drop`];
		case 'allowed address':
			return [arpFrom(`${own}, ${virtualAddress}`), `iifname ${node} ip saddr != { ${own}, ${virtualAddress} } drop`];
		case 'port security': {
			const mac = runIn(network.namespaceOf(node), ['/bin/cat', '/sys/class/net/eth0/address']).trim();
			return [`iifname ${node} ether saddr != ${mac} drop`];
		}
		case 'small MTU':
			return [`iifname ${node} ip length > 1400 drop`];
	}
}

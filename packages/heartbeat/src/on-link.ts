/** Which of the peer's addresses can be reached without a router, as the interfaces are now. */
import {BlockList, isIPv6} from 'node:net';
import {presentInterfaces} from './present-interfaces.ts';

/** The interface that has the local address, when its network has the remote one in it. */
export function findLink({local, remote}: {readonly local: string; readonly remote: string}): string | undefined {
	for (const [device, list] of Object.entries(presentInterfaces())) {
		const own = list?.find(({address}) => address === local);
		const length = Number(own?.cidr?.split('/')[1] ?? Number.NaN);
		if (Number.isNaN(length)) continue;
		const family = isIPv6(local) ? 'ipv6' : 'ipv4';
		const network = new BlockList();
		network.addSubnet(local, length, family);
		return network.check(remote, family) ? device : undefined;
	}
	return undefined;
}

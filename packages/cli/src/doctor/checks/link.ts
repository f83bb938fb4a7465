/**
 * The interfaces of the virtual addresses: there, up, with a carrier.
 */
import {readFileSync} from 'node:fs';
import {type Finding, finding} from '../finding.ts';

export interface LinkFacts {
	readonly device: string;
	readonly exists: boolean;
	readonly up: boolean;
	readonly carrier: boolean;
	readonly mtuBytes: number;
}

export function judgeLink({device, exists, up, carrier, mtuBytes}: LinkFacts): Finding {
	if (!exists) {
		const hint = 'list them with: ip -brief link; correct dev in the line virtual-ip';
		return finding('link', 'fail', `this machine has no interface ${device}`, hint);
	}
	if (!up) return finding('link', 'fail', `${device} is down`, `ip link set ${device} up`);
	if (!carrier) {
		return finding('link', 'fail', `${device} has no carrier`, 'look at the cable, the switch or the hypervisor');
	}
	return finding('link', 'ok', `${device} is up with a carrier, MTU ${mtuBytes}`);
}

export function probeLink(device: string): LinkFacts {
	const read = (name: string): string | undefined => {
		try {
			return readFileSync(`/sys/class/net/${device}/${name}`, 'latin1').trim();
		} catch {
			return undefined;
		}
	};
	const flags = read('flags');
	return {
		device,
		exists: flags !== undefined,
		up: (Number(flags ?? 0) & 1) === 1,
		// Reading it fails while the interface is down.
		carrier: read('carrier') === '1',
		mtuBytes: Number(read('mtu') ?? 0),
	};
}

/**
 * Do packets of the interface's full size reach the peer?
 *
 * Decides by an echo that may not be fragmented. A tunnel or a cloud network with a smaller MTU lets small packets through and swallows
 * large ones: heartbeats pass, responses hang.
 */
import {askEcho} from '../echo.ts';
import {type Finding, finding} from '../finding.ts';
import type {Subject} from '../subject.ts';
import {probeLink} from './link.ts';

export interface MtuFacts {
	readonly peer: string;
	readonly device: string;
	readonly mtuBytes: number;
	/** Echoes of ordinary and of full size; absent when they were not asked for. */
	readonly small?: boolean;
	readonly full?: boolean;
}

export function judgeMtu({peer, device, mtuBytes, small, full}: MtuFacts): Finding {
	if (full === true) return finding('mtu', 'ok', `packets of ${mtuBytes} bytes reach ${peer} whole`);
	if (small === undefined) {
		const message = 'the size of packets was not tried: there is no way to the peer, or no permission to ask';
		return finding('mtu', 'unknown', message, 'run hapair doctor as root, with perl installed');
	}
	if (!small) {
		const message = `${peer} answers no echo, so its MTU is not known`;
		return finding('mtu', 'unknown', message, 'is it up? does a firewall drop ICMP?');
	}
	const message = `packets of ${mtuBytes} bytes do not reach ${peer} through ${device}, small ones do: large responses may hang`;
	return finding('mtu', 'warn', message, `lower the MTU of ${device} to what passes, or repair the path`);
}

/** What ping sends. */
const smallBytes = 84;

export async function probeMtu(subject: Subject): Promise<MtuFacts> {
	const [route] = subject.routes;
	const device = route?.device ?? '';
	// What this node sends; Ethernet's jumbo frames are the largest that links have, the loopback has more.
	const mtuBytes = Math.min(probeLink(device).mtuBytes, 9000);
	const facts = {peer: subject.peer.name, device, mtuBytes};
	if (route === undefined || device === '' || mtuBytes < smallBytes) return facts;
	const answered = await askEcho(route, [smallBytes, mtuBytes], subject);
	if (answered === undefined) return facts;
	return {...facts, small: answered.has(smallBytes), full: answered.has(mtuBytes)};
}

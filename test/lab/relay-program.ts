/**
 * The program that is the bad network between the two nodes; started by `relay.ts` in the switch's namespace.
 *
 * Decides which frames it takes: unicast advertisements, hapair's (UDP to port 3694) and VRRP's (protocol 112), as they enter the switch
 * from one node. Each leaves at the other node's port as it came, byte for byte, so that TTL, source and signature are the sender's.
 * What happens to a frame on the way is in `relay-plan.ts`; that the switch itself drops these frames is in `network.ts`.
 */
import {setImmediate as nextTurn} from 'node:timers/promises';
import {frameOffset, PacketSocket, waitForFrames} from './packet-socket.ts';
import type {RelayOrder, RelayWord} from './relay.ts';
import {RelayPlan} from './relay-plan.ts';
import {monotonicMs} from './wait.ts';

const advertisementPort = 3694;
const UDP = 17;
const VRRP = 112;
const longestWaitMs = 100;

/** An advertisement for one machine; what goes to groups is left to the switch. */
function isAdvertisement(bytes: Buffer): boolean {
	const frame = bytes.subarray(frameOffset);
	if (frame.length < 14 + 28 || (frame[0]! & 1) !== 0) return false;
	const type = frame.readUInt16BE(12);
	const isIPv6 = type === 0x86dd;
	if (!isIPv6 && type !== 0x0800) return false;
	const protocol = frame[isIPv6 ? 14 + 6 : 14 + 9];
	if (protocol === VRRP) return true;
	const udp = 14 + (isIPv6 ? 40 : (frame[14]! & 15) * 4);
	return protocol === UDP && frame.length >= udp + 8 && frame.readUInt16BE(udp + 2) === advertisementPort;
}

let stopped = false;

async function relay({ports, impairment}: Extract<RelayOrder, {kind: 'start'}>): Promise<RelayWord> {
	const sockets = ports.map(port => new PacketSocket(port));
	const ways = sockets.map((from, index) => {
		return {from, to: sockets[1 - index]!, plan: new RelayPlan<Buffer>(impairment, index)};
	});
	process.send?.({kind: 'started'} satisfies RelayWord);
	while (!stopped) {
		const nextMs = Math.min(...ways.map(({plan}) => plan.nextMs ?? Number.POSITIVE_INFINITY));
		waitForFrames(sockets, Math.min(longestWaitMs, nextMs - monotonicMs()));
		for (const {from, to, plan} of ways) {
			for (let frame = from.receive(); frame !== undefined; frame = from.receive()) {
				if (isAdvertisement(frame)) plan.add(frame, monotonicMs());
			}
			for (const frame of plan.takeDue(monotonicMs())) to.send(frame);
		}
		// Orders come in between two waits.
		await nextTurn();
	}
	const counts = ways.map(({plan}) => plan.counts);
	const sum = (name: 'relayed' | 'reordered' | 'duplicated') => counts.reduce((total, each) => total + each[name], 0);
	return {
		kind: 'counts',
		counts: {relayed: sum('relayed'), reordered: sum('reordered'), duplicated: sum('duplicated')},
	};
}

process.on('disconnect', () => process.exit(0));
process.on('message', async (order: RelayOrder) => {
	if (order.kind === 'stop') {
		stopped = true;
		return;
	}
	process.send?.(await relay(order), () => process.exit(0));
});
process.send?.({kind: 'ready'} satisfies RelayWord);

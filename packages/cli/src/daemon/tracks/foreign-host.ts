/**
 * A host that is neither node and answers for a virtual address: while there is one, this node does not want the address.
 *
 * Decides by duplicate address detection (RFC 5227 §2.1.1: an ARP probe from 0.0.0.0), which disturbs no neighbour's table. Asks only while
 * nobody of the pair holds the address as far as this node knows, so the answer can be no node's. Every pair of IPv4 addresses has
 * this track; the kernel does the same for IPv6 when the address is added.
 */
import type {VirtualAddress} from '@hapair/config';
import type {HeartbeatStatus} from '@hapair/heartbeat';
import {findTool} from '../../processes/find-tool.ts';
import {runProgram, safePath} from '../../processes/run-program.ts';
import {monitorPeriodically, type TrackMonitor} from './monitor.ts';

/** Twice in a row, so that an address on the move is nobody's foreign host; after a start once. arping waits in whole seconds. */
const timing = {everyMs: 1500, timeoutMs: 2000, rise: 1, fall: 2};
const untilKnownMs = 50;

export function createForeignHostTrack(vip: VirtualAddress, status: () => HeartbeatStatus | undefined): TrackMonitor {
	const tool = findTool('arping');
	const name = `address ${vip.address}`;
	const monitor = monitorPeriodically(name, timing, async signal => {
		if (tool === undefined || !isFree(status())) return {passed: true, reason: ''};
		const argv = [tool, '-D', '-c', '2', '-w', '1', '-I', vip.interface, vip.address];
		const {output} = await runProgram({argv, timeoutMs: timing.timeoutMs, environment: {PATH: safePath}, signal});
		const hosts = findHosts(output);
		if (hosts.length === 0 || !isFree(status())) return {passed: true, reason: ''};
		return {passed: false, reason: `${name} is in use by ${hosts.join(' and ')} on ${vip.interface}`};
	});
	let timer: NodeJS.Timeout | undefined;
	return {
		result: () => {
			const result = monitor.result();
			// A claim before the first look could be a second speaker's.
			return result.state === 'unknown'
				? {...result, reason: `whether somebody has ${vip.address} is not known yet`}
				: result;
		},
		start: onChange => {
			// The first result counts at once, so it waits until the heartbeat has spoken.
			timer = setInterval(() => {
				if (status() === undefined) return;
				clearInterval(timer);
				monitor.start(onChange);
			}, untilKnownMs);
		},
		stop: () => {
			clearInterval(timer);
			monitor.stop();
		},
	};
}

/** Neither node holds the address, as far as is known here. */
function isFree(status: HeartbeatStatus | undefined): boolean {
	if (status === undefined || status.holdsAddress || status.state === 'master') return false;
	return !(status.peer.alive && (status.peer.holdsAddress || status.peer.state === 'master'));
}

/** The hardware addresses in arping's lines, each once. */
export function findHosts(output: string): readonly string[] {
	const found = [...output.matchAll(/\[([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5})\]/g)];
	return [...new Set(found.map(([, mac]) => mac!.toLowerCase()))];
}

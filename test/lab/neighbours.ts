/**
 * Does the kernel know the hardware address of a neighbour? Its ARP table (IPv4) or its neighbour cache (IPv6).
 *
 * Decides how each is read often: the ARP table is a file; the neighbour cache is not, so one `ip monitor` tells each change of it.
 */
import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {isIPv6} from 'node:net';
import {createInterface} from 'node:readline';
import {findTool} from './tools.ts';

export interface Neighbour {
	/** It has answered since it was last forgotten. */
	isKnown(): boolean;
	close(): void;
}

export function watchNeighbour(address: string): Neighbour {
	return isIPv6(address) ? watchCache(address) : {isKnown: () => isInArpTable(address), close() {}};
}

/** Flag 0x2 of the table: the entry is complete. */
function isInArpTable(address: string): boolean {
	for (const line of readFileSync('/proc/net/arp', 'latin1').split('\n')) {
		const [ip, , flags] = line.split(/\s+/);
		if (ip === address) return (Number(flags) & 2) !== 0;
	}

	return false;
}

/** The last word about the address: it is known from `REACHABLE` on, until it was made `FAILED` or deleted. */
function watchCache(address: string): Neighbour {
	const argv = ['-6', 'monitor', 'neigh', 'dev', 'eth0'];
	const monitor = spawn(findTool('ip'), argv, {stdio: ['ignore', 'pipe', 'inherit']});
	let known = false;
	createInterface({input: monitor.stdout}).on('line', line => {
		const words = line.split(' ');
		if (words.includes(address))
			known = words[0] !== 'Deleted' && words.includes('lladdr') && !words.includes('FAILED');
	});
	return {isKnown: () => known, close: () => void monitor.kill('SIGKILL')};
}

/**
 * Asks the segment who has an address: by ARP (arping), or for IPv6 by letting the kernel ask and reading its table of neighbours.
 *
 * Decides how. An ordinary question with this node's own address, as a client's would be. Leaves what it means to `address-probe.ts`.
 */
import {createSocket} from 'node:dgram';
import {readFileSync} from 'node:fs';
import {networkInterfaces} from 'node:os';
import {setTimeout as sleep} from 'node:timers/promises';
import type {VirtualAddress} from '@hapair/config';
import {findTool} from '../processes/find-tool.ts';
import {runProgram, safePath} from '../processes/run-program.ts';
import {findHosts} from './tracks/foreign-host.ts';

const limitMs = 1800;
/** Discard (RFC 863): nobody listens, and who does keeps still. */
const quietPort = 9;

/**
 * Hardware addresses in lower case; undefined when it cannot be asked. Never rejects. `first`: ends with the first answer, and asks by an ARP
 * probe, which a node that keeps the address muted may send too.
 */
export function askNeighbour(vip: VirtualAddress, first: boolean): Promise<readonly string[] | undefined> {
	return vip.family === 4 ? askByArp(vip, first) : askByKernel(vip);
}

async function askByArp(
	{address, interface: dev}: VirtualAddress,
	first: boolean,
): Promise<readonly string[] | undefined> {
	const tool = findTool('arping');
	if (tool === undefined) return undefined;
	const argv = [tool, first ? '-D' : '-b', '-c', '2', '-w', '1', '-I', dev, address];
	const {output, exitCode} = await runProgram({argv, timeoutMs: limitMs, environment: {PATH: safePath}});
	const hosts = findHosts(output);
	// What could not ask, for want of an address or a right, has sent nothing.
	return hosts.length === 0 && (exitCode === 2 || !output.includes('Sent ')) ? undefined : hosts;
}

async function askByKernel({address, interface: dev}: VirtualAddress): Promise<readonly string[] | undefined> {
	const tool = findTool('ip');
	const isOwn = Object.values(networkInterfaces()).some(list => list?.some(own => own.address === address));
	if (tool === undefined || isOwn || !(await sendNothing(address))) return undefined;
	const argv = [tool, '-6', '-json', 'neigh', 'show', 'to', address, 'dev', dev];
	const endMs = performance.now() + limitMs;
	while (performance.now() < endMs) {
		const {output, exitCode} = await runProgram({
			argv,
			timeoutMs: 500,
			environment: {PATH: safePath},
			onlyStdout: true,
		});
		if (exitCode !== 0) return undefined;
		const found = readNeighbour(output);
		if (found !== undefined) return found;
		await sleep(150);
	}
	return [];
}

/** An empty datagram makes the kernel look for its neighbour. */
function sendNothing(address: string): Promise<boolean> {
	const {promise, resolve} = Promise.withResolvers<boolean>();
	const socket = createSocket('udp6');
	socket.on('error', () => resolve(false));
	socket.send(new Uint8Array(0), quietPort, address, error => resolve(error === null));
	return promise.finally(() => socket.close());
}

/** Of `ip -json neigh`: who it is, nobody, or undefined while the kernel still asks. */
export function readNeighbour(text: string): readonly string[] | undefined {
	const [entry] = JSON.parse(text === '' ? '[]' : text) as {lladdr?: string; state?: string[]}[];
	if (entry === undefined || entry.state?.includes('INCOMPLETE')) return undefined;
	if (entry.state?.includes('FAILED')) return [];
	return entry.lladdr === undefined ? undefined : [entry.lladdr.toLowerCase()];
}

/** The hardware address of a neighbour, as `/proc/net/arp` has it; IPv4. */
export function findHardware(address: string, networkInterface: string, table = readTable()): string | undefined {
	for (const line of table.split('\n')) {
		const [ip, , flags, hardware, , dev] = line.trim().split(/\s+/);
		if (ip === address && dev === networkInterface && flags !== '0x0') return hardware?.toLowerCase();
	}
	return undefined;
}

function readTable(): string {
	try {
		return readFileSync('/proc/net/arp', 'latin1');
	} catch {
		return '';
	}
}

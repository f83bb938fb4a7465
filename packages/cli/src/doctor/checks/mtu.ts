/**
 * Do packets of the interface's full size reach the peer?
 *
 * Decides by an echo that may not be fragmented. A tunnel or a cloud network with a smaller MTU lets small packets through and swallows
 * large ones: heartbeats pass, responses hang.
 */
import {isIP} from 'node:net';
import {type Finding, finding} from '../finding.ts';
import {runTool} from '../run-tool.ts';
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
		const message = 'the size of packets was not tried: ping is missing, or there is no way to the peer';
		return finding('mtu', 'unknown', message, 'apt-get install iputils-ping');
	}
	if (!small) {
		const message = `${peer} answers no echo, so its MTU is not known`;
		return finding('mtu', 'unknown', message, 'is it up? does a firewall drop ICMP?');
	}
	const message = `packets of ${mtuBytes} bytes do not reach ${peer} through ${device}, small ones do: large responses may hang`;
	return finding('mtu', 'warn', message, `lower the MTU of ${device} to what passes, or repair the path`);
}

export async function probeMtu({routes: [route], peer, tools: {ping}}: Subject): Promise<MtuFacts> {
	const device = route?.device ?? '';
	const {mtuBytes} = probeLink(device);
	const facts = {peer: peer.name, device, mtuBytes};
	if (ping === undefined || route === undefined || device === '' || mtuBytes === 0) return facts;
	const echo = async (bytes: number): Promise<boolean> => {
		const size = ['-M', 'do', '-s', String(bytes)];
		const argv = [ping, '-n', '-q', ...size, '-c', '2', '-i', '0.2', '-W', '1', '-I', route.local, route.remote];
		return (await runTool(argv, 4000)).exitCode === 0;
	};
	// Headers of IP and ICMP.
	const fullBytes = Math.min(mtuBytes, 65_535) - (isIP(route.remote) === 6 ? 48 : 28);
	const [small, full] = await Promise.all([echo(56), echo(fullBytes)]);
	return {...facts, small, full};
}

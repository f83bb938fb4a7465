/**
 * `track interface`: this node is fit while an interface is up and has a carrier.
 *
 * Decides from `/sys/class/net`, read every 100 ms; a few bytes of kernel memory, no disk. Some drivers never leave
 * `operstate` `unknown` (loopback, tunnels): there the carrier alone decides.
 */
import {readFileSync} from 'node:fs';
import type {TrackMonitor, TrackResult} from './monitor.ts';

const everyMs = 100;

/** `sysDirectory` is `/sys/class/net` unless a test says otherwise. */
export function createInterfaceTrack(interfaceName: string, sysDirectory = '/sys/class/net'): TrackMonitor {
	let result = readInterface(interfaceName, sysDirectory);
	let timer: NodeJS.Timeout | undefined;
	return {
		result: () => result,
		start: onChange => {
			timer = setInterval(() => {
				const now = readInterface(interfaceName, sysDirectory);
				if (now.state === result.state && now.reason === result.reason) return;
				result = now;
				onChange();
			}, everyMs);
		},
		stop: () => clearInterval(timer),
	};
}

function readInterface(name: string, sysDirectory: string): TrackResult {
	const operstate = readValue(`${sysDirectory}/${name}/operstate`);
	if (operstate === undefined) return {state: 'failed', reason: `interface ${name} does not exist`};
	// Reading `carrier` of an interface that is administratively down fails with EINVAL.
	const carrier = readValue(`${sysDirectory}/${name}/carrier`);
	if (carrier !== '1') return {state: 'failed', reason: `interface ${name} has no carrier`};
	if (operstate === 'up' || operstate === 'unknown') return {state: 'ok', reason: ''};
	return {state: 'failed', reason: `interface ${name} is ${operstate}`};
}

function readValue(path: string): string | undefined {
	try {
		return readFileSync(path, 'latin1').trim();
	} catch {
		return undefined;
	}
}

/**
 * `track gateway`: this node is fit while a router answers.
 *
 * Decides how to ask: an ICMP echo by `ping`, or where that is not installed, ARP by `arping` for an IPv4 address on the
 * virtual address's interface. Node itself has no raw sockets.
 */
import type {Track} from '@hapair/config';
import {findTool} from '../../processes/find-tool.ts';
import {describeOutcome, runProgram, safePath} from '../../processes/run-program.ts';
import {monitorPeriodically, type TrackMonitor} from './monitor.ts';

type GatewayTrack = Extract<Track, {kind: 'gateway'}>;

/** `interfaceName` is where `arping` asks. */
export function createGatewayTrack(track: GatewayTrack, interfaceName: string): TrackMonitor {
	const name = `gateway ${track.address}`;
	const argv = gatewayCommand(track, interfaceName, {ping: findTool('ping'), arping: findTool('arping')});
	return monitorPeriodically(name, track, async signal => {
		if (argv === undefined) {
			return {passed: false, reason: `${name} cannot be asked: install iputils-ping or iputils-arping`};
		}
		// The tools' own deadline is in whole seconds; ours is exact.
		const outcome = await runProgram({argv, timeoutMs: track.timeoutMs, environment: {PATH: safePath}, signal});
		if (outcome.exitCode === 0) return {passed: true, reason: ''};
		const reason =
			outcome.timedOut || outcome.exitCode === 1 ? 'does not answer' : describeOutcome(outcome, track.timeoutMs);
		return {passed: false, reason: `${name} ${reason}`};
	});
}

/** The command that asks once, or `undefined` when no installed tool can. */
export function gatewayCommand(
	track: Pick<GatewayTrack, 'address' | 'timeoutMs'>,
	interfaceName: string,
	tools: {readonly ping: string | undefined; readonly arping: string | undefined},
): string[] | undefined {
	const waitS = String(Math.max(1, Math.ceil(track.timeoutMs / 1000)));
	if (tools.ping !== undefined) return [tools.ping, '-n', '-q', '-c', '1', '-W', waitS, track.address];
	if (tools.arping === undefined || track.address.includes(':')) return undefined;
	return [tools.arping, '-q', '-f', '-c', '1', '-w', waitS, '-I', interfaceName, track.address];
}

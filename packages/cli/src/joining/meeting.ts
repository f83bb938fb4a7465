/**
 * Do both nodes see each other? Asked of the daemon here, which also knows what the peer hears.
 *
 * Decides when a join is complete: the peer is alive, hears this node and runs the same configuration.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import {askDaemon, readStatus} from '../daemon/control-client.ts';
import type {NodeReport} from '../daemon/status-report.ts';

const askLimitMs = 2000;
const pauseMs = 250;

export interface Meeting {
	/** A daemon answers here. */
	readonly daemon: boolean;
	readonly complete: boolean;
	/** What is still missing; empty when nothing is. */
	readonly lacking: string;
}

export async function askMeeting(socketPath: string, pairName: string): Promise<Meeting> {
	const answer = await askDaemon(socketPath, {command: 'status'}, askLimitMs);
	const pair = readStatus(answer)?.pair;
	if (pair === undefined || pair.name !== pairName)
		return {daemon: false, complete: false, lacking: 'no daemon of this pair runs here'};
	const lacking = findLacking(pair.nodes[0], pair.nodes[1]);
	return {daemon: true, complete: lacking === '', lacking};
}

function findLacking(self: NodeReport, peer: NodeReport): string {
	if (!peer.alive) return `nothing is heard of ${peer.name}`;
	if (peer.hearsUs !== true) return `${peer.name} does not hear this node`;
	if (peer.configDigest !== self.configDigest) return `${peer.name} runs another configuration`;
	return '';
}

/** The last answer; complete, or at the limit, or when interrupted. */
export async function awaitMeeting(
	socketPath: string,
	pairName: string,
	limitMs: number,
	interrupted: AbortSignal,
): Promise<Meeting> {
	const deadlineMs = performance.now() + limitMs;
	for (;;) {
		const meeting = await askMeeting(socketPath, pairName);
		if (meeting.complete || performance.now() > deadlineMs || interrupted.aborted) return meeting;
		await sleep(pauseMs);
	}
}

/**
 * The planned failover as the master's daemon conducts it, so that no request is lost.
 *
 * Where both nodes can pass connections on (`HeartbeatStatus.secondChance`) the address moves at once and what lives here lives on
 * here (`keeping.ts`). Else what lives here must end first.
 *
 * Order then: is the peer able? → the proxy closes each connection with its response, so that keep-alive clients come back on
 * fresh ones → the door is shut for new connections (their SYN is repeated by the client and arrives at the peer), idle ones
 * are closed, and who waits to be accepted is → what is still in work ends, or is ended: once the address has gone nothing can tell its client,
 * who would wait for an answer until he gives up → the heartbeats move the address, release before claim. When any step fails,
 * draining ends and the address stays. Leaves the move itself to the heartbeat processes.
 */
import type {HeartbeatStatus} from '@hapair/heartbeat';
import type {ProxySnapshot} from '@hapair/proxy';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import {formatDuration} from '../terminal.ts';
import {farewellMs} from './keeping.ts';

export interface HandoverPorts {
	status(): HeartbeatStatus | undefined;
	snapshot(): ProxySnapshot | undefined;
	drainProxy(on: boolean): void;
	closeIdle(): void;
	/** Ends what came to the virtual addresses. */
	endHere(): void;
	closeDoor(forMs: number): void;
	/** The heartbeat's answer, or `undefined` when none came within the limit. `keepMs`: how long connections may live on here. */
	requestFailover(
		force: boolean,
		limitMs: number,
		keepMs: number,
		mayReturn: boolean,
	): Promise<FailoverAnswer | undefined>;
	/** After the move: what the network says against it, in words; empty when nothing does. Ends within some seconds. */
	confirm(): Promise<string>;
	/** Resolves at the proxy's next snapshot, at the latest after `limitMs`. */
	nextSnapshot(limitMs: number): Promise<void>;
	nowMs(): number;
}

export interface FailoverAnswer {
	readonly ok: boolean;
	readonly message: string;
	readonly durationMs: number;
}

export interface HandoverRequest {
	readonly force: boolean;
	/** Longest time for connections to end by themselves before the move, where they cannot outlive it. */
	readonly drainMs: number;
	/** Longest time for them to live on here after the move, where they can; 0 = they end before it. */
	readonly keepMs: number;
	/** Longest time for the whole. */
	readonly timeoutMs: number;
	readonly progress: (message: string) => void;
	/** Nobody has asked for the address to be over there: preference may bring it back. */
	readonly mayReturn?: boolean;
	/** Called at the moment from which nobody new is let in here. */
	readonly doorShut?: () => void;
}

export interface HandoverOutcome {
	readonly code: ExitCode;
	readonly message: string;
	readonly durationMs: number;
	/** The address has moved, and connections live on here: they are to end after so long, ms. */
	readonly keepMs?: number;
}

/** Unless a command says otherwise, ms: before a move where connections end with it, and after one that they outlive. */
export const usualDrain = {drainMs: 2000, keepMs: 60_000} as const;

/** How long new connections wait outside; a client repeats its SYN after one second (RFC 6298 §2.1). */
const doorMs = 1000;
/** How long what is in work may take once the door is shut. */
const lastTransactionsMs = 400;
/** How long a worker that gets no processor time may take to accept who came before the door was shut. */
const acceptingMs = 900;
/** Until who is told that it ends here has been told. */
const endingMs = 50;
/** Until the door is shut for certain, and who was let in before is counted: nft takes 1–3 ms. */
const shuttingMs = 8;
/** An accepted connection whose request has not arrived is not yet a transaction; give it this long. */
const quietMs = 60;

/** Moves the address from this node, the master, to the peer, and asks the network whether it agrees. Never rejects. */
export async function handOver(ports: HandoverPorts, request: HandoverRequest): Promise<HandoverOutcome> {
	const moved = await move(ports, request);
	const doubts = moved.code === exitCodes.ok ? await ports.confirm() : '';
	return doubts === '' ? moved : {...moved, message: `${moved.message}. But ${doubts}`};
}

async function move(ports: HandoverPorts, request: HandoverRequest): Promise<HandoverOutcome> {
	const startedMs = ports.nowMs();
	const deadlineMs = startedMs + request.timeoutMs;
	const outcome = (code: ExitCode, message: string): HandoverOutcome => ({
		code,
		message,
		durationMs: ports.nowMs() - startedMs,
	});
	const status = ports.status();
	if (status === undefined) return outcome(exitCodes.failed, heartbeatDown);
	const refusal = findRefusal(status, request.force);
	if (refusal !== undefined) return outcome(exitCodes.refused, formatRefusal(refusal));
	if (request.keepMs > 0 && whyNoneLivesOn(status) === '') return moveAtOnce(ports, request, status, outcome);
	try {
		await drain(ports, request, deadlineMs);
		const limitMs = deadlineMs - ports.nowMs();
		if (limitMs <= 0) return outcome(exitCodes.timedOut, timedOut(request));
		request.progress(`moving the address to ${status.peer.node}`);
		const answer = await ports.requestFailover(request.force, limitMs, 0, request.mayReturn === true);
		if (answer === undefined) return outcome(exitCodes.timedOut, timedOut(request));
		if (answer.ok) return outcome(exitCodes.ok, answer.message);
		return outcome(exitCodes.refused, `${answer.message}; draining has ended, this node goes on as before`);
	} finally {
		ports.drainProxy(false);
	}
}

/** Nothing is drained before: what lives here lives on here. */
async function moveAtOnce(
	ports: HandoverPorts,
	{force, keepMs, timeoutMs, progress, mayReturn = false}: HandoverRequest,
	status: HeartbeatStatus,
	outcome: (code: ExitCode, message: string) => HandoverOutcome,
): Promise<HandoverOutcome> {
	progress(`moving the address to ${status.peer.node}`);
	// The kernel holds the way open a little longer, so that what is closed at the end gets through.
	const answer = await ports.requestFailover(force, timeoutMs, keepMs + 2 * farewellMs, mayReturn);
	if (answer === undefined) {
		return outcome(
			exitCodes.timedOut,
			`the failover did not end within ${formatDuration(timeoutMs)}, "hapair status" shows who holds the address`,
		);
	}
	if (!answer.ok) return outcome(exitCodes.refused, `${answer.message}; this node goes on as before`);
	const count = ports.snapshot()?.connections ?? 0;
	const limit = formatDuration(keepMs);
	const living =
		count === 0
			? 'no connection was left here'
			: `${count} ${count === 1 ? 'connection lives' : 'connections live'} on here for up to ${limit}, then they are closed`;
	return {...outcome(exitCodes.ok, `${answer.message}; ${living}`), keepMs};
}

/** Why connections would end with a move of the address; empty when they outlive it. */
export function whyNoneLivesOn({secondChance, peer}: HeartbeatStatus): string {
	if (secondChance.why !== '') return secondChance.why;
	return secondChance.peerAble ? '' : `${peer.node} cannot pass them on`;
}

/** It is back within a second or its back-off. */
export const heartbeatDown = 'the heartbeat process is not running at this moment; try again in a second';

function timedOut(request: HandoverRequest): string {
	return `the failover did not end within ${formatDuration(request.timeoutMs)}; draining has ended, "hapair status" shows who holds the address`;
}

/** Connections first end by themselves, then the door is shut, then the last transactions end. */
async function drain(ports: HandoverPorts, request: HandoverRequest, deadlineMs: number): Promise<void> {
	const atStart = ports.snapshot()?.connections ?? 0;
	if (request.drainMs > 0) {
		request.progress(`draining ${atStart} connections for up to ${formatDuration(request.drainMs)}`);
		ports.drainProxy(true);
		await waitUntil(ports, Math.min(ports.nowMs() + request.drainMs, deadlineMs), isCycled);
	}
	request.progress('new connections wait');
	request.doorShut?.();
	ports.closeDoor(doorMs);
	// Who asked nothing all the while is told by the end of its connection, not by a reset from the other node later.
	const closings = ports.snapshot()?.idleClosings ?? 0;
	ports.closeIdle();
	const shutMs = ports.nowMs();
	let acceptedMs: number | undefined;
	await waitUntil(ports, Math.min(shutMs + acceptingMs, deadlineMs), snapshot => {
		if (snapshot.idleClosings <= closings) return false;
		acceptedMs ??= ports.nowMs();
		if (snapshot.connections === 0) return ports.nowMs() - shutMs >= shuttingMs;
		return ports.nowMs() - acceptedMs >= (snapshot.activeTransactions === 0 ? quietMs : lastTransactionsMs);
	});
	if ((ports.snapshot()?.connections ?? 0) === 0) return;
	ports.endHere();
	await waitUntil(ports, Math.min(ports.nowMs() + endingMs, deadlineMs), ({connections}) => connections === 0);
}

/** While draining, a connection has at most one more response to come: those beyond the transactions are idle ones. */
function isCycled(snapshot: ProxySnapshot): boolean {
	return snapshot.draining && snapshot.connections <= snapshot.activeTransactions;
}

async function waitUntil(
	ports: HandoverPorts,
	deadlineMs: number,
	reached: (snapshot: ProxySnapshot) => boolean,
): Promise<void> {
	for (;;) {
		const restMs = deadlineMs - ports.nowMs();
		if (restMs <= 0) return;
		// A snapshot from before the last message says nothing about it.
		await ports.nextSnapshot(restMs);
		const snapshot = ports.snapshot();
		if (snapshot === undefined || reached(snapshot)) return;
	}
}

/** Why the address must not move, and what `--force` does about it. */
export interface Refusal {
	readonly why: string;
	/** What `--force` does in spite of it; absent when it does not help. */
	readonly forced?: string;
}

/** One sentence for the user. */
export function formatRefusal({why, forced}: Refusal): string {
	return `${why}; ${forced === undefined ? '--force does not override this' : `--force ${forced}`}`;
}

/** Is there a reason not to move the address now? Asked before anything is drained; the heartbeats ask again. */
export function findRefusal(status: HeartbeatStatus, force: boolean): Refusal | undefined {
	const {peer} = status;
	if (status.state !== 'master' && status.state !== 'backup') {
		return {why: `this node is in state ${status.state} (${status.reason}) and cannot take part in a failover`};
	}
	if (!peer.alive) {
		const heard =
			peer.lastHeardMs === undefined
				? 'has never been heard'
				: `was last heard ${formatDuration(peer.lastHeardMs)} ago`;
		return {why: `nobody would take or give the address: ${peer.node} ${heard}`};
	}
	if (!peer.hearsUs) return {why: `${peer.node} does not hear this node, so the two cannot agree on a handover`};
	return force ? undefined : findOverridable(status);
}

/** The node that would get the address must be able to serve, be in use, and have the same configuration. */
function findOverridable(status: HeartbeatStatus): Refusal | undefined {
	const {peer} = status;
	const taker = status.state === 'master' ? peer : status;
	if (taker.maintenance) {
		return {why: `${taker.node} is in maintenance`, forced: 'moves the address there all the same'};
	}
	if (!taker.eligible) {
		const because = taker.note === '' ? '' : `: ${taker.note}`;
		return {
			why: `${taker.node} cannot serve${because}`,
			forced: 'moves the address there all the same, and clients will notice',
		};
	}
	if (peer.configDigest !== '' && peer.configDigest !== status.configDigest) {
		const why = 'the two nodes have different configurations (drift), as hapair sync shows';
		return {why, forced: 'moves the address in spite of it'};
	}
	return undefined;
}

/**
 * One drill that may begin, as the master's daemon conducts it.
 *
 * Order: does the address answer here? → planned failover → does it answer there? → back, by the pair's policy. What did not
 * answer there goes back at once. Every wait has an end. Leaves the rules to `preflight.ts`, the move to `handover.ts`, the figures to
 * `gap.ts`.
 */
import {type FailoverAnswer, type HandoverOutcome, type HandoverRequest, usualDrain} from '../daemon/handover.ts';
import {exitCodes} from '../exit-codes.ts';
import {isGood, type Look, measureLeaving, measureReturning} from './gap.ts';
import type {DrillResult} from './record.ts';

export interface DrillPorts {
	/** Looks at the address until `stop`. */
	readonly prober: {readonly looks: readonly Look[]; start(): void; lookHere(on: boolean): void; stop(): void};
	handOver(request: HandoverRequest): Promise<HandoverOutcome>;
	/** Asks the peer, now the master, for the address. Nothing within the limit: `undefined`. */
	askBack(limitMs: number): Promise<FailoverAnswer | undefined>;
	pause(ms: number): Promise<void>;
	nowMs(): number;
}

export interface DrillOrder {
	readonly giver: string;
	readonly taker: string;
	/** What is looked at, for people. */
	readonly target: string;
	readonly returns: boolean;
	/** Connections outlive the move (`whyNoneLivesOn`): nothing is drained before it. */
	readonly livesOn: boolean;
	/** Ends before the address moves. */
	readonly dryRun: boolean;
	readonly progress: (message: string) => void;
}

export interface DrillOutcome {
	readonly result: DrillResult;
	readonly reason: string;
	readonly gapMs?: number;
	readonly returnGapMs?: number;
}

/** A proxy that has not answered for so long will not. */
const ANSWER_LIMIT_MS = 5000;
const MOVE_LIMIT_MS = 15_000;
const DRAIN_MS = 2000;
/** Good answers in a row before a node counts as serving: at 10 ms each, longer than two of the announcements are apart. */
const ENOUGH = 30;
const ENOUGH_BEFORE = 5;

/** Never rejects. */
export async function conductDrill(ports: DrillPorts, order: DrillOrder): Promise<DrillOutcome> {
	const {giver, taker, target, progress} = order;
	ports.prober.start();
	try {
		progress(`looking at ${target} from ${giver}`);
		if (!(await answers(ports, true, 0, ENOUGH_BEFORE))) {
			return {result: 'refused', reason: `${target} does not answer on ${giver}: ${describeLast(ports, true, 0)}`};
		}
		if (order.dryRun)
			return {result: 'passed', reason: `nothing stands against a drill: ${taker} can take the address`};
		return await move(ports, order);
	} finally {
		ports.prober.stop();
	}
}

async function move(ports: DrillPorts, order: DrillOrder): Promise<DrillOutcome> {
	const {giver, taker, target, progress} = order;
	if (!order.livesOn) ports.prober.lookHere(false);
	let shutMs = ports.nowMs();
	const doorShut = (): void => {
		shutMs = ports.nowMs();
	};
	const keepMs = order.livesOn ? usualDrain.keepMs : 0;
	const request = {force: false, drainMs: DRAIN_MS, keepMs, timeoutMs: MOVE_LIMIT_MS, progress, doorShut};
	const moved = await ports.handOver(request);
	if (moved.code === exitCodes.refused) return {result: 'refused', reason: moved.message};
	if (moved.code !== exitCodes.ok) return {result: 'failed', reason: moved.message};
	// No door is shut then: this node answered until the address left.
	if (moved.keepMs !== undefined) shutMs = lastHereMs(ports) ?? shutMs;
	progress(`looking at ${target} across the network: ${taker} is to answer`);
	const isServed = await answers(ports, false, shutMs, ENOUGH);
	if (!isServed) return goBack(ports, order, shutMs);
	const gapMs = measureLeaving(ports.prober.looks, shutMs)!;
	progress(`${taker} answers; nobody did for ${gapMs} ms`);
	const passed: DrillOutcome = {result: 'passed', reason: `${taker} has the address and answers`, gapMs};
	return order.returns ? comeHome(ports, order, passed) : {...passed, reason: `${passed.reason}; ${giver} stands by`};
}

/** When this node answered last while it had the address; within a few ms of when clients got nothing from it any more. */
function lastHereMs({prober}: DrillPorts): number | undefined {
	return prober.looks.findLast(look => look.here === true && isGood(look))?.answeredMs;
}

/** The peer has the address and does not serve. */
async function goBack(ports: DrillPorts, {giver, taker, progress}: DrillOrder, shutMs: number): Promise<DrillOutcome> {
	const why = `${taker} took the address and did not serve: ${describeLast(ports, false, shutMs)}`;
	progress(`${why}; asking for the address back`);
	const back = await ports.askBack(MOVE_LIMIT_MS);
	if (back?.ok === true) return {result: 'failed', reason: `${why}; the address is back on ${giver}`};
	return {result: 'failed', reason: `${why}; it did not come back: ${back?.message ?? 'no answer in time'}`};
}

async function comeHome(ports: DrillPorts, order: DrillOrder, passed: DrillOutcome): Promise<DrillOutcome> {
	const {giver, taker, progress} = order;
	progress(`asking ${taker} for the address back`);
	const askedMs = ports.nowMs();
	ports.prober.lookHere(true);
	const back = await ports.askBack(MOVE_LIMIT_MS);
	if (back?.ok !== true) {
		const why = back?.message ?? 'no answer in time';
		return {...passed, result: 'failed', reason: `${taker} took the address and did not give it back: ${why}`};
	}
	if (!(await answers(ports, true, askedMs, ENOUGH_BEFORE))) {
		return {
			...passed,
			result: 'failed',
			reason: `back on ${giver}, it does not answer: ${describeLast(ports, true, askedMs)}`,
		};
	}
	const returnGapMs = measureReturning(ports.prober.looks, askedMs)!;
	return {...passed, returnGapMs, reason: `${taker} had the address and answered; it is back on ${giver}`};
}

/** Waits for enough good answers in a row from one side, since a moment. */
async function answers(ports: DrillPorts, here: boolean, sinceMs: number, enough: number): Promise<boolean> {
	const endMs = ports.nowMs() + ANSWER_LIMIT_MS;
	while (ports.nowMs() < endMs) {
		const told = toldSince(ports, here, sinceMs);
		if (told.length >= enough && told.slice(-enough).every(isGood)) return true;
		await ports.pause(20);
	}
	return false;
}

function toldSince({prober}: DrillPorts, here: boolean, sinceMs: number): Look[] {
	return prober.looks.filter(look => look.here === here && (look.answeredMs ?? 0) >= sinceMs);
}

function describeLast(ports: DrillPorts, here: boolean, sinceMs: number): string {
	const last = toldSince(ports, here, sinceMs).at(-1);
	if (last?.status !== undefined) return `HTTP status ${last.status}`;
	const error = ports.prober.looks.findLast(look => look.startedMs >= sinceMs && look.error !== undefined)?.error;
	return error ?? 'no answer';
}

/**
 * The invariants, judged after each event (docs/protocol.md, "What the simulation proves").
 *
 * Safety: never two machines answer for the address, but for two named reasons, and then not for long. *Partition*: at the
 * claim, the newest advertisement of the other node had not come through the network. *Stopped clock*: its whole machine was
 * stopped and its clock did not see it. With `hold` there is no excuse at all. With a witness a partition is none.
 * Liveness: once everything is mended the pair finds one master, the right one, and stays with it.
 */
import type {Effect, ElectionState} from '../../src/index.ts';
import {compareRank, serviceClass} from '../../src/index.ts';
import type {Machine} from './machine.ts';
import type {World} from './world.ts';

export class Violation extends Error {
	/** `safety`: something forbidden happened. `liveness`: something owed did not. */
	readonly kind: 'safety' | 'liveness';

	constructor(kind: 'safety' | 'liveness', message: string) {
		super(message);
		this.kind = kind;
	}
}

interface Unrest {
	readonly kind: Violation['kind'];
	readonly message: string;
}

interface Order {
	readonly machine: Machine;
	readonly bootId: string;
	readonly by: 'operator' | 'daemon' | 'makesRoom';
	mustSucceed: boolean;
}

interface FailuresSeen {
	bootId: string;
	atMs: number[];
}

export class Checker {
	readonly #world: World;
	/** How many datagrams machine i has sent, and the newest of them that came through. */
	readonly #sent: [number, number] = [0, 0];
	readonly #arrived: [number, number] = [0, 0];
	readonly #lostAtMs: [number, number] = [0, 0];
	#disturbedMs = 0;
	#excuse: 'partition' | 'stopped clock' | undefined;
	#overlapSinceMs: number | undefined;
	#highestMastered = 0;
	/** The newest term that was claimed by silence in a partition. */
	#partitionTerm = 0;
	readonly #orders = new Map<number, Order>();
	#lastTransitionMs = 0;
	/** Somebody answered. */
	#servedMs = 0;
	/** When machine i saw its peer fail, in its present life. */
	readonly #failuresSeen: readonly [FailuresSeen, FailuresSeen] = [
		{bootId: '', atMs: []},
		{bootId: '', atMs: []},
	];

	constructor(world: World) {
		this.#world = world;
	}

	disturb(): void {
		this.#disturbedMs = this.#world.nowMs;
	}

	/** @returns the number of the datagram among those of its sender. */
	onSent(from: Machine, lost: boolean): number {
		if (lost) this.#lostAtMs[from.index] = this.#world.nowMs;
		this.#sent[from.index] += 1;
		return this.#sent[from.index];
	}

	onDelivered(from: Machine, number: number): void {
		this.#arrived[from.index] = Math.max(this.#arrived[from.index], number);
	}

	/** The newest that this machine has to say is still on its way, or lost. */
	#isUnheard(machine: Machine): boolean {
		return this.#arrived[machine.index] < this.#sent[machine.index];
	}

	onClaim(machine: Machine, term: number, state: ElectionState): void {
		const world = this.#world;
		const other = world.other(machine);
		const bySilence = state.claim?.reason.includes('silent') ?? false;
		world.count(bySilence ? 'claims by silence' : "claims by the peer's word");
		this.#require(term > (state.peer?.said.term ?? 0), 'a claim must raise the term above every term heard');
		// The word of a boot that still runs is a promise; of one that ended, it is as good as its silence.
		const byPromise = !bySilence && other.state?.settings.bootId === state.peer?.said.bootId;
		const {onIsolation, witnessed} = world.schedule;
		const unheard = this.#isUnheard(other) && !witnessed && onIsolation === 'claim';
		if (byPromise) {
			this.#judgePromise(term, unheard);
			return;
		}
		if (!unheard) return;
		this.#excuse = 'partition';
		this.#partitionTerm = term;
	}

	/** Only a claim by silence, in a partition, can break the promise that a claim by the peer's word relies on. */
	#judgePromise(term: number, unheard: boolean): void {
		const broken = unheard && this.#partitionTerm > 0 && this.#partitionTerm >= this.#highestMastered;
		if (broken) this.#excuse = 'partition';
		if (term > this.#highestMastered || broken || this.#wokeUnaware()) return;
		this.#fail('safety', `term ${term} was claimed after a master of term ${this.#highestMastered}`);
	}

	/** A machine has just come back from a stop that its clock did not see: nothing inside it can know before it is told. */
	#wokeUnaware(): boolean {
		const {machines, nowMs, schedule} = this.#world;
		// A consent that ran out meanwhile is believed until the own clock says so too.
		const unawareMs = (schedule.witnessed ? 20 : 4) * schedule.intervalMs + this.#roundTripMs();
		return machines.some(machine => nowMs - machine.clockStoppedUntilMs < unawareMs);
	}

	/** There, back, the release, and every timer late. */
	#roundTripMs(): number {
		const {maxDelayMs, timerLatenessMs, releaseLatencyMs} = this.#world.schedule;
		return 2 * maxDelayMs + 3 * timerLatenessMs + releaseLatencyMs;
	}

	onOrder(machine: Machine, requestId: number, by: Order['by']): void {
		const {schedule, machines} = this.#world;
		if (machine.state === undefined) return;
		const settled = machines.some(each => each.answers()) && machines.every(each => each.running);
		// Slower than an interval each way, an echo may look like one-way loss for a moment.
		// With a witness half an interval each way may let the lease end unconfirmed, and a move is given up then.
		// Below 20 ms an answer may wait for half an interval (`fastIntervalMs`), which a witness's lease has no room for.
		const allowance = schedule.witnessed ? (schedule.intervalMs < 20 ? 0.02 : 0.25) : 1;
		const swift = schedule.maxDelayMs <= schedule.intervalMs * allowance;
		const mustSucceed = schedule.calm && swift && !schedule.drift && by !== 'daemon' && settled && this.#isQuiet();
		this.#orders.set(requestId, {machine, bootId: machine.state.settings.bootId, by, mustSucceed});
	}

	/** Nothing is written to a disk: what only the dead machine knew of terms is gone. */
	onPowerCut(machine: Machine): void {
		this.#highestMastered = Math.min(this.#highestMastered, this.#world.other(machine).lastTerm);
	}

	/** A node falls ill: what was ordered before may be refused now. */
	excuseOrders(): void {
		for (const order of this.#orders.values()) order.mustSucceed = false;
	}

	/** Nothing moved lately, so nothing may stand in the way of an order. */
	#isQuiet(): boolean {
		const {nowMs, schedule, machines} = this.#world;
		const idle = machines.every(each => each.state?.handover === undefined && each.state?.drainAskedMs === undefined);
		return idle && nowMs - this.#lastTransitionMs > 2 * schedule.intervalMs;
	}

	onResult(machine: Machine, result: Extract<Effect, {type: 'result'}>): void {
		const order = this.#orders.get(result.requestId);
		if (order === undefined) return;
		this.#orders.delete(result.requestId);
		this.#require(order.machine === machine, 'an answer came from the wrong node');
		if (result.ok && order.by === 'makesRoom' && machine.state?.stepsBack) {
			this.#fail('liveness', 'a move that only made room keeps preference from undoing it');
		}
		if (!order.mustSucceed) return;
		this.#world.count(result.ok ? 'calm failover done' : 'calm failover refused');
		if (!result.ok) this.#fail('liveness', `a planned failover of a healthy pair failed: ${result.message}`);
	}

	afterStep(machine: Machine, before: ElectionState, after: ElectionState): void {
		this.#require(after.term >= before.term, 'a term went back');
		if (after.node !== before.node) {
			this.#lastTransitionMs = this.#world.nowMs;
			if (after.node === 'master') this.#onMaster(machine, after);
		}
		if (before.node === 'master' && after.reason.includes('has claimed the address')) this.#judgeRival(machine, before);
		if (after.node === 'master') {
			this.#require(after.address === 'held', 'a master does not hold the address');
			this.#require(after.connected, 'a node without a carrier is master');
			this.#highestMastered = Math.max(this.#highestMastered, after.term);
		}
		this.#watchFlapping(machine, before, after);
		if (after.yields) this.#require(!machine.address || !machine.answers(), 'a node yields while it answers');
	}

	/** A node that failed three times within a half-life of the penalty does not get the address back at once, but by an operator. */
	#watchFlapping(machine: Machine, before: ElectionState, after: ElectionState): void {
		const {nowMs, schedule} = this.#world;
		const seen = this.#failuresSeen[machine.index];
		if (before.peerFit && !after.peerFit && after.peer?.said.resigning !== true) {
			if (seen.bootId !== after.settings.bootId) seen.atMs = [];
			seen.bootId = after.settings.bootId;
			seen.atMs.push(nowMs);
		}
		const {handover} = after;
		if (handover === undefined) return;
		const by = this.#orders.get(handover.requestId ?? 0)?.by ?? 'daemon';
		const isVoluntary = !handover.byOperator && by === 'daemon' && after.fitness.eligible && !after.maintenance;
		if (before.handover !== undefined || !isVoluntary || seen.bootId !== after.settings.bootId) return;
		const third = seen.atMs.at(-3);
		const last = seen.atMs.at(-1);
		if (third === undefined || last === undefined) return;
		this.#world.count('moves back to a node that had failed three times');
		const isTooSoon = last - third < 9 * schedule.intervalMs && nowMs - last < 4.4 * schedule.intervalMs;
		this.#require(!isTooSoon, 'a node that fails again and again got the address back at once');
	}

	/** Of two that speak for the address the lower term never wins. */
	#judgeRival(machine: Machine, before: ElectionState): void {
		const rival = this.#world.other(machine).state;
		if (rival === undefined || rival.settings.bootId !== machine.state?.peer?.said.bootId) return;
		this.#require(rival.term >= before.term, `a master of term ${before.term} gave way to term ${rival.term}`);
	}

	#onMaster(machine: Machine, state: ElectionState): void {
		this.#require(machine.address, 'a node became master without its address');
		this.#highestMastered = Math.max(this.#highestMastered, state.term);
	}

	afterEvent(): void {
		const [a, b] = this.#world.machines;
		if (a.answers() || b.answers()) this.#servedMs = this.#world.nowMs;
		if (a.answers() && b.answers()) {
			this.#judgeOverlap();
			return;
		}
		if (this.#overlapSinceMs !== undefined) this.#world.count(`overlap excused: ${this.#excuse}`);
		this.#overlapSinceMs = undefined;
		const active = (machine: Machine): boolean =>
			machine.address || machine.state?.node === 'master' || machine.state?.claim !== undefined;
		if (!(active(a) && active(b))) this.#excuse = undefined;
	}

	#judgeOverlap(): void {
		const {nowMs, schedule} = this.#world;
		if (this.#wokeUnaware()) this.#excuse ??= 'stopped clock';
		if (this.#excuse === undefined) this.#fail('safety', 'two nodes answer for the address');
		this.#overlapSinceMs ??= nowMs;
		const sinceMs = Math.max(this.#overlapSinceMs, this.#disturbedMs);
		const roundTripMs = this.#roundTripMs();
		// A process that died in the meantime steps down by its lease only, on a clock that may be slow.
		const bothWaysMs = Math.max(sinceMs, ...this.#lostAtMs) + 2.6 * schedule.intervalMs + roundTripMs;
		const oneWayMs = Math.max(sinceMs, Math.min(...this.#lostAtMs)) + 16 * schedule.intervalMs + roundTripMs;
		if (nowMs > bothWaysMs) this.#fail('safety', 'two nodes answer although they hear each other');
		if (nowMs > oneWayMs) this.#fail('safety', 'two nodes answer although one hears the other');
	}

	/** Once everything is mended somebody has answered soon; later only after a failed takeover, or by what the witness has promised. */
	requireService(): void {
		const {machines, schedule} = this.#world;
		if (this.#servedMs > schedule.healMs) return;
		// A pause that has just ended: the nodes have yet to tell each other, there and back.
		const toldMs = 2 * schedule.maxDelayMs + 2 * schedule.intervalMs;
		const pauses = machines.some(({state}) => state !== undefined && state.retryAtMs + toldMs > state.steppedMs);
		if (pauses || schedule.witnessed) return;
		this.#fail('liveness', 'nobody answers for the address although nothing is in the way');
	}

	/** Long after everything was mended. */
	atEnd(): void {
		const unrest = this.#findUnrest(4);
		if (unrest !== undefined) this.#fail(unrest.kind, unrest.message);
	}

	/** Everything that is owed at the end holds already, and nothing has moved for eight intervals. */
	isAtRest(): boolean {
		return this.#findUnrest(8) === undefined;
	}

	#findUnrest(quietIntervals: number): Unrest | undefined {
		const {schedule, machines, nowMs} = this.#world;
		const masters = machines.filter(machine => machine.state?.node === 'master');
		if (masters.length !== 1) {
			const states = machines.map(machine => machine.state?.node ?? 'down').join(' and ');
			return {kind: 'liveness', message: `after recovery the nodes are ${states}`};
		}
		const master = masters[0]!;
		if (!master.answers()) return {kind: 'liveness', message: 'the master does not answer for its address'};
		const other = this.#world.other(master);
		if (other.address) return {kind: 'safety', message: 'the address stayed behind on the other node'};
		const wrongChoice = this.#judgeChoice(master, other);
		if (wrongChoice !== undefined) return {kind: 'liveness', message: wrongChoice};
		for (const [requestId, order] of this.#orders) {
			if (order.machine.state?.settings.bootId !== order.bootId) continue;
			return {kind: 'liveness', message: `request ${requestId} was never answered`};
		}
		if (this.#lastTransitionMs > nowMs - quietIntervals * schedule.intervalMs)
			return {kind: 'liveness', message: 'the pair has not come to rest'};
		return undefined;
	}

	/** Is the master the node that the rules want? */
	#judgeChoice(master: Machine, other: Machine): string | undefined {
		const {schedule} = this.#world;
		const [own, peer] = [master.state, other.state];
		if (own === undefined || peer === undefined) return 'a node does not run';
		if (own.pinnedUntilMs > 0 || schedule.drift) return undefined;
		const rank = (state: ElectionState) => ({
			eligible: state.fitness.eligible && state.retryAtMs <= state.steppedMs,
			maintenance: state.maintenance,
			health: state.fitness.health,
			incumbent: false,
			priority: state.settings.priority,
			address: state.settings.address,
		});
		const [ownRank, peerRank] = [rank(own), rank(peer)];
		if (serviceClass(ownRank) < serviceClass(peerRank))
			return 'a node that cannot serve kept the address from one that can';
		const {preempt} = schedule.reload ?? schedule;
		const preempts = preempt.mode !== 'off' && !peer.stepsBack;
		if (preempts && compareRank(peerRank, ownRank) > 0) return 'the preferred node did not get the address back';
		return undefined;
	}

	#require(condition: boolean, message: string): void {
		if (!condition) this.#fail('safety', message);
	}

	#fail(kind: 'safety' | 'liveness', message: string): never {
		throw new Violation(kind, `${message} (at ${this.#world.nowMs.toFixed(2)} ms)`);
	}
}

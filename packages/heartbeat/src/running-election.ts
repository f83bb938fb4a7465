/**
 * The election in real time: one timer, one event after the other, and the effects of each in their order.
 *
 * Decides nothing about who is master. Two rules of time live here, because only who runs can see them:
 * - A timer that fires lets the datagrams in that already wait (one `setImmediate`) before the election judges silence.
 * - A gap in this process's own life longer than the lease is reported as a stall before anything else is done.
 *
 * A takeover begins and ends here: `claim` goes to `takeover.ts`, and its outcome comes back as an event. Leaves what may still be said after a
 * decision to `advertiser.ts`.
 */
import type {Advertiser} from './advertiser.ts';
import type {LongestStall} from './bequest.ts';
import type {Effect, ElectionEvent, ElectionState} from './election/state.ts';
import {livePeer} from './election/work.ts';
import {nextDeadlineMs, step} from './election.ts';
import type {FlightRing} from './flight-ring.ts';
import {LifeGaps} from './life-gaps.ts';
import type {FromHeartbeat, LoopDelay} from './messages.ts';
import {passesOnNow} from './status.ts';
import type {Surroundings} from './surroundings.ts';
import {leaseMs} from './timers.ts';
import {WakeDelays} from './wake-delays.ts';
import type {Consultation} from './witness/consultation.ts';

export interface RunningElectionPorts {
	/** Monotonic milliseconds. */
	readonly now: () => number;
	readonly advertIntervalMs: number;
	readonly surroundings: Pick<Surroundings, 'takeover'>;
	readonly advertiser: Pick<Advertiser, 'advertise' | 'renewLease'>;
	readonly witness: Pick<Consultation, 'ask'>;
	readonly ring: FlightRing;
	/** This process has ended, or another one of this node has the address. */
	readonly isSilent: () => boolean;
	/** An advertisement is on its way; it leaves in this turn of the event loop. */
	readonly onAdvertisement: () => void;
	/** The daemon is to be told how things are. */
	readonly onChange: () => void;
	/** Everything has been resigned and released. */
	readonly onStopped: () => void;
	readonly send: (message: FromHeartbeat) => void;
	readonly count: (name: string) => void;
	readonly log: (level: 'debug' | 'error', message: string) => void;
}

export class RunningElection {
	readonly #ports: RunningElectionPorts;
	readonly #gaps: LifeGaps;
	readonly #delays = new WakeDelays();
	#election: ElectionState;
	#timer: NodeJS.Timeout | undefined;
	/** When the timer was to fire. */
	#dueMs = 0;
	/** The peer, master yet, has begun a handover after which connections live on there. */
	#awaitsClaim = false;

	constructor(election: ElectionState, ports: RunningElectionPorts) {
		const {advertIntervalMs, now} = ports;
		this.#ports = ports;
		this.#election = election;
		this.#gaps = new LifeGaps(advertIntervalMs, leaseMs(advertIntervalMs), now());
	}

	get election(): ElectionState {
		return this.#election;
	}

	get longestStall(): LongestStall {
		return this.#gaps.longest;
	}

	get loopDelay(): LoopDelay | undefined {
		return this.#delays.read();
	}

	/** From here on this is the election. @param aliveMs last sign of life, which may be another process's. */
	begin(election: ElectionState, aliveMs: number, longestStall?: LongestStall): void {
		this.#election = election;
		this.#gaps.begin(aliveMs, longestStall);
	}

	step(event: ElectionEvent): void {
		const {now, isSilent, onChange, onAdvertisement} = this.#ports;
		if (isSilent()) return;
		const nowMs = now();
		const {state, effects} = step(this.#election, event, nowMs);
		this.#election = state;
		for (const effect of effects) this.#perform(effect, nowMs);
		this.#offerSecondChance();
		if (effects.some(({type}) => type === 'transition' || type === 'event')) onChange();
		if (effects.some(({type}) => type === 'sendAdvertisement')) onAdvertisement();
		this.#arm();
	}

	/** As if the timer had fired. */
	wake(): void {
		this.#delays.note(this.noticeGap() - this.#dueMs);
		setImmediate(() => {
			if (this.#ports.isSilent()) return;
			this.noticeGap();
			const deadlineMs = nextDeadlineMs(this.#election);
			if (deadlineMs !== undefined && this.#ports.now() >= deadlineMs) this.step({type: 'tick'});
			else this.#arm();
		});
	}

	/** @returns now. Reports a stall when this process did not run for longer than the lease. */
	noticeGap(): number {
		const nowMs = this.#ports.now();
		this.#runsAgain(nowMs);
		return nowMs;
	}

	/** False when this process has just come out of a stall, which is reported. */
	isAwake(): boolean {
		return !this.#runsAgain(this.#ports.now());
	}

	/** Until `wake` or `step`. */
	pause(): void {
		clearTimeout(this.#timer);
	}

	/** True after a stall. */
	#runsAgain(nowMs: number): boolean {
		const {ring, count, isSilent} = this.#ports;
		const {gapMs, lateMs, isLate, isStall} = this.#gaps.note(nowMs);
		if (isLate) ring.late(lateMs, nowMs);
		if (!isStall || isSilent()) return false;
		count('stalls');
		this.step({type: 'stalled', gapMs});
		return true;
	}

	/** One timer: the election's next deadline, or sooner, so that a gap in our own life is measured well. */
	#arm(): void {
		const {now, isSilent, advertIntervalMs} = this.#ports;
		if (isSilent()) return;
		clearTimeout(this.#timer);
		const untilDeadlineMs = (nextDeadlineMs(this.#election) ?? Number.POSITIVE_INFINITY) - now();
		const waitMs = Math.min(Math.max(untilDeadlineMs, 0), advertIntervalMs);
		this.#dueMs = now() + Math.ceil(waitMs);
		this.#timer = setTimeout(() => this.wake(), Math.ceil(waitMs));
	}

	/** Levels of the peer's advertisements that concern the shell alone. */
	#offerSecondChance(): void {
		const {takeover} = this.#ports.surroundings;
		const state = this.#election;
		takeover.pass(passesOnNow(state));
		const said = livePeer(state)?.said;
		const awaits = said?.keeps === true && said.draining && said.state === 'master' && state.node !== 'master';
		if (awaits && !this.#awaitsClaim) void takeover.awaitClaim().then(ready => ready && this.step({type: 'ajar'}));
		this.#awaitsClaim = awaits;
	}

	#perform(effect: Effect, decidedMs: number): void {
		const {surroundings, advertiser, witness, ring, send, count, log, onChange, onStopped} = this.#ports;
		const {takeover} = surroundings;
		switch (effect.type) {
			case 'sendAdvertisement':
				advertiser.advertise(effect, decidedMs);
				break;
			case 'claim':
				this.#settle(takeover.claim(livePeer(this.#election)?.said.keeps === true), effect.term);
				break;
			case 'restore':
				count('addressRestored');
				this.#settle(takeover.restore(), effect.term);
				break;
			case 'release':
				this.#release(effect.keepMs);
				break;
			case 'renewLease':
				advertiser.renewLease(decidedMs);
				break;
			case 'askWitness':
				witness.ask(effect.question);
				break;
			case 'announce':
				log('debug', `announcing the address: ${effect.reason}`);
				takeover.announce();
				break;
			case 'stopped':
				onStopped();
				break;
			case 'handoverRequested':
				onChange();
				send(effect);
				break;
			case 'transition':
				ring.state(effect.transition.to, decidedMs);
				send(effect);
				break;
			default:
				send(effect);
		}
	}

	#settle(outcome: Promise<{readonly ok: true} | {readonly ok: false; readonly reason: string}>, term: number): void {
		void outcome.then(result => {
			this.noticeGap();
			this.step(result.ok ? {type: 'claimSucceeded', term} : {type: 'claimFailed', term, reason: result.reason});
		});
	}

	#release(keepMs: number): void {
		const {takeover} = this.#ports.surroundings;
		void takeover.release(keepMs).then(outcome => {
			if (!outcome.ok) this.#ports.log('error', `the release left something behind: ${outcome.reason}`);
			this.step({type: 'released'});
		});
		// The ability has gone since the handover began: the peer need not pass anything on.
		if (keepMs > 0 && !takeover.keeps) setImmediate(() => this.step({type: 'endKeeping'}));
	}
}

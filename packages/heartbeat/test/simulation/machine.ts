/**
 * One simulated machine: kernel (address, lease, clock) and heartbeat process (reducer, replay guard, codec).
 *
 * The model of the lease is the kernel's: the machine answers for the address while the address is there, the lease is fresh
 * and the machine runs. The process need not be alive for that; that is the point.
 */

import type {LiveSettings} from '../../src/election/live-settings.ts';
import {
	createReplayGuard,
	type Datagram,
	decode,
	type Effect,
	type ElectionEvent,
	type ElectionState,
	encode,
	type ReplayGuard,
} from '../../src/index.ts';
import type {Rules} from './rules.ts';
import type {Schedule} from './schedule.ts';
import type {World} from './world.ts';

const CLUSTER = 'c0ffee00c0ffee00c0ffee00c0ffee00';
const NODE_IDS = ['0000000000000a01', '0000000000000a02'] as const;
const ADDRESSES = ['00000000000000000000ffff0a00000b', '00000000000000000000ffff0a00000c'] as const;

export class Machine {
	readonly index: 0 | 1;
	readonly name: string;
	readonly #world: World;
	readonly #schedule: Schedule;
	readonly #rules: Rules;
	state: ElectionState | undefined;
	#guard: ReplayGuard = createReplayGuard('');
	/** Process paused, or machine frozen: events wait here. */
	paused = false;
	frozen = false;
	#waiting: (() => void)[] = [];
	#boot = 0;
	/** Ordered while the process was on its way out. */
	#startAgain = false;
	#timer = 0;
	#lostClockMs = 0;
	clockStoppedUntilMs = Number.NEGATIVE_INFINITY;
	address = false;
	leaseEndsMs = 0;
	#driverFreeMs = 0;
	claimsFail = false;
	/** Cables that are pulled. */
	#unplugged = 0;
	#isReloaded = false;
	eligible = false;
	health = 255;
	maintenance = false;
	/** Survives the process, since the daemon keeps it, but not the machine. */
	lastTerm = 0;

	constructor(world: World, index: 0 | 1, schedule: Schedule, rules: Rules) {
		this.#world = world;
		this.index = index;
		this.name = `lb${index + 1}`;
		this.#schedule = schedule;
		this.#rules = rules;
	}

	get running(): boolean {
		return this.state !== undefined && !this.paused && !this.frozen;
	}

	answers(): boolean {
		return this.address && !this.frozen && this.#world.nowMs < this.leaseEndsMs;
	}

	#localMs(): number {
		return (this.#world.nowMs - this.#lostClockMs) * this.#schedule.clockRates[this.index];
	}

	#realMs(localMs: number): number {
		return localMs / this.#schedule.clockRates[this.index] + this.#lostClockMs;
	}

	/** Starts the process: a new boot id, whatever a former life left behind is removed first. */
	start(): void {
		if (this.state !== undefined) {
			this.#startAgain = this.state.node === 'stopped';
			return;
		}
		this.#startAgain = false;
		const {intervalMs, witnessed, startDelayMs} = this.#schedule;
		const other = (1 - this.index) as 0 | 1;
		const bootId = this.#world.random.bootId();
		this.#boot += 1;
		this.address = false;
		this.leaseEndsMs = 0;
		this.#waiting = [];
		this.#guard = createReplayGuard(bootId);
		this.state = this.#rules.createElection(
			{
				nodeName: this.name,
				peerName: `lb${other + 1}`,
				bootId,
				address: ADDRESSES[this.index],
				peerAddress: ADDRESSES[other],
				...this.#readFile(),
				advertIntervalMs: intervalMs,
				witnessed,
				startDelayMs,
				version: '0.1.0',
				firstTerm: this.lastTerm,
				claimDeadlineMs: intervalMs * 4,
				releaseDeadlineMs: intervalMs * 3,
				handoverDeadlineMs: intervalMs * 4,
				drainDeadlineMs: intervalMs * 4,
				damping: {holdMs: intervalMs * 3, longestHoldMs: intervalMs * 12, halfLifeMs: intervalMs * 10},
				pinMs: intervalMs * 1000,
			},
			this.#localMs(),
		);
		this.#handle({type: 'tick'});
		if (this.eligible) this.tellFitness();
		if (this.#unplugged > 0) this.handle({type: 'carrier', up: false});
		if (this.maintenance) this.handle({type: 'maintenance', requestId: 0, on: true});
	}

	/** The new file is there, and the process, if there is one, reads it. */
	reload(): void {
		this.#isReloaded = true;
		this.handle({type: 'reconfigured', settings: this.#readFile()});
	}

	#readFile(): LiveSettings {
		const {drift, onIsolation, reload} = this.#schedule;
		const {preempt, priorities} = (this.#isReloaded && reload) || this.#schedule;
		const other = (1 - this.index) as 0 | 1;
		const digest = drift && this.index === 1 ? 'dd' : this.#isReloaded ? 'ee' : 'cc';
		return {
			priority: priorities[this.index],
			peerPriority: priorities[other],
			preempt,
			onIsolation,
			configDigest: digest.repeat(16),
		};
	}

	/** The process is gone; with `power` the whole machine. */
	end(power: boolean): void {
		this.state = undefined;
		this.paused = false;
		this.#waiting = [];
		if (power) {
			this.frozen = false;
			this.address = false;
			this.lastTerm = 0;
			this.#world.checker.onPowerCut(this);
		}
	}

	/** Somebody removes the address; of a machine that stands still, or in the middle of a takeover, nobody does. */
	loseAddress(): void {
		if (!this.address || this.frozen || this.state?.claim !== undefined) return;
		this.address = false;
		this.handle({type: 'addressLost'});
	}

	plug(isIn: boolean): void {
		this.#unplugged += isIn ? -1 : 1;
		const up = this.#unplugged === 0;
		// The machine looks an interval later whether the carrier is still gone.
		const {agenda, nowMs} = this.#world;
		if (up) this.handle({type: 'carrier', up});
		else agenda.add(nowMs + this.#schedule.intervalMs, () => this.#unplugged > 0 && this.handle({type: 'carrier', up}));
	}

	tellFitness(): void {
		if (this.#schedule.keeps) this.handle({type: 'passesOn', able: true});
		this.handle({
			type: 'fitness',
			fitness: {eligible: this.eligible, health: this.health, note: this.eligible ? '' : 'track'},
		});
	}

	handle(event: ElectionEvent): void {
		if (this.state === undefined) return;
		if (!this.running) {
			this.#waiting.push(() => this.#handle(event));
			return;
		}
		this.#handle(event);
	}

	receive(bytes: Uint8Array | Datagram): void {
		if (this.state === undefined) return;
		if (!this.running) {
			this.#waiting.push(() => this.#receive(bytes));
			return;
		}
		this.#receive(bytes);
	}

	#receive(bytes: Uint8Array | Datagram): void {
		if (this.state === undefined) return;
		const datagram = bytes instanceof Uint8Array ? this.#read(bytes) : bytes;
		const {guard, admission} = this.#rules.admit(this.#guard, datagram, this.state.sequence);
		this.#guard = guard;
		this.#world.count(`admission ${admission}`);
		if (admission === 'accept') this.#handle({type: 'advertisement', advertisement: datagram.advertisement});
		if (admission === 'unproven') this.#handle({type: 'unproven', advertisement: datagram.advertisement});
	}

	#read(bytes: Uint8Array): Datagram {
		const decoded = decode(bytes, {clusterId: CLUSTER, nodeId: NODE_IDS[(1 - this.index) as 0 | 1]});
		if (!decoded.ok) throw new Error(`own datagram refused: ${decoded.refusal}`);
		return decoded.datagram;
	}

	/**
	 * Ends a pause or a freeze. The expired timer may come before or after what queued meanwhile: both orders must be safe, but
	 * for a timer that is hardly late: there the shell lets the datagrams in first (one `setImmediate`).
	 */
	resume(frozenForMs: number, clockStops: boolean): void {
		const {random, nowMs} = this.#world;
		if (clockStops) {
			this.#lostClockMs += frozenForMs;
			this.leaseEndsMs += frozenForMs;
			this.clockStoppedUntilMs = nowMs;
		}
		this.paused = false;
		this.frozen = false;
		const waiting = this.#waiting;
		this.#waiting = [];
		if (this.#lateMs() >= this.#schedule.intervalMs / 4 && random.chance(0.5)) this.#handle({type: 'tick'});
		for (const run of waiting) run();
		if (this.state !== undefined) this.#handle({type: 'tick'});
	}

	#lateMs(): number {
		const deadlineMs = this.state && this.#rules.nextDeadlineMs(this.state);
		return deadlineMs === undefined ? 0 : this.#localMs() - deadlineMs;
	}

	#handle(event: ElectionEvent): void {
		const before = this.state;
		if (before === undefined) return;
		const {state, effects} = this.#rules.step(before, event, this.#localMs());
		this.state = state;
		this.lastTerm = state.term;
		for (const effect of effects) this.#carryOut(effect, state);
		this.#world.checker.afterStep(this, before, state);
		this.#armTimer();
	}

	#armTimer(): void {
		if (this.state === undefined) return;
		const deadlineMs = this.#rules.nextDeadlineMs(this.state);
		this.#timer += 1;
		if (deadlineMs === undefined) return;
		const timer = this.#timer;
		const latenessMs = this.#world.random.next() * this.#schedule.timerLatenessMs;
		// A hair later than asked: real timers never fire early, and rounding must not make this one.
		const atMs = Math.max(this.#world.nowMs, this.#realMs(deadlineMs) + 1e-6) + latenessMs;
		this.#world.agenda.add(atMs, () => {
			if (timer === this.#timer && this.running) this.#handle({type: 'tick'});
		});
	}

	#carryOut(effect: Effect, state: ElectionState): void {
		const world = this.#world;
		world.note(this, effect);
		switch (effect.type) {
			case 'sendAdvertisement': {
				const {advertisement, renewsLease} = effect;
				if (renewsLease) this.#renew();
				const challenge = this.#guard.challenge;
				const nodeId = NODE_IDS[this.index];
				const datagram = {keyId: 1, clusterId: CLUSTER, nodeId, challenge, advertisement};
				world.send(this, this.#schedule.inBytes ? encode(datagram) : datagram);
				break;
			}
			case 'claim':
				world.checker.onClaim(this, effect.term, state);
				this.#drive(this.#schedule.claimLatencyMs, () => this.#finishClaim(effect.term));
				break;
			case 'release':
				this.#drive(this.#schedule.releaseLatencyMs, () => {
					this.address = false;
					// `takeover.ts` revokes the lease: an address that a later claim puts there is mute until that claim succeeds.
					this.leaseEndsMs = 0;
					this.handle({type: 'released'});
				});
				break;
			case 'restore':
				this.#drive(this.#schedule.claimLatencyMs, () => {
					// `takeover.ts` drops a restoration that a release has overtaken.
					if (this.state?.address === 'held') this.address = true;
				});
				break;
			case 'handoverRequested':
				world.drain(this);
				break;
			case 'result':
				world.checker.onResult(this, effect);
				world.answered(effect.requestId);
				break;
			case 'renewLease':
				this.#renew();
				break;
			case 'askWitness':
				world.askWitness(this, NODE_IDS[this.index], effect.question);
				break;
			case 'stopped':
				world.agenda.add(world.nowMs, () => {
					this.end(false);
					if (this.#startAgain) this.start();
				});
				break;
			case 'announce':
			case 'transition':
			case 'event':
				break;
		}
	}

	#renew(): void {
		const lease = this.#rules.leaseMs(this.#schedule.intervalMs);
		this.leaseEndsMs = this.#world.nowMs + lease / this.#schedule.clockRates[this.index];
	}

	#finishClaim(term: number): void {
		if (this.claimsFail) {
			this.handle({type: 'claimFailed', term, reason: 'ip exited with 2'});
			return;
		}
		this.address = true;
		this.handle({type: 'claimSucceeded', term});
	}

	/** The takeover driver works through its orders one by one; it outlives a pause of the process, not its death. */
	#drive(latencyMs: number, run: () => void): void {
		const {nowMs, agenda, random} = this.#world;
		this.#driverFreeMs = Math.max(nowMs, this.#driverFreeMs) + latencyMs * random.between(0.5, 1);
		const boot = this.#boot;
		agenda.add(this.#driverFreeMs, () => {
			if (boot === this.#boot) run();
		});
	}
}

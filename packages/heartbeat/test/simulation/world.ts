/**
 * Two machines, the network between them and the faults of one schedule, in virtual time.
 */
import {
	answerQuestion,
	type Datagram,
	type Effect,
	EMPTY_RECORD,
	type Ledger,
	openLedger,
	type WitnessRequest,
} from '../../src/index.ts';
import {Agenda} from './agenda.ts';
import {Checker} from './checker.ts';
import {Machine} from './machine.ts';
import {createRandom, type Random} from './random.ts';
import type {Rules} from './rules.ts';
import type {Fault, Schedule} from './schedule.ts';

const WITNESS_TOKEN = '00000000000000aa';

/** The longest silence after everything is mended: start delay, master-down interval, release of another term, claim. */
const SERVED_WITHIN_INTERVALS = 8;

export class World {
	readonly schedule: Schedule;
	readonly random: Random;
	readonly agenda = new Agenda();
	readonly machines: readonly [Machine, Machine];
	readonly checker: Checker;
	readonly counts: Map<string, number> | undefined;
	readonly #log: string[] | undefined;
	nowMs = 0;
	/** Cuts in force by direction: from machine 0, from machine 1. */
	readonly #cuts: [number, number] = [0, 0];
	/** Cuts between machine 0, or 1, and the witness. */
	readonly #witnessCuts: [number, number] = [0, 0];
	#ledger: Ledger;
	#witnessDown = 0;
	#healed = false;
	#requests = 0;
	readonly #afterAnswer = new Map<number, () => void>();

	constructor(schedule: Schedule, rules: Rules, options: {log?: string[]; counts?: Map<string, number>}) {
		this.schedule = schedule;
		this.random = createRandom(schedule.seed ^ 0x5eed);
		this.#log = options.log;
		this.counts = options.counts;
		this.machines = [new Machine(this, 0, schedule, rules), new Machine(this, 1, schedule, rules)];
		this.checker = new Checker(this);
		this.#ledger = openLedger(EMPTY_RECORD, WITNESS_TOKEN, 0);
	}

	run(): void {
		const {schedule} = this;
		for (const machine of this.machines) {
			const startMs = schedule.startsMs[machine.index];
			this.agenda.add(startMs, () => machine.start());
			this.agenda.add(startMs + schedule.fitAfterMs[machine.index], () => this.#setFitness(machine, true, 255));
		}
		for (const fault of schedule.faults) this.agenda.add(fault.atMs, () => this.#cause(fault));
		for (const machine of this.machines) {
			const {reload} = schedule;
			if (reload !== undefined) this.agenda.add(reload.atMs[machine.index], () => machine.reload());
		}
		this.agenda.add(schedule.healMs, () => this.#heal());
		const boundMs = schedule.healMs + SERVED_WITHIN_INTERVALS * schedule.intervalMs;
		this.agenda.add(boundMs, () => this.checker.requireService());
		for (let entry = this.agenda.take(); entry !== undefined; entry = this.agenda.take()) {
			if (entry.atMs > schedule.endMs) break;
			if (entry.atMs > schedule.restMs && this.checker.isAtRest()) return;
			this.nowMs = entry.atMs;
			entry.run();
			this.checker.afterEvent();
		}
		this.nowMs = schedule.endMs;
		this.checker.atEnd();
	}

	count(what: string): void {
		this.counts?.set(what, (this.counts.get(what) ?? 0) + 1);
	}

	note(machine: Machine, effect: Effect): void {
		if (this.counts !== undefined) this.#countEffect(effect);
		if (this.#log === undefined) return;
		if (effect.type === 'sendAdvertisement') {
			const {state, term, sequence, echo} = effect.advertisement;
			const flags = Object.entries(effect.advertisement).filter(([, value]) => value === true);
			const text = flags.map(([name]) => name).join(' ');
			this.say(`${machine.name} → #${sequence} ${state} term ${term} echo ${echo?.sequence ?? '-'} ${text}`);
		} else this.say(`${machine.name} ${JSON.stringify(effect)}`);
	}

	say(text: string): void {
		this.#log?.push(`${this.nowMs.toFixed(2).padStart(10)} ${text}`);
	}

	#countEffect(effect: Effect): void {
		if (effect.type === 'transition') this.count(`transition ${effect.transition.from} → ${effect.transition.to}`);
		if (effect.type === 'event') this.count(`event ${effect.event.kind}`);
		if (effect.type === 'result') this.count(`result ${effect.ok ? 'ok' : 'refused or failed'}`);
		if (effect.type === 'claim') this.count('claims');
		if (effect.type === 'transition' && effect.transition.reason.startsWith('handing over')) this.count('handovers');
		if (effect.type === 'result' && effect.message.includes('did not hand over: ')) {
			this.count('wishes refused by the master');
		}
	}

	send(from: Machine, bytes: Uint8Array | Datagram): void {
		const {schedule, random} = this;
		const lost = this.#cuts[from.index] > 0 || (!this.#healed && random.chance(schedule.loss));
		const number = this.checker.onSent(from, lost);
		if (random.chance(schedule.replays)) this.#deliver(from, bytes, random.between(1, 30) * schedule.intervalMs);
		if (lost) return;
		this.#deliver(from, bytes, random.between(schedule.minDelayMs, schedule.maxDelayMs), number);
		if (!random.chance(schedule.duplication)) return;
		this.#deliver(from, bytes, random.between(schedule.minDelayMs, schedule.maxDelayMs));
	}

	/** @param number of the datagram itself; a copy has none. */
	#deliver(from: Machine, bytes: Uint8Array | Datagram, delayMs: number, number = 0): void {
		const to = this.other(from);
		this.agenda.add(this.nowMs + delayMs, () => {
			this.checker.onDelivered(from, number);
			to.receive(bytes);
		});
	}

	/** The witness's clock is the world's. */
	askWitness(machine: Machine, nodeId: string, request: WitnessRequest): void {
		const bootId = machine.state?.settings.bootId;
		if (bootId === undefined) return;
		this.count(`witness asked: ${request.kind}`);
		const {kind, number, term, wantMs} = request;
		const common = {keyId: 1, clusterId: '0'.repeat(32), nodeId, bootId, token: WITNESS_TOKEN};
		this.#cross(machine, () => {
			if (this.#witnessDown > 0) return;
			const question = {...common, kind, number, term, wantMs};
			const {ledger, answer} = answerQuestion(this.#ledger, question, this.nowMs);
			this.#ledger = ledger;
			if (answer === undefined || answer.verdict === 'token') return;
			const reply = {number, verdict: answer.verdict, term: answer.term, leftMs: answer.leftMs};
			this.count(`witness said: ${reply.verdict}`);
			this.say(`witness → ${machine.name} ${JSON.stringify(reply)}`);
			this.#cross(machine, () => {
				if (machine.state?.settings.bootId === bootId) machine.handle({type: 'witnessAnswered', reply});
			});
		});
	}

	/** Between a machine and the witness, one way. */
	#cross(machine: Machine, arrive: () => void): void {
		const {schedule, random} = this;
		if (this.#witnessCuts[machine.index] > 0 || (!this.#healed && random.chance(schedule.loss))) return;
		this.agenda.add(this.nowMs + random.between(schedule.minDelayMs, schedule.maxDelayMs), arrive);
	}

	other(machine: Machine): Machine {
		return this.machines[(1 - machine.index) as 0 | 1];
	}

	/** The daemon drains, then orders the move. Now and then it declines, or forgets; the heartbeat has a deadline for that. */
	drain(machine: Machine): void {
		if (this.random.chance(0.1)) return;
		const afterMs = this.random.between(0, 2) * this.schedule.intervalMs;
		if (!this.schedule.calm && !this.#healed && this.random.chance(0.2)) {
			this.agenda.add(this.nowMs + afterMs, () => machine.handle({type: 'declineHandover', reason: 'not now'}));
			return;
		}
		this.agenda.add(this.nowMs + afterMs, () => this.#order(machine, false, true));
	}

	/** @param then when the answer is there, whatever it says. */
	#order(machine: Machine, force: boolean, byDaemon: boolean, then?: () => void): void {
		this.#requests += 1;
		if (then !== undefined) this.#afterAnswer.set(this.#requests, then);
		const keepMs = this.schedule.keeps ? 15 * this.schedule.intervalMs : 0;
		const mayReturn = !byDaemon && this.schedule.makesRoom === true;
		if (mayReturn) this.count('moves that only make room');
		this.checker.onOrder(machine, this.#requests, byDaemon ? 'daemon' : mayReturn ? 'makesRoom' : 'operator');
		machine.handle({type: 'failover', requestId: this.#requests, force, keepMs, mayReturn});
	}

	answered(requestId: number): void {
		const then = this.#afterAnswer.get(requestId);
		this.#afterAnswer.delete(requestId);
		if (then !== undefined) this.agenda.add(this.nowMs, then);
	}

	#setFitness(machine: Machine, eligible: boolean, health: number): void {
		machine.eligible = eligible;
		machine.health = health;
		machine.tellFitness();
	}

	#cause(fault: Fault): void {
		const machine = this.machines[fault.node];
		this.checker.disturb();
		this.count(`fault ${fault.kind}`);
		this.say(`fault ${JSON.stringify(fault)}`);
		if ('forMs' in fault) this.#causeFor(machine, fault);
		else if (fault.kind === 'failover') this.#order(machine, fault.force, false);
		else machine.loseAddress();
	}

	#causeFor(machine: Machine, fault: Extract<Fault, {forMs: number}>): void {
		const end = this.#begin(machine, fault);
		if (end === undefined) return;
		let over = false;
		const finish = (): void => {
			if (over) return;
			over = true;
			this.checker.disturb();
			this.say(`over: ${fault.kind} of ${machine.name}`);
			end();
		};
		this.agenda.add(Math.min(fault.atMs + fault.forMs, this.schedule.healMs - 1e-3), finish);
	}

	/** Starts a fault and answers with how it ends. */
	#begin(machine: Machine, fault: Extract<Fault, {forMs: number}>): (() => void) | undefined {
		switch (fault.kind) {
			case 'pause':
			case 'freeze': {
				if (!machine.running) return undefined;
				const sinceMs = this.nowMs;
				const boot = machine.state?.settings.bootId;
				if (fault.kind === 'pause') machine.paused = true;
				else machine.frozen = true;
				return () => {
					if (machine.state?.settings.bootId !== boot) return;
					machine.resume(this.nowMs - sinceMs, fault.kind === 'freeze' && fault.clockStops);
				};
			}
			case 'kill':
			case 'powerCut':
				if (machine.frozen) return undefined;
				machine.end(fault.kind === 'powerCut');
				return () => machine.start();
			case 'stop':
				machine.handle({type: 'stop'});
				return () => machine.start();
			case 'cut': {
				const cuts = this.#cuts;
				const both = fault.both;
				cuts[machine.index] += 1;
				if (both) cuts[this.other(machine).index] += 1;
				return () => {
					cuts[machine.index] -= 1;
					if (both) cuts[this.other(machine).index] -= 1;
				};
			}
			case 'witnessCut':
				this.#witnessCuts[machine.index] += 1;
				return () => {
					this.#witnessCuts[machine.index] -= 1;
				};
			case 'island':
				this.#isolate(machine, 1);
				return () => this.#isolate(machine, -1);
			case 'unplugged':
				this.#isolate(machine, 1);
				machine.plug(false);
				return () => {
					this.#isolate(machine, -1);
					machine.plug(true);
				};
			case 'witnessDown':
				this.#witnessDown += 1;
				return () => {
					this.#witnessDown -= 1;
					this.#ledger = openLedger(this.#ledger.record, WITNESS_TOKEN, this.nowMs);
				};
			case 'claimsFail':
				machine.claimsFail = true;
				return () => {
					machine.claimsFail = false;
				};
			case 'unfit':
				this.#setFitness(machine, false, 0);
				return () => this.#setFitness(machine, true, 255);
			case 'degraded':
				this.#setFitness(machine, true, 100);
				return () => this.#setFitness(machine, true, 255);
			case 'maintenance':
				return this.#maintain(machine);
		}
	}

	#isolate(machine: Machine, by: number): void {
		this.#cuts[0] += by;
		this.#cuts[1] += by;
		this.#witnessCuts[machine.index] += by;
	}

	/** As the daemon does it: a master leaves in order first, and goes into maintenance whatever came of that (`--force`). */
	#maintain(machine: Machine): () => void {
		let over = false;
		if (this.schedule.makesRoom && machine.state?.node === 'master') {
			this.#order(machine, false, false, () => over || this.#setMaintenance(machine, true));
		} else this.#setMaintenance(machine, true);
		return () => {
			over = true;
			this.#setMaintenance(machine, false);
		};
	}

	#setMaintenance(machine: Machine, on: boolean): void {
		machine.maintenance = on;
		this.#requests += 1;
		machine.handle({type: 'maintenance', requestId: this.#requests, on});
	}

	/** Everything is mended: from here the pair must find its rest. */
	#heal(): void {
		this.say('healed');
		this.checker.disturb();
		this.#healed = true;
		if (this.schedule.unfitAtEnd !== 2) this.checker.excuseOrders();
		for (const machine of this.machines) {
			machine.start();
			this.#setFitness(machine, this.schedule.unfitAtEnd !== machine.index, 255);
		}
	}
}

/**
 * One running node of a pair: the shell around the election.
 *
 * Decides nothing about who is master. It steps the election with what happens (a deadline, a datagram, the daemon's
 * word, the end of a takeover), and does the effects in their order. Three rules of time live here, because only the shell
 * can see them:
 * - A timer that fires lets the datagrams in that already wait (one `setImmediate`) before the election judges silence.
 * - A gap in this process's own life longer than the lease is reported as a stall before anything else is done.
 * - An advertisement that was decided before such a gap is not sent: it would renew a lease that has passed to the peer.
 */
import {randomBytes} from 'node:crypto';
import {encode} from './advertisement.ts';
import {type Key, sign} from './authentication.ts';
import {type Contradiction, Contradictions, contradictionWords} from './contradiction.ts';
import type {Effect, ElectionEvent, ElectionSettings, ElectionState} from './election/state.ts';
import {livePeer} from './election/work.ts';
import {createElection, nextDeadlineMs, step} from './election.ts';
import {FlightRing} from './flight-ring.ts';
import {clusterIdOf, nodeIdOf} from './identity.ts';
import type {FromHeartbeat, HeartbeatSetup, PairEvent, ToHeartbeat} from './messages.ts';
import {Reception} from './reception.ts';
import {electionSettings, findNodes, liveSettings} from './settings.ts';
import {composeStatus, passesOnNow} from './status.ts';
import {Surroundings} from './surroundings.ts';
import {leaseMs} from './timers.ts';
import {WakeDelays} from './wake-delays.ts';
import {WitnessLink} from './witness/link.ts';

/** Messages kept while the tools open, which takes a fifth of a second. */
const earlyLimit = 100;
const statusEveryMs = 1000;

export interface InstanceOptions {
	readonly send: (message: FromHeartbeat) => void;
	/** Everything is released and closed: the process may end with this code. */
	readonly onEnd: (exitCode: number) => void;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** False renews the lease by process even where the kernel could (tests). */
	readonly egressHook?: boolean;
}

export class Instance {
	readonly #setup: HeartbeatSetup;
	readonly #options: InstanceOptions;
	readonly #leaseMs: number;
	readonly #signingKey: Key;
	readonly #reception: Reception;
	readonly #surroundings: Surroundings;
	readonly #witness: WitnessLink | undefined;
	readonly #counters = new Map<string, number>();
	readonly #settings: ElectionSettings;
	/** What the daemon said before everything was open. */
	#early: Exclude<ToHeartbeat, {type: 'start'}>[] | undefined = [];
	#election: ElectionState;
	#newest: Uint8Array | undefined;
	#timer: NodeJS.Timeout | undefined;
	#statusTimer: NodeJS.Timeout | undefined;
	#aliveMs: number;
	#longestStall = {gapMs: 0, atMs: 0};
	/** When the timer was to fire. */
	#dueMs = 0;
	readonly #delays = new WakeDelays();
	readonly #contradictions = new Contradictions();
	readonly #ring = new FlightRing();
	/** Of the newest advertisement heard. */
	#peerBootId = '';
	#notices = 0;
	/** The peer, master yet, has begun a handover after which connections live on there. */
	#awaitsClaim = false;
	#ended = false;
	/** The last advertisement that prolonged the lease. */
	#renewedAtMs = Number.NEGATIVE_INFINITY;

	constructor(setup: HeartbeatSetup, options: InstanceOptions) {
		const {own, peer} = findNodes(setup.pair, setup.nodeName);
		const [signingKey] = setup.keys;
		if (!signingKey) throw new Error('the pair has no key: name one with `secret file` (make it with `hapair keygen`)');
		const bootId = randomBytes(8).toString('hex');
		const nowMs = options.now();
		this.#setup = setup;
		this.#options = options;
		this.#signingKey = signingKey;
		this.#leaseMs = leaseMs(setup.pair.advertIntervalMs);
		this.#aliveMs = nowMs;
		const expectation = {clusterId: clusterIdOf(setup.pair.name), nodeId: nodeIdOf(peer.name)};
		this.#reception = new Reception(expectation, setup.keys, {nodeId: nodeIdOf(own.name), bootId});
		this.#witness = this.#makeWitnessLink();
		this.#settings = electionSettings(setup, {own, peer}, bootId);
		this.#election = createElection(this.#settings, nowMs);
		this.#surroundings = new Surroundings(setup, {own, peer}, this.#leaseMs, options.egressHook ?? true, {
			onDatagram: (path, bytes) => this.#receive(path, bytes),
			newestAdvertisement: () => this.#newest,
			isAwake: () => this.#isAwake(),
			onLost: addresses => {
				this.#log('warn', `somebody removed ${addresses.join(', ')} from this node`);
				this.#step({type: 'addressLost'});
			},
			onCarrier: up => {
				if (!this.#early) this.#step({type: 'carrier', up});
			},
			onSecondChance: able => {
				if (!this.#early && able !== this.#election.passesOn) this.#step({type: 'passesOn', able});
			},
			count: name => this.#count(name),
			warn: message => this.#log('warn', message),
		});
	}

	/** Opens everything and takes part. Resolves when the node listens; a failure is reported and ends the process. */
	async start(): Promise<void> {
		const trouble = await this.#surroundings.open();
		if (trouble !== undefined) {
			this.#options.send({type: 'failed', ...trouble});
			await this.#end(1);
			return;
		}
		this.#witness?.open();
		this.#aliveMs = this.#options.now();
		this.#election = createElection(this.#settings, this.#aliveMs);
		this.#options.send({type: 'ready'});
		this.#step({type: 'tick'});
		if (!this.#surroundings.hasCarrier) this.#step({type: 'carrier', up: false});
		this.#statusTimer = setInterval(() => this.#sendStatus(), statusEveryMs);
		const early = this.#early ?? [];
		this.#early = undefined;
		for (const message of early) this.handle(message);
	}

	/** Does what the daemon asks. `start` is for `process-main.ts`. */
	handle(message: Exclude<ToHeartbeat, {type: 'start'}>): void {
		if (this.#early) {
			if (this.#early.length < earlyLimit) this.#early.push(message);
			return;
		}
		this.#noticeGap();
		if (message.type === 'fitness') {
			const {eligible, health, reasons, preferenceWaits = false} = message.fitness;
			this.#step({type: 'fitness', fitness: {eligible, health, note: reasons.join('; '), preferenceWaits}});
		} else if (message.type === 'closeDoor') {
			void this.#surroundings.lease.closeDoor(message.forMs);
		} else if (message.type === 'reconfigure') {
			const nodes = findNodes(message.pair, this.#setup.nodeName);
			this.#step({type: 'reconfigured', settings: liveSettings(message.pair, nodes, message.configDigest)});
		} else if (message.type === 'readRecording') {
			this.#sendRecording(message.requestId);
		} else if (message.type === 'endKeeping') {
			this.#surroundings.takeover.endKeeping();
			this.#step(message);
		} else this.#step(message);
	}

	/** Resigns, releases, removes the lease; `onEnd(0)` follows. Again: no effect. */
	stop(): void {
		if (this.#early) this.#early.push({type: 'stop'});
		else this.#step({type: 'stop'});
	}

	#receive(path: number, bytes: Uint8Array): void {
		if (this.#ended || this.#early) return;
		const nowMs = this.#noticeGap();
		const received = this.#reception.receive(bytes, this.#election.sequence);
		this.#count(received.counter);
		if (received.contradiction !== undefined) this.#noteContradiction(received.contradiction, nowMs);
		if (received.arrival) {
			this.#surroundings.recordArrival(path, received.arrival, nowMs);
			this.#ring.heard(path, received.arrival.sequence, nowMs);
			this.#peerBootId = received.arrival.bootId;
		}
		if (received.event) this.#step(received.event);
	}

	#step(event: ElectionEvent): void {
		if (this.#ended) return;
		const nowMs = this.#options.now();
		const {state, effects} = step(this.#election, event, nowMs);
		this.#election = state;
		for (const effect of effects) this.#perform(effect, nowMs);
		this.#offerSecondChance();
		if (effects.some(effect => effect.type === 'transition' || effect.type === 'event')) this.#sendStatus();
		this.#arm();
	}

	/** Levels of the peer's advertisements that concern the shell alone. */
	#offerSecondChance(): void {
		const {takeover} = this.#surroundings;
		const state = this.#election;
		takeover.pass(passesOnNow(state));
		const said = livePeer(state)?.said;
		const awaits = said?.keeps === true && said.draining && said.state === 'master' && state.node !== 'master';
		if (awaits && !this.#awaitsClaim) void takeover.awaitClaim().then(ready => ready && this.#step({type: 'ajar'}));
		this.#awaitsClaim = awaits;
	}

	#perform(effect: Effect, decidedMs: number): void {
		const {takeover} = this.#surroundings;
		switch (effect.type) {
			case 'sendAdvertisement':
				this.#advertise(effect, decidedMs);
				break;
			case 'claim':
				this.#settle(takeover.claim(livePeer(this.#election)?.said.keeps === true), effect.term);
				break;
			case 'restore':
				this.#count('addressRestored');
				this.#settle(takeover.restore(), effect.term);
				break;
			case 'release':
				this.#release(effect.keepMs);
				break;
			case 'renewLease':
				if (this.#options.now() - decidedMs <= this.#setup.pair.advertIntervalMs / 10) this.#renewLease();
				break;
			case 'askWitness':
				this.#witness?.ask(effect.question);
				break;
			case 'announce':
				this.#log('debug', `announcing the address: ${effect.reason}`);
				takeover.announce();
				break;
			case 'stopped':
				void this.#end(0);
				break;
			case 'handoverRequested':
				this.#sendStatus();
				this.#options.send(effect);
				break;
			case 'transition':
				this.#ring.state(effect.transition.to, decidedMs);
				this.#options.send(effect);
				break;
			default:
				this.#options.send(effect);
		}
	}

	#advertise(effect: Extract<Effect, {type: 'sendAdvertisement'}>, decidedMs: number): void {
		const {pair, nodeName} = this.#setup;
		const bytes = encode({
			keyId: this.#signingKey.id,
			clusterId: clusterIdOf(pair.name),
			nodeId: nodeIdOf(nodeName),
			challenge: this.#reception.challenge,
			advertisement: effect.advertisement,
		});
		sign(bytes, this.#signingKey);
		if (this.#options.now() - decidedMs > this.#leaseMs / 4) {
			this.#count('sendTooLate');
			return;
		}
		this.#newest = bytes;
		this.#count('sent');
		const sentMs = this.#options.now();
		this.#ring.sent(effect.advertisement.sequence, sentMs);
		this.#surroundings.send(bytes, effect.advertisement.sequence, sentMs);
		const limitMs =
			this.#setup.pair.witness === undefined ? Number.POSITIVE_INFINITY : this.#setup.pair.advertIntervalMs / 10;
		if (effect.renewsLease && this.#options.now() - decidedMs <= limitMs) this.#renewLease();
	}

	#renewLease(): void {
		this.#surroundings.takeover.renew();
		this.#renewedAtMs = this.#options.now();
	}

	#settle(outcome: Promise<{readonly ok: true} | {readonly ok: false; readonly reason: string}>, term: number): void {
		void outcome.then(result => {
			this.#noticeGap();
			this.#step(result.ok ? {type: 'claimSucceeded', term} : {type: 'claimFailed', term, reason: result.reason});
		});
	}

	#release(keepMs: number): void {
		void this.#surroundings.takeover.release(keepMs).then(outcome => {
			if (!outcome.ok) this.#log('error', `the release left something behind: ${outcome.reason}`);
			this.#step({type: 'released'});
		});
		// The ability has gone since the handover began: the peer need not pass anything on.
		if (keepMs > 0 && !this.#surroundings.takeover.keeps) setImmediate(() => this.#step({type: 'endKeeping'}));
	}

	/** One timer: the election's next deadline, or sooner, so that a gap in our own life is measured well. */
	#arm(): void {
		if (this.#ended) return;
		clearTimeout(this.#timer);
		const untilDeadlineMs = (nextDeadlineMs(this.#election) ?? Number.POSITIVE_INFINITY) - this.#options.now();
		const waitMs = Math.min(Math.max(untilDeadlineMs, 0), this.#setup.pair.advertIntervalMs);
		this.#dueMs = this.#options.now() + Math.ceil(waitMs);
		this.#timer = setTimeout(() => this.#wake(), Math.ceil(waitMs));
	}

	#wake(): void {
		this.#delays.note(this.#noticeGap() - this.#dueMs);
		setImmediate(() => {
			this.#noticeGap();
			const deadlineMs = nextDeadlineMs(this.#election);
			if (deadlineMs !== undefined && this.#options.now() >= deadlineMs) this.#step({type: 'tick'});
			else this.#arm();
		});
	}

	/** @returns now. Reports a stall when this process did not run for longer than the lease. */
	#noticeGap(): number {
		const nowMs = this.#options.now();
		const gapMs = nowMs - this.#aliveMs;
		this.#aliveMs = nowMs;
		const lateMs = gapMs - this.#setup.pair.advertIntervalMs;
		if (lateMs > this.#longestStall.gapMs || nowMs - this.#longestStall.atMs > 60_000) {
			this.#longestStall = {gapMs: Math.max(0, lateMs), atMs: nowMs};
		}
		if (lateMs > this.#setup.pair.advertIntervalMs / 4) this.#ring.late(lateMs, nowMs);
		if (gapMs > this.#leaseMs && !this.#ended) {
			this.#count('stalls');
			this.#step({type: 'stalled', gapMs});
		}
		return nowMs;
	}

	#isAwake(): boolean {
		const before = this.#counters.get('stalls');
		this.#noticeGap();
		return before === this.#counters.get('stalls');
	}

	#sendStatus(): void {
		const nowMs = this.#options.now();
		const extras = {
			...this.#surroundings.describe(nowMs, this.#counters),
			longestStallMs: this.#longestStall.gapMs,
			loopDelay: this.#delays.read(),
			renewedAtMs: this.#renewedAtMs,
			witness: this.#describeWitness(nowMs),
			contradictions: this.#contradictions.current(nowMs),
		};
		this.#options.send({type: 'status', status: composeStatus(this.#election, extras, nowMs)});
	}

	#sendRecording(requestId: number): void {
		const {node, bootId} = {node: this.#setup.nodeName, bootId: this.#election.settings.bootId};
		const nowMs = this.#options.now();
		const recording = {node, bootId, peerBootId: this.#peerBootId, nowMs, entries: this.#ring.read()};
		this.#options.send({type: 'recording', requestId, recording});
	}

	#noteContradiction(contradiction: Contradiction, nowMs: number): void {
		if (this.#contradictions.record(contradiction, nowMs))
			this.#sendNotice(
				contradiction === 'foreignKey' ? 'foreignKey' : 'contradiction',
				contradictionWords[contradiction],
			);
	}

	#sendNotice(kind: PairEvent['kind'], reason: string): void {
		this.#notices += 1;
		const {settings, term} = this.#election;
		const id = `${this.#setup.nodeName}-${settings.bootId}-k${this.#notices}`;
		this.#options.send({type: 'event', event: {id, kind, reason, term}});
	}

	#makeWitnessLink(): WitnessLink | undefined {
		const {pair, keys, nodeName} = this.#setup;
		if (pair.witness === undefined) return undefined;
		const {host, port} = pair.witness;
		return new WitnessLink({
			host,
			port,
			keys,
			clusterId: clusterIdOf(pair.name),
			nodeId: nodeIdOf(nodeName),
			now: this.#options.now,
			count: name => this.#count(name),
			onReply: reply => {
				this.#noticeGap();
				this.#step({type: 'witnessAnswered', reply});
			},
			onReachable: reachable => this.#reportWitness(reachable),
		});
	}

	#describeWitness(nowMs: number): {address: string; reachable: boolean; answeredAgoMs?: number} | undefined {
		const {witness} = this.#setup.pair;
		if (witness === undefined || this.#witness === undefined) return undefined;
		const answeredAgoMs = this.#witness.answeredAgoMs(nowMs);
		return {
			address: `${witness.host} port ${witness.port}`,
			reachable: this.#witness.reachable,
			...(answeredAgoMs === undefined ? {} : {answeredAgoMs: Math.round(answeredAgoMs)}),
		};
	}

	#reportWitness(reachable: boolean): void {
		const reason = reachable
			? 'the witness answers'
			: 'the witness does not answer: when the nodes lose each other too, the address stays with nobody';
		this.#sendNotice('witness', reason);
	}

	#count(name: string): void {
		this.#counters.set(name, (this.#counters.get(name) ?? 0) + 1);
	}

	#log(level: 'debug' | 'warn' | 'error', message: string): void {
		this.#options.send({type: 'log', level, message});
	}

	async #end(exitCode: number): Promise<void> {
		if (this.#ended) return;
		this.#ended = true;
		clearTimeout(this.#timer);
		clearInterval(this.#statusTimer);
		this.#witness?.close();
		await this.#surroundings.close();
		if (exitCode === 0) this.#options.send({type: 'stopped'});
		this.#options.onEnd(exitCode);
	}
}

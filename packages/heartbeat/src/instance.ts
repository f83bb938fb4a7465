/**
 * One running node of a pair: the shell around the election.
 *
 * Decides nothing about who is master. It steps the election with what happens (a deadline, a datagram, the daemon's
 * word, the end of a takeover), and does the effects in their order. Three rules of time live here, because only the shell
 * can see them:
 * - A timer that fires lets the datagrams in that already wait (one `setImmediate`) before the election judges silence.
 * - A gap in this process's own life longer than the lease is reported as a stall before anything else is done.
 * - An advertisement that was decided before such a gap is not sent: it would renew a lease that has passed to the peer.
 *
 * When the program is replaced, one instance leaves its life to the next (`bequest.ts`). Neither waits for a word to know who may speak: it is
 * the one that the kernel gave the port. It is longer than other files because everything meets here.
 */
import {randomBytes} from 'node:crypto';
import {encode} from './advertisement.ts';
import {type Key, sign} from './authentication.ts';
import {type Bequest, bequestUntilMs, bequestVersion, inheritElection, whyNotBequeath} from './bequest.ts';
import {type Contradiction, Contradictions, describeContradiction, isThirdSpeaker} from './contradiction.ts';
import type {Effect, ElectionEvent, ElectionSettings, ElectionState} from './election/state.ts';
import {livePeer} from './election/work.ts';
import {createElection, nextDeadlineMs, step} from './election.ts';
import {FlightRing} from './flight-ring.ts';
import {clusterIdOf, nodeIdOf} from './identity.ts';
import type {FromHeartbeat, HeartbeatSetup, PairEvent, ToHeartbeat} from './messages.ts';
import {Reception} from './reception.ts';
import type {ReplayGuard} from './replay-guard.ts';
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
	/** The first signs. */
	#keys: readonly [Key, ...Key[]];
	#reception: Reception;
	readonly #surroundings: Surroundings;
	#witness: WitnessLink | undefined;
	readonly #counters = new Map<string, number>();
	readonly #settings: ElectionSettings;
	/** Another process of this node has the address: it has yet to leave it (`prepared`), or this one has left it (`quiet`). */
	#aside: 'prepared' | 'quiet' | undefined;
	/** Leave everything to the next process as soon as the next advertisement is out. */
	#bequeathFor: number | undefined;
	#left: Bequest | undefined;
	#reclaiming: Promise<boolean> | undefined;
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
		const bootId = randomBytes(8).toString('hex');
		const nowMs = options.now();
		this.#setup = setup;
		this.#options = options;
		this.#keys = expectKeys(setup.keys);
		this.#leaseMs = leaseMs(setup.pair.advertIntervalMs);
		this.#aliveMs = nowMs;
		this.#reception = this.#receiveAs(bootId);
		this.#witness = this.#makeWitnessLink();
		this.#settings = electionSettings(setup, {own, peer}, bootId);
		this.#election = createElection(this.#settings, nowMs);
		this.#surroundings = new Surroundings(setup, {own, peer}, this.#leaseMs, options.egressHook ?? true, {
			onDatagram: (path, bytes) => this.#receive(path, bytes),
			onStranger: (bytes, address) => this.#hearStranger(bytes, address),
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
		this.#takePart();
	}

	/** Instead of `start`: makes ready what disturbs no other process of this node, and waits for `inherit`. */
	prepare(): void {
		this.#stepAside('prepared');
		const trouble = this.#surroundings.prepare();
		if (trouble === undefined) this.#options.send({type: 'prepared'});
		else {
			this.#options.send({type: 'failed', ...trouble});
			void this.#leave(1);
		}
	}

	#stepAside(how: 'prepared' | 'quiet'): void {
		this.#aside = how;
		clearInterval(this.#statusTimer);
		this.#statusTimer = setInterval(() => this.#options.send({type: 'aside'}), statusEveryMs);
	}

	#takePart(): void {
		clearInterval(this.#statusTimer);
		this.#statusTimer = setInterval(() => this.#sendStatus(), statusEveryMs);
		const early = this.#early ?? [];
		this.#early = undefined;
		for (const message of early) this.handle(message);
	}

	/** Does what the daemon asks. `start` is for `process-main.ts`. */
	handle(message: Exclude<ToHeartbeat, {type: 'start'}>): void {
		if (this.#aside !== undefined) {
			this.#handleAside(message);
			return;
		}
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
			this.#keys = expectKeys(message.keys);
			this.#reception.keys = message.keys;
			this.#step({type: 'reconfigured', settings: liveSettings(message.pair, nodes, message.configDigest)});
		} else if (message.type === 'readRecording') {
			this.#sendRecording(message.requestId);
		} else if (message.type === 'bequeath') {
			this.#bequeathFor = message.requestId;
			const why = this.#whyNotBequeath();
			if (why !== '') this.#keep(why);
		} else if (message.type === 'inherit') {
			this.#options.send({type: 'declined', requestId: message.requestId, reason: 'this heartbeat has its own'});
		} else if (message.type === 'resume' || message.type === 'leave') {
			// Nothing was left, or it has been taken back.
		} else if (message.type === 'endKeeping') {
			this.#surroundings.takeover.endKeeping();
			this.#step(message);
		} else this.#step(message);
	}

	/** What another process of this node has is not this one's to change. */
	#handleAside(message: Exclude<ToHeartbeat, {type: 'start'}>): void {
		if (message.type === 'inherit') void this.#inherit(message.requestId, message.bequest);
		else if (message.type === 'resume') void this.#reclaim();
		else if (message.type === 'leave') void this.#leave(0);
		else if (message.type === 'stop') this.stop();
		else if (message.type === 'bequeath') {
			this.#options.send({type: 'kept', requestId: message.requestId, reason: 'this heartbeat has nothing to leave'});
		}
	}

	/** Resigns, releases, removes the lease; `onEnd(0)` follows. Again: no effect. */
	stop(): void {
		if (this.#aside === 'prepared') void this.#leave(0);
		else if (this.#aside === 'quiet') {
			void this.#reclaim().then(isOurs => (isOurs ? this.#step({type: 'stop'}) : this.#leave(0)));
		} else if (this.#early) this.#early.push({type: 'stop'});
		else this.#step({type: 'stop'});
	}

	#whyNotBequeath(): string {
		return this.#surroundings.hasPort ? whyNotBequeath(this.#election) : 'the first path is down';
	}

	#keep(reason: string): void {
		const requestId = this.#bequeathFor ?? 0;
		this.#bequeathFor = undefined;
		this.#options.send({type: 'kept', requestId, reason});
	}

	/** The next process has until the next advertisement is due. When it has not taken the port by then, this one takes it back. */
	#bequeath(): void {
		const requestId = this.#bequeathFor;
		if (requestId === undefined || this.#ended || this.#aside !== undefined) return;
		const why = this.#whyNotBequeath();
		if (why !== '') {
			this.#keep(why);
			return;
		}
		this.#bequeathFor = undefined;
		this.#stepAside('quiet');
		clearTimeout(this.#timer);
		this.#witness?.close();
		const bequest: Bequest = {
			version: bequestVersion,
			untilMs: bequestUntilMs(this.#election),
			election: this.#election,
			replayGuard: this.#reception.replayGuard,
			shell: {
				counters: [...this.#counters],
				ring: this.#ring.read(),
				peerBootId: this.#peerBootId,
				notices: this.#notices,
				renewedAtMs: this.#renewedAtMs,
				longestStall: this.#longestStall,
				newest: this.#newest,
				witnessReachable: this.#witness?.toldReachable,
			},
			surroundings: this.#surroundings.pause(),
		};
		this.#left = bequest;
		this.#options.send({type: 'bequest', requestId, bequest});
		this.#timer = setTimeout(() => void this.#reclaim(), Math.max(0, bequest.untilMs - this.#options.now()));
	}

	/** Takes back what was left, unless another process has the port. Resolves with whether this one goes on. */
	#reclaim(): Promise<boolean> {
		clearTimeout(this.#timer);
		if (this.#aside !== 'quiet') return Promise.resolve(this.#aside === undefined);
		this.#reclaiming ??= this.#surroundings.takePort().then(isOurs => {
			this.#reclaiming = undefined;
			if (!isOurs || this.#left === undefined || this.#ended) return false;
			this.#aside = undefined;
			this.#surroundings.goOn(this.#election.address === 'held', this.#left.surroundings);
			this.#openWitness(this.#left.shell.witnessReachable);
			this.#left = undefined;
			this.#options.send({type: 'resumed'});
			this.#takePart();
			this.#wake();
			return true;
		});
		return this.#reclaiming;
	}

	async #inherit(requestId: number, bequest: Bequest): Promise<void> {
		const decline = (reason: string): void => this.#options.send({type: 'declined', requestId, reason});
		if (bequest.version !== bequestVersion) return decline('the two heartbeats do not understand each other');
		if (this.#options.now() >= bequest.untilMs) return decline('the bequest came too late');
		if (!(await this.#surroundings.takePort())) return decline('the former heartbeat has the port');
		clearTimeout(this.#timer);
		this.#aside = undefined;
		this.#left = undefined;
		const {shell, surroundings, replayGuard} = bequest;
		const {bootId} = bequest.election.settings;
		// Whoever was frozen between the bequest and the port learns of its stall before it speaks.
		this.#aliveMs = bequest.election.advertisedMs;
		this.#election = inheritElection({...this.#settings, bootId}, bequest, this.#options.now());
		this.#reception = this.#receiveAs(bootId, replayGuard);
		this.#counters.clear();
		for (const [name, count] of shell.counters) this.#counters.set(name, count);
		this.#ring.restore(shell.ring);
		this.#peerBootId = shell.peerBootId;
		this.#notices = shell.notices;
		this.#renewedAtMs = shell.renewedAtMs;
		this.#longestStall = shell.longestStall;
		this.#newest = shell.newest;
		this.#surroundings.adopt(this.#election.address === 'held', this.#election.connected, surroundings);
		this.#openWitness(shell.witnessReachable);
		this.#noticeGap();
		this.#step({type: 'tick'});
		this.#options.send({type: 'begun', requestId});
		this.#sendStatus();
		this.#takePart();
	}

	#receiveAs(bootId: string, guard?: ReplayGuard): Reception {
		const {pair, nodeName} = this.#setup;
		const {own, peer} = findNodes(pair, nodeName);
		const expectation = {clusterId: clusterIdOf(pair.name), nodeId: nodeIdOf(peer.name)};
		return new Reception(expectation, this.#keys, {nodeId: nodeIdOf(own.name), bootId}, guard);
	}

	#openWitness(reachable: boolean | undefined): void {
		this.#witness = this.#makeWitnessLink(reachable);
		this.#witness?.open();
	}

	#receive(path: number, bytes: Uint8Array): void {
		if (this.#ended || this.#early || this.#aside !== undefined) return;
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
		if (this.#ended || this.#aside !== undefined) return;
		const nowMs = this.#options.now();
		const {state, effects} = step(this.#election, event, nowMs);
		this.#election = state;
		for (const effect of effects) this.#perform(effect, nowMs);
		this.#offerSecondChance();
		if (effects.some(effect => effect.type === 'transition' || effect.type === 'event')) this.#sendStatus();
		// Once it has left the socket, which is in this turn of the loop.
		const hasSpoken = effects.some(effect => effect.type === 'sendAdvertisement');
		if (hasSpoken && this.#bequeathFor !== undefined) setImmediate(() => this.#bequeath());
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
			keyId: this.#keys[0].id,
			clusterId: clusterIdOf(pair.name),
			nodeId: nodeIdOf(nodeName),
			challenge: this.#reception.challenge,
			advertisement: effect.advertisement,
		});
		sign(bytes, this.#keys[0]);
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
		if (this.#ended || this.#aside !== undefined) return;
		clearTimeout(this.#timer);
		const untilDeadlineMs = (nextDeadlineMs(this.#election) ?? Number.POSITIVE_INFINITY) - this.#options.now();
		const waitMs = Math.min(Math.max(untilDeadlineMs, 0), this.#setup.pair.advertIntervalMs);
		this.#dueMs = this.#options.now() + Math.ceil(waitMs);
		this.#timer = setTimeout(() => this.#wake(), Math.ceil(waitMs));
	}

	#wake(): void {
		this.#delays.note(this.#noticeGap() - this.#dueMs);
		setImmediate(() => {
			if (this.#aside !== undefined) return;
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

	#hearStranger(bytes: Uint8Array, address: string): void {
		if (this.#ended || this.#early || this.#aside !== undefined) return;
		const boots = [this.#election.settings.bootId, this.#peerBootId];
		if (!isThirdSpeaker(bytes, clusterIdOf(this.#setup.pair.name), boots, this.#keys)) return;
		this.#noteContradiction(`thirdSpeaker ${address}`, this.#options.now());
	}

	#noteContradiction(contradiction: Contradiction, nowMs: number): void {
		if (this.#contradictions.record(contradiction, nowMs))
			this.#sendNotice(
				contradiction === 'foreignKey' ? 'foreignKey' : 'contradiction',
				describeContradiction(contradiction),
			);
	}

	#sendNotice(kind: PairEvent['kind'], reason: string): void {
		this.#notices += 1;
		const {settings, term} = this.#election;
		const id = `${this.#setup.nodeName}-${settings.bootId}-k${this.#notices}`;
		this.#options.send({type: 'event', event: {id, kind, reason, term}});
	}

	#makeWitnessLink(known?: boolean): WitnessLink | undefined {
		const {pair, nodeName} = this.#setup;
		if (pair.witness === undefined) return undefined;
		const {host, port} = pair.witness;
		return new WitnessLink({
			host,
			port,
			keys: () => this.#keys,
			clusterId: clusterIdOf(pair.name),
			nodeId: nodeIdOf(nodeName),
			now: this.#options.now,
			reachable: known,
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

	/** Another process of this node has the address, now or yet. */
	async #leave(exitCode: number): Promise<void> {
		if (this.#ended) return;
		this.#ended = true;
		clearTimeout(this.#timer);
		clearInterval(this.#statusTimer);
		await this.#surroundings.leave();
		this.#options.onEnd(exitCode);
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

function expectKeys([signing, ...others]: readonly Key[]): readonly [Key, ...Key[]] {
	if (!signing) throw new Error('the pair has no key: name one with `secret file` (make it with `hapair keygen`)');
	return [signing, ...others];
}

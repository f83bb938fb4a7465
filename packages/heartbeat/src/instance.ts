/**
 * One running node of a pair: makes its parts, ties them together, and talks with the daemon.
 *
 * Decides nothing about who is master: `running-election.ts` runs the election, which decides it. What the daemon asks, what arrives on the paths and what
 * the tools report goes there; words for people and the status come back from here. Leaves sockets and tools to `surroundings.ts`, the words on the
 * wire to `advertiser.ts` and `reception.ts`, and how one process follows another when the program is replaced to `succession.ts`. It is longer than
 * other files because everything meets here.
 */
import {randomBytes} from 'node:crypto';
import {explainLoss} from './address-text.ts';
import {Advertiser} from './advertiser.ts';
import type {Key} from './authentication.ts';
import {type Bequest, inheritElection} from './bequest.ts';
import {isThirdSpeaker} from './contradiction.ts';
import type {ElectionSettings} from './election/state.ts';
import {createElection} from './election.ts';
import {FlightRing} from './flight-ring.ts';
import {clusterIdOf, nodeIdOf} from './identity.ts';
import type {FromHeartbeat, HeartbeatSetup, ToHeartbeat} from './messages.ts';
import {Notices} from './notices.ts';
import {Reception} from './reception.ts';
import type {ReplayGuard} from './replay-guard.ts';
import {RunningElection} from './running-election.ts';
import {electionSettings, findNodes, liveSettings} from './settings.ts';
import {composeStatus} from './status.ts';
import {Succession} from './succession.ts';
import {Surroundings} from './surroundings.ts';
import {Consultation} from './witness/consultation.ts';

/** Messages kept while the tools open, which takes a fifth of a second. */
const earlyLimit = 100;
const statusEveryMs = 1000;

export interface InstanceOptions {
	readonly send: (message: FromHeartbeat) => void;
	/** Everything is released and closed: the process may end with this code. */
	readonly onEnd: (exitCode: number) => void;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

export class Instance {
	readonly #setup: HeartbeatSetup;
	readonly #options: InstanceOptions;
	readonly #settings: ElectionSettings;
	/** The first signs. */
	#keys: readonly [Key, ...Key[]];
	#reception: Reception;
	readonly #surroundings: Surroundings;
	readonly #advertiser: Advertiser;
	readonly #witness: Consultation;
	readonly #succession: Succession;
	readonly #running: RunningElection;
	readonly #notices: Notices;
	readonly #ring = new FlightRing();
	readonly #counters = new Map<string, number>();
	/** What the daemon said before everything was open. */
	#early: Exclude<ToHeartbeat, {type: 'start'}>[] | undefined = [];
	#statusTimer: NodeJS.Timeout | undefined;
	/** Of the newest advertisement heard. */
	#peerBootId = '';
	#ended = false;

	constructor(setup: HeartbeatSetup, options: InstanceOptions) {
		const nodes = findNodes(setup.pair, setup.nodeName);
		const bootId = randomBytes(8).toString('hex');
		const {now, send} = options;
		this.#setup = setup;
		this.#options = options;
		this.#keys = expectKeys(setup.keys);
		this.#reception = this.#receiveAs(bootId);
		this.#settings = electionSettings(setup, nodes, bootId);
		this.#notices = new Notices(
			() => this.#running.election,
			event => send({type: 'event', event}),
		);
		const count = (name: string): void => this.#count(name);
		this.#witness = new Consultation(setup, {
			keys: () => this.#keys,
			now,
			count,
			onReply: reply => {
				this.#running.noticeGap();
				this.#running.step({type: 'witnessAnswered', reply});
			},
			onReachable: reachable => this.#notices.noteWitness(reachable),
		});
		this.#surroundings = this.#createSurroundings();
		this.#advertiser = new Advertiser(setup, {
			now,
			signingKey: () => this.#keys[0],
			challenge: () => this.#reception.challenge,
			surroundings: this.#surroundings,
			ring: this.#ring,
			count,
		});
		this.#succession = this.#createSuccession();
		this.#running = this.#createRunning();
	}

	#createSurroundings(): Surroundings {
		const {pair, nodeName} = this.#setup;
		return new Surroundings(this.#setup, findNodes(pair, nodeName), {
			onDatagram: (path, bytes) => this.#receive(path, bytes),
			onStranger: (bytes, address) => this.#hearStranger(bytes, address),
			newestAdvertisement: () => this.#advertiser.newest,
			isAwake: () => this.#running.isAwake(),
			onLost: ({addresses, lapsedMs}) => {
				this.#log('warn', explainLoss(addresses.join(', '), lapsedMs));
				this.#running.step({type: 'addressLost', ...(lapsedMs === undefined ? {} : {lapsedMs})});
			},
			onCarrier: up => {
				if (!this.#early) this.#running.step({type: 'carrier', up});
			},
			onSecondChance: able => {
				if (!this.#early && able !== this.#running.election.passesOn) this.#running.step({type: 'passesOn', able});
			},
			count: name => this.#count(name),
			warn: message => this.#log('warn', message),
		});
	}

	#createSuccession(): Succession {
		const {send, now} = this.#options;
		return new Succession({
			send,
			now,
			surroundings: this.#surroundings,
			election: () => this.#running.election,
			hasEnded: () => this.#ended,
			pause: () => this.#pause(),
			goOn: (left, tell) => this.#goOn(left, tell),
			begin: (bequest, tell) => this.#begin(bequest, tell),
			leave: exitCode => void this.#leave(exitCode),
			stop: () => this.#running.step({type: 'stop'}),
		});
	}

	#createRunning(): RunningElection {
		const {send, now} = this.#options;
		return new RunningElection(createElection(this.#settings, now()), {
			send,
			now,
			advertIntervalMs: this.#setup.pair.advertIntervalMs,
			surroundings: this.#surroundings,
			advertiser: this.#advertiser,
			witness: this.#witness,
			ring: this.#ring,
			isSilent: () => this.#ended || this.#succession.isAside,
			onAdvertisement: () => this.#succession.noteAdvertisement(),
			onChange: () => this.#sendStatus(),
			onStopped: () => void this.#end(0),
			count: name => this.#count(name),
			log: (level, message) => this.#log(level, message),
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
		this.#witness.open();
		const nowMs = this.#options.now();
		this.#running.begin(createElection(this.#settings, nowMs), nowMs);
		this.#options.send({type: 'ready'});
		this.#running.step({type: 'tick'});
		if (!this.#surroundings.hasCarrier) this.#running.step({type: 'carrier', up: false});
		this.#takePart();
	}

	/** Instead of `start`: makes ready what disturbs no other process of this node, and waits for `inherit`. */
	prepare(): void {
		this.#succession.prepare();
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
		if (this.#succession.isAside) {
			this.#succession.handleAside(message);
			return;
		}
		if (this.#early) {
			if (this.#early.length < earlyLimit) this.#early.push(message);
			return;
		}
		this.#running.noticeGap();
		if (message.type === 'fitness') {
			const {eligible, health, reasons, preferenceWaits = false} = message.fitness;
			this.#running.step({type: 'fitness', fitness: {eligible, health, note: reasons.join('; '), preferenceWaits}});
		} else if (message.type === 'closeDoor') {
			void this.#surroundings.lease.closeDoor(message.forMs);
		} else if (message.type === 'reconfigure') {
			const nodes = findNodes(message.pair, this.#setup.nodeName);
			this.#keys = expectKeys(message.keys);
			this.#reception.keys = message.keys;
			this.#running.step({type: 'reconfigured', settings: liveSettings(message.pair, nodes, message.configDigest)});
		} else if (message.type === 'readRecording') {
			this.#sendRecording(message.requestId);
		} else if (message.type === 'bequeath') {
			this.#succession.bequeath(message.requestId);
		} else if (message.type === 'inherit') {
			this.#options.send({type: 'declined', requestId: message.requestId, reason: 'this heartbeat has its own'});
		} else if (message.type === 'resume' || message.type === 'leave') {
			// Nothing was left, or it has been taken back.
		} else if (message.type === 'endKeeping') {
			this.#surroundings.takeover.endKeeping();
			this.#running.step(message);
		} else this.#running.step(message);
	}

	/** Resigns, releases, removes the lease; `onEnd(0)` follows. Again: no effect. */
	stop(): void {
		if (this.#succession.isAside) this.#succession.stop();
		else if (this.#early) this.#early.push({type: 'stop'});
		else this.#running.step({type: 'stop'});
	}

	/** Falls silent, and says everything that the next process needs. */
	#pause(): Pick<Bequest, 'replayGuard' | 'shell' | 'surroundings'> {
		this.#running.pause();
		clearInterval(this.#statusTimer);
		this.#witness.close();
		return {
			replayGuard: this.#reception.replayGuard,
			shell: {
				counters: [...this.#counters],
				ring: this.#ring.read(),
				peerBootId: this.#peerBootId,
				notices: this.#notices.count,
				renewedAtMs: this.#advertiser.renewedAtMs,
				longestStall: this.#running.longestStall,
				newest: this.#advertiser.newest,
				witnessReachable: this.#witness.toldReachable,
			},
			surroundings: this.#surroundings.pause(),
		};
	}

	/** Nobody has taken what was left. */
	#goOn({surroundings, shell}: Bequest, tell: () => void): void {
		this.#surroundings.goOn(this.#running.election.address === 'held', surroundings);
		this.#witness.open(shell.witnessReachable);
		tell();
		this.#takePart();
		this.#running.wake();
	}

	/** Where another process of this life paused. */
	#begin(bequest: Bequest, tell: () => void): void {
		const {shell, surroundings, replayGuard} = bequest;
		const {settings, advertisedMs} = bequest.election;
		const {bootId} = settings;
		const election = inheritElection({...this.#settings, bootId}, bequest, this.#options.now());
		// Whoever was frozen between the bequest and the port learns of its stall before it speaks.
		this.#running.begin(election, advertisedMs, shell.longestStall);
		this.#reception = this.#receiveAs(bootId, replayGuard);
		this.#counters.clear();
		for (const [name, count] of shell.counters) this.#counters.set(name, count);
		this.#ring.restore(shell.ring);
		this.#peerBootId = shell.peerBootId;
		this.#notices.restore(shell.notices);
		this.#advertiser.restore(shell);
		this.#surroundings.adopt(election.address === 'held', election.connected, surroundings);
		this.#witness.open(shell.witnessReachable);
		this.#running.noticeGap();
		this.#running.step({type: 'tick'});
		tell();
		this.#sendStatus();
		this.#takePart();
	}

	#receiveAs(bootId: string, guard?: ReplayGuard): Reception {
		const {pair, nodeName} = this.#setup;
		const {own, peer} = findNodes(pair, nodeName);
		const expectation = {clusterId: clusterIdOf(pair.name), nodeId: nodeIdOf(peer.name)};
		return new Reception(expectation, this.#keys, {nodeId: nodeIdOf(own.name), bootId}, guard);
	}

	#receive(path: number, bytes: Uint8Array): void {
		if (this.#ended || this.#early || this.#succession.isAside) return;
		const nowMs = this.#running.noticeGap();
		const received = this.#reception.receive(bytes, this.#running.election.sequence);
		this.#count(received.counter);
		if (received.contradiction !== undefined) this.#notices.noteContradiction(received.contradiction, nowMs);
		if (received.arrival) {
			this.#surroundings.recordArrival(path, received.arrival, nowMs);
			this.#ring.heard(path, received.arrival.sequence, nowMs);
			this.#peerBootId = received.arrival.bootId;
		}
		if (received.event) this.#running.step(received.event);
	}

	#hearStranger(bytes: Uint8Array, address: string): void {
		if (this.#ended || this.#early || this.#succession.isAside) return;
		const boots = [this.#running.election.settings.bootId, this.#peerBootId];
		if (!isThirdSpeaker(bytes, clusterIdOf(this.#setup.pair.name), boots, this.#keys)) return;
		this.#notices.noteContradiction(`thirdSpeaker ${address}`, this.#options.now());
	}

	#sendStatus(): void {
		const nowMs = this.#options.now();
		const extras = {
			...this.#surroundings.describe(nowMs, this.#counters),
			longestStallMs: this.#running.longestStall.gapMs,
			loopDelay: this.#running.loopDelay,
			renewedAtMs: this.#advertiser.renewedAtMs,
			witness: this.#witness.describe(nowMs),
			contradictions: this.#notices.contradictions(nowMs),
		};
		this.#options.send({type: 'status', status: composeStatus(this.#running.election, extras, nowMs)});
	}

	#sendRecording(requestId: number): void {
		const {bootId} = this.#running.election.settings;
		const read = {nowMs: this.#options.now(), entries: this.#ring.read()};
		const recording = {node: this.#setup.nodeName, bootId, peerBootId: this.#peerBootId, ...read};
		this.#options.send({type: 'recording', requestId, recording});
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
		this.#close();
		await this.#surroundings.leave();
		this.#options.onEnd(exitCode);
	}

	async #end(exitCode: number): Promise<void> {
		if (this.#ended) return;
		this.#close();
		this.#witness.close();
		await this.#surroundings.close();
		if (exitCode === 0) this.#options.send({type: 'stopped'});
		this.#options.onEnd(exitCode);
	}

	#close(): void {
		this.#ended = true;
		this.#running.pause();
		clearInterval(this.#statusTimer);
		this.#succession.close();
	}
}

function expectKeys([signing, ...others]: readonly Key[]): readonly [Key, ...Key[]] {
	if (!signing) throw new Error('the pair has no key: name one with `secret file` (make it with `hapair keygen`)');
	return [signing, ...others];
}

/**
 * One heartbeat process follows another on a node while the pair goes on, seen from either of the two.
 *
 * Decides who may speak by what the kernel decides: the one that has the port. The old process falls silent after an advertisement and leaves
 * what it knows; the next one has until the next advertisement is due to take the port. When nobody has taken it by then, the old one takes it back.
 * Neither waits for a word. Leaves what may be left, and when, to `bequest.ts`, and what is known and done to `instance.ts`.
 */
import {type Bequest, bequestUntilMs, bequestVersion, whyNotBequeath} from './bequest.ts';
import type {ElectionState} from './election/state.ts';
import type {FromHeartbeat, ToHeartbeat} from './messages.ts';
import type {Surroundings} from './surroundings.ts';

export interface SuccessionPorts {
	readonly send: (message: FromHeartbeat) => void;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	readonly surroundings: Pick<Surroundings, 'prepare' | 'hasPort' | 'takePort'>;
	readonly election: () => ElectionState;
	readonly hasEnded: () => boolean;
	/** Falls silent, leaves the port, and says what this process knows. */
	readonly pause: () => Pick<Bequest, 'replayGuard' | 'shell' | 'surroundings'>;
	/** Goes on after a pause: the port is this process's again. `tell` says so to the daemon, before anything else is told. */
	readonly goOn: (left: Bequest, tell: () => void) => void;
	/** Goes on where another process paused: the port is this one's. `tell` likewise. */
	readonly begin: (bequest: Bequest, tell: () => void) => void;
	/** Ends, and leaves what is on the machine to the other process. */
	readonly leave: (exitCode: number) => void;
	/** Resigns and releases what this process has. */
	readonly stop: () => void;
}

const asideEveryMs = 1000;

export class Succession {
	readonly #ports: SuccessionPorts;
	/** Another process of this node has the address: it has yet to leave it (`prepared`), or this one has left it (`quiet`). */
	#aside: 'prepared' | 'quiet' | undefined;
	#asideTimer: NodeJS.Timeout | undefined;
	/** The daemon's question: leave everything to the next process as soon as the next advertisement is out. */
	#askedFor: number | undefined;
	#left: Bequest | undefined;
	#reclaimTimer: NodeJS.Timeout | undefined;
	#reclaiming: Promise<boolean> | undefined;

	constructor(ports: SuccessionPorts) {
		this.#ports = ports;
	}

	/** Another process of this node has the address, now or yet: this one neither speaks nor hears. */
	get isAside(): boolean {
		return this.#aside !== undefined;
	}

	/** Makes ready what disturbs no other process of this node, and waits for `inherit`. */
	prepare(): void {
		const {send, surroundings, leave} = this.#ports;
		this.#stepAside('prepared');
		const trouble = surroundings.prepare();
		if (trouble === undefined) send({type: 'prepared'});
		else {
			send({type: 'failed', ...trouble});
			leave(1);
		}
	}

	/** The daemon's word while this process is aside: what another process of this node has is not this one's to change. */
	handleAside(message: Exclude<ToHeartbeat, {type: 'start'}>): void {
		const {send, leave} = this.#ports;
		if (message.type === 'inherit') void this.#inherit(message.requestId, message.bequest);
		else if (message.type === 'resume') void this.#reclaim();
		else if (message.type === 'leave') leave(0);
		else if (message.type === 'stop') this.stop();
		else if (message.type === 'bequeath') {
			send({type: 'kept', requestId: message.requestId, reason: 'this heartbeat has nothing to leave'});
		}
	}

	/** While this process is aside. */
	stop(): void {
		const {leave, stop} = this.#ports;
		if (this.#aside === 'prepared') leave(0);
		else void this.#reclaim().then(isOurs => (isOurs ? stop() : leave(0)));
	}

	/** Leave everything to the next process as soon as the next advertisement is out; or say why not. */
	bequeath(requestId: number): void {
		this.#askedFor = requestId;
		const why = this.#whyNot();
		if (why !== '') this.#keep(why);
	}

	/** An advertisement is on its way: it has left the socket when this turn of the loop is over. */
	noteAdvertisement(): void {
		if (this.#askedFor !== undefined) setImmediate(() => this.#bequeathNow());
	}

	/** The process ends. */
	close(): void {
		clearTimeout(this.#reclaimTimer);
		clearInterval(this.#asideTimer);
	}

	#stepAside(how: 'prepared' | 'quiet'): void {
		this.#aside = how;
		this.#asideTimer = setInterval(() => this.#ports.send({type: 'aside'}), asideEveryMs);
	}

	#stepIn(): void {
		this.close();
		this.#aside = undefined;
		this.#left = undefined;
	}

	#whyNot(): string {
		const {surroundings, election} = this.#ports;
		return surroundings.hasPort ? whyNotBequeath(election()) : 'the first path is down';
	}

	#keep(reason: string): void {
		const requestId = this.#askedFor ?? 0;
		this.#askedFor = undefined;
		this.#ports.send({type: 'kept', requestId, reason});
	}

	#bequeathNow(): void {
		const {send, now, election, hasEnded, pause} = this.#ports;
		const requestId = this.#askedFor;
		if (requestId === undefined || hasEnded() || this.isAside) return;
		const why = this.#whyNot();
		if (why !== '') {
			this.#keep(why);
			return;
		}
		this.#askedFor = undefined;
		this.#stepAside('quiet');
		const untilMs = bequestUntilMs(election());
		const bequest: Bequest = {version: bequestVersion, untilMs, election: election(), ...pause()};
		this.#left = bequest;
		send({type: 'bequest', requestId, bequest});
		this.#reclaimTimer = setTimeout(() => void this.#reclaim(), Math.max(0, untilMs - now()));
	}

	/** Takes back what was left, unless another process has the port. Resolves with whether this one goes on. */
	#reclaim(): Promise<boolean> {
		const {send, surroundings, hasEnded, goOn} = this.#ports;
		clearTimeout(this.#reclaimTimer);
		if (this.#aside !== 'quiet') return Promise.resolve(this.#aside === undefined);
		this.#reclaiming ??= surroundings.takePort().then(isOurs => {
			this.#reclaiming = undefined;
			const left = this.#left;
			if (!isOurs || left === undefined || hasEnded()) return false;
			this.#stepIn();
			goOn(left, () => send({type: 'resumed'}));
			return true;
		});
		return this.#reclaiming;
	}

	async #inherit(requestId: number, bequest: Bequest): Promise<void> {
		const {send, now, surroundings, begin} = this.#ports;
		const decline = (reason: string): void => send({type: 'declined', requestId, reason});
		if (bequest.version !== bequestVersion) return decline('the two heartbeats do not understand each other');
		if (now() >= bequest.untilMs) return decline('the bequest came too late');
		if (!(await surroundings.takePort())) return decline('the former heartbeat has the port');
		this.#stepIn();
		begin(bequest, () => send({type: 'begun', requestId}));
	}
}

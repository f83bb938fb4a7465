/**
 * Everything that hooks are told comes in here: changes of state, events of the pair, servers and certificates.
 *
 * Decides nothing but the order: an occasion is made and queued. Leaves spelling to `events.ts`, waiting to `queue.ts`, and what has
 * happened to those who saw it.
 */
import {randomBytes} from 'node:crypto';
import type {Pair, PairNode} from '@hapair/config';
import type {HeartbeatStatus, PairEvent, Transition} from '@hapair/heartbeat';
import {findPeer} from '../configuration/own-node.ts';
import {isSame} from '../daemon/pair-change.ts';
import type {ProxyCondition} from '../daemon/tracks/fitness.ts';
import type {Log} from '../logging.ts';
import {CertificateWatch} from './certificate-watch.ts';
import {
	type Happening,
	type HookOccasion,
	type HookSubject,
	occasionOf,
	occasionOfPairEvent,
	occasionOfTransition,
} from './events.ts';
import {HookQueue, type HookRecord} from './queue.ts';
import {QueueFile} from './queue-file.ts';
import type {HookRunner} from './runner.ts';
import {ServerWatch} from './server-watch.ts';

export interface HookDeskOptions {
	readonly pair: Pair;
	readonly own: PairNode;
	/** Where waiting hooks are kept; absent: in memory only. */
	readonly path: string | undefined;
	readonly run: HookRunner;
	readonly log: Log;
	readonly onRecord: (record: HookRecord) => void;
	readonly status: () => HeartbeatStatus | undefined;
}

export class HookDesk {
	readonly #options: HookDeskOptions;
	#subject: HookSubject;
	readonly #file: QueueFile;
	readonly #queue: HookQueue;
	readonly #servers = new ServerWatch();
	#certificates: CertificateWatch;
	#watched: Pair['certificates'] = [];
	/** Names of events that no heartbeat has named: unique over both nodes and restarts. */
	readonly #stem: string;
	#number = 0;

	constructor(options: HookDeskOptions) {
		const {pair, own, path, run, log, onRecord} = options;
		this.#options = options;
		this.#subject = describeSubject(pair, own);
		this.#stem = `${own.name}-${randomBytes(6).toString('hex')}`;
		this.#file = new QueueFile(path, log);
		this.#queue = new HookQueue({hooks: pair.hooks, run, onRecord, file: this.#file});
		this.#certificates = this.#watchCertificates(pair);
	}

	start(): void {
		this.#queue.restore();
		this.#certificates.start();
	}

	/** The configuration was read again: later events meet its hooks. */
	adopt({pair, own, run}: Pick<HookDeskOptions, 'pair' | 'own' | 'run'>): void {
		this.#subject = describeSubject(pair, own);
		this.#queue.use({hooks: pair.hooks, run});
		if (isSame(pair.certificates, this.#watched)) return;
		this.#certificates.stop();
		this.#certificates = this.#watchCertificates(pair);
		this.#certificates.start();
	}

	#watchCertificates({certificates}: Pair): CertificateWatch {
		this.#watched = certificates;
		return new CertificateWatch(certificates, (about, reason) => this.#tell({event: 'cert-expiry', about, reason}));
	}

	recordTransition(transition: Transition, time: string): void {
		this.#push(occasionOfTransition(this.#subject, transition, time));
	}

	recordEvent(event: PairEvent, time: string): void {
		this.#push(occasionOfPairEvent(this.#subject, event, this.#state, time));
	}

	recordProxy({phase, snapshot}: ProxyCondition): void {
		if (phase !== 'serving') this.#servers.noteRestart();
		if (phase !== 'serving' || snapshot === undefined) return;
		for (const news of this.#servers.see(snapshot, performance.now())) this.#tell(news);
	}

	/** @param about How it ended. */
	recordDrill(about: string, reason: string): void {
		this.#tell({event: 'drill', about, reason});
	}

	/** Why what waits would not survive a crash, as a sentence; nothing when it would. */
	get trouble(): string | undefined {
		return this.#file.trouble;
	}

	/** Resolves when no hook runs. */
	idle(): Promise<void> {
		return this.#queue.idle();
	}

	/** Nothing new is begun; what waits is on the disk when it resolves, or the disk has refused. */
	close(): Promise<void> {
		this.#certificates.stop();
		this.#queue.close();
		return this.#file.flushed();
	}

	get #state(): HookOccasion['newState'] {
		return this.#options.status()?.state ?? 'initialize';
	}

	#tell(news: Pick<Happening, 'event' | 'about' | 'reason'>): void {
		const id = `${this.#stem}-${++this.#number}`;
		const term = this.#options.status()?.term ?? 0;
		this.#push(occasionOf(this.#subject, {...news, id, term}, this.#state, new Date().toISOString()));
	}

	#push(occasion: HookOccasion | undefined): void {
		if (occasion !== undefined) this.#queue.push(occasion);
	}
}

export function describeSubject(pair: Pair, own: PairNode): HookSubject {
	return {
		pair: pair.name,
		node: own.name,
		peer: findPeer(pair, own).name,
		priority: own.priority,
		virtualAddresses: pair.virtualAddresses.map(({address}) => address),
		interfaces: [...new Set(pair.virtualAddresses.map(vip => vip.interface))],
	};
}

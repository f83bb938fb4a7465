/**
 * The drills of one node: when one is due, one at a time, and what is remembered of them.
 *
 * Both nodes have the same schedule; who is master at the time holds the drill, the other one does nothing. Decides who is told: the
 * history, the hooks, the log, and the peer by the note of the advertisements, so that both nodes know. Leaves the drill itself to
 * `conduct.ts`.
 */
import {randomBytes} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Configuration, Pair, PairNode} from '@hapair/config';
import {addressIdOf, comparePreference, type HeartbeatStatus} from '@hapair/heartbeat';
import {findPeer} from '../configuration/own-node.ts';
import {type FailoverAnswer, type HandoverOutcome, type HandoverRequest, whyNoneLivesOn} from '../daemon/handover.ts';
import type {ProxyCondition} from '../daemon/tracks/fitness.ts';
import {readHistory} from '../history/history-file.ts';
import type {HistoryRecord} from '../history/record.ts';
import type {Log} from '../logging.ts';
import {type Clock, createClock} from '../schedule/clock.ts';
import {conductDrill, type DrillOutcome} from './conduct.ts';
import {findDrillRefusal} from './preflight.ts';
import {describeTarget, findProbeTarget, type ProbeTarget} from './probe-target.ts';
import {Prober} from './prober.ts';
import {type DrillRecord, type DrillReport, describeMove, isDrill, judgeDrills} from './record.ts';
import {type DrillNews, describeNews, drillRuns, readNote, writeNews} from './remarks.ts';

export interface DrillDeskOptions {
	readonly configuration: Configuration;
	readonly pair: Pair;
	readonly own: PairNode;
	/** Where former drills stand; absent: they are not known. */
	readonly historyPath: string | undefined;
	readonly log: Log;
	readonly status: () => HeartbeatStatus | undefined;
	readonly proxy: () => ProxyCondition;
	/** A failover that an operator ordered is under way. */
	readonly isMoving: () => boolean;
	readonly handOver: (request: HandoverRequest) => Promise<HandoverOutcome>;
	readonly askBack: (limitMs: number) => Promise<FailoverAnswer | undefined>;
	/** Into the history, to the hooks. */
	readonly onRecord: (record: DrillRecord) => void;
	/** The note for the peer has changed. */
	readonly onNews: () => void;
}

export interface DrillWish {
	readonly by: 'schedule' | 'operator';
	readonly dryRun: boolean;
	/** Instead of what the drill line says, ms. */
	readonly settleMs?: number;
	readonly progress: (message: string) => void;
}

const SETTLE_MS = 600_000;
/** How long the peer is told of a drill that has ended. */
const NEWS_MS = 10_000;
/** The two nodes' clocks differ: a time that comes this soon after word of the peer's drill is the time of that drill. */
const SAME_DRILL_MS = 120_000;
const MOST_RECORDS = 200;
/** The longest wait between two times is found among so many. */
const TIMES = 8;

export class DrillDesk {
	#options: DrillDeskOptions;
	#clock: Clock | undefined;
	#target: ProbeTarget | undefined;
	#records: DrillRecord[] = [];
	#sinceMs = Date.now();
	#runs = false;
	#news: string | undefined;
	#changedMs = performance.now();
	#heardMs = Number.NEGATIVE_INFINITY;

	constructor(options: DrillDeskOptions) {
		const {configuration, pair} = options;
		this.#options = options;
		this.#clock = pair.drill === undefined ? undefined : createClock(pair.drill);
		this.#target = findProbeTarget(configuration, pair);
	}

	start(): void {
		void this.#remember();
		this.#clock?.start(() => void this.#runScheduled());
	}

	stop(): void {
		this.#clock?.stop();
	}

	/** The configuration was read again: later drills are held as it says. */
	adopt(changed: Pick<DrillDeskOptions, 'configuration' | 'pair' | 'own'>): void {
		this.#clock?.stop();
		this.#options = {...this.#options, ...changed};
		this.#clock = changed.pair.drill === undefined ? undefined : createClock(changed.pair.drill);
		this.#target = findProbeTarget(changed.configuration, changed.pair);
		this.#clock?.start(() => void this.#runScheduled());
	}

	get isRunning(): boolean {
		return this.#runs;
	}

	/** For the advertisements' note. */
	get remarks(): readonly string[] {
		return this.#runs ? [drillRuns] : this.#news === undefined ? [] : [this.#news];
	}

	/** The pair is not what it was a moment ago. */
	noteChange(): void {
		this.#changedMs = performance.now();
	}

	/** What the peer says of drills of its own. */
	hear({peer}: HeartbeatStatus): void {
		if (!peer.alive) return;
		const {news, isOfDrill} = readNote(peer.note);
		if (isOfDrill) this.#heardMs = performance.now();
		if (news === undefined || this.#records.some(({time}) => time === news.time)) return;
		this.#keep({...this.#stem(news.time), ...news, by: 'peer', reason: describeNews(news, peer.node)});
	}

	/** Nothing while there is nothing to say. */
	report(): DrillReport | undefined {
		if (this.#clock === undefined && this.#records.length === 0 && !this.#runs) return undefined;
		const next = this.#clock?.next(TIMES) ?? [];
		const [records, sinceMs] = [this.#records, this.#sinceMs];
		return judgeDrills({records, running: this.#runs, next, sinceMs, nowMs: Date.now()});
	}

	/** The newest that are remembered, oldest first. */
	newest(count: number): readonly DrillRecord[] {
		return this.#records.slice(-count);
	}

	/** Never rejects. A dry run is not recorded. */
	async run(wish: DrillWish): Promise<DrillRecord> {
		const {own, pair, log} = this.#options;
		const startedMs = performance.now();
		const taker = findPeer(pair, own).name;
		const progress = (message: string): void => {
			log.info({}, `drill: ${message}`);
			wish.progress(message);
		};
		const outcome = await this.#conduct({...wish, progress}, taker);
		const record: DrillRecord = {
			...this.#stem(new Date().toISOString()),
			...outcome,
			by: wish.by,
			giver: own.name,
			taker,
			durationMs: Math.round(performance.now() - startedMs),
		};
		log[record.result === 'passed' ? 'info' : 'warn'](
			{result: record.result, gapMs: record.gapMs},
			`drill ${record.result}: ${describeMove(record)}: ${record.reason}`,
		);
		// Somebody who is there needs no record of a drill that did not begin.
		if (wish.dryRun || (record.result === 'refused' && wish.by === 'operator')) return record;
		this.#keep(record);
		this.#tellPeer(record);
		return record;
	}

	async #conduct(wish: DrillWish, taker: string): Promise<DrillOutcome> {
		const {own, pair, handOver, askBack} = this.#options;
		const target = this.#target;
		const refusal = this.#findRefusal(wish);
		if (refusal !== undefined || target === undefined) return {result: 'refused', reason: refusal ?? ''};
		this.#runs = true;
		this.#options.onNews();
		const status = this.#options.status();
		const livesOn = status !== undefined && whyNoneLivesOn(status) === '';
		const names = {giver: own.name, taker, target: describeTarget(target)};
		const order = {...names, returns: mayReturn(pair, own), livesOn, ...wish};
		try {
			return await conductDrill(
				{
					prober: new Prober(target),
					handOver,
					askBack,
					pause: ms => sleep(ms),
					nowMs: () => performance.now(),
				},
				order,
			);
		} finally {
			this.#runs = false;
			this.#options.onNews();
		}
	}

	#findRefusal({settleMs}: DrillWish): string | undefined {
		const {pair, status, proxy, isMoving} = this.#options;
		return findDrillRefusal({
			status: status(),
			proxy: proxy(),
			busy: this.#runs ? 'another drill' : isMoving() ? 'a failover' : undefined,
			calmMs: performance.now() - this.#changedMs,
			settleMs: settleMs ?? pair.drill?.settleMs ?? SETTLE_MS,
			hasTarget: this.#target !== undefined,
		});
	}

	/** The master's matter. The peer's drill, at the same time by a clock that is ahead, may have made this node the master. */
	async #runScheduled(): Promise<void> {
		const {status, log} = this.#options;
		if (status()?.state !== 'master') return log.info({}, 'a drill is due: the master holds it');
		if (performance.now() - this.#heardMs < SAME_DRILL_MS)
			return log.info({}, 'a drill is due, and the peer has held it');
		await this.run({by: 'schedule', dryRun: false, progress: () => {}});
	}

	#tellPeer(news: DrillNews): void {
		const text = writeNews(news);
		this.#news = text;
		this.#options.onNews();
		setTimeout(() => {
			if (this.#news === text) this.#news = undefined;
		}, NEWS_MS).unref();
	}

	#stem(time: string): Pick<DrillRecord, 'time' | 'pair' | 'node' | 'kind' | 'id' | 'term'> {
		const {own, pair, status} = this.#options;
		const id = `${own.name}-drill-${randomBytes(6).toString('hex')}`;
		return {time, pair: pair.name, node: own.name, kind: 'drill', id, term: status()?.term ?? 0};
	}

	#keep(record: DrillRecord): void {
		this.#records = [...this.#records, record].slice(-MOST_RECORDS);
		this.#options.onRecord(record);
	}

	/** What was recorded before this daemon, of both nodes' drills. */
	async #remember(): Promise<void> {
		const {historyPath, log} = this.#options;
		if (historyPath === undefined) return;
		try {
			const all: HistoryRecord[] = await readHistory(historyPath, Number.POSITIVE_INFINITY);
			this.#records = [...all.filter(isDrill), ...this.#records].slice(-MOST_RECORDS);
			const firstMs = Date.parse(all[0]?.time ?? '');
			if (firstMs < this.#sinceMs) this.#sinceMs = firstMs;
		} catch (error) {
			log.warn({error: String(error)}, 'former drills are not known: the history cannot be read');
		}
	}
}

/** By preference where the pair has one, else as the drill line says. */
export function mayReturn({preempt, nodes, drill}: Pair, own: PairNode): boolean {
	if (preempt.mode === 'off') return drill?.returns ?? false;
	const [one, other] = nodes[0].name === own.name ? nodes : nodes.toReversed();
	return comparePreference(rankOf(one!), rankOf(other!)) > 0;
}

function rankOf({priority, address}: PairNode): {readonly priority: number; readonly address: string} {
	return {priority, address: addressIdOf(address)};
}

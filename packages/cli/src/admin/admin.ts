/**
 * The admin address as the daemon sees it: told of everything, it keeps the last minutes and tells the feed.
 *
 * Decides when the feed hears of a change: a moment after it, once for what comes together, and once a second anyway. Leaves requests to
 * `server.ts` and figures to `metrics/`, which is loaded when somebody first asks for it.
 */
import {readFileSync} from 'node:fs';
import type {HeartbeatStatus} from '@hapair/heartbeat';
import {LoopDelayMeter, type ProxyFigures} from '@hapair/proxy';
import type {ControlReply} from '../daemon/control-protocol.ts';
import type {StatusReport} from '../daemon/status-report.ts';
import type {ProxyCondition} from '../daemon/tracks/fitness.ts';
import {readCpuTimes} from '../daemon/tracks/starvation.ts';
import type {HistoryRecord} from '../history/record.ts';
import type {Log} from '../logging.ts';
import type {FeedMessage} from './feed.ts';
import type {MetricsSource} from './metrics/metrics.ts';
import {KeptPage, Page} from './page.ts';
import type {AdminPorts} from './routes.ts';
import {type Sample, Series} from './series.ts';
import {AdminServer} from './server.ts';
import {Tally} from './tally.ts';

export interface AdminOptions {
	/** A literal address of this machine. */
	readonly host: string;
	readonly port: number;
	readonly hostNames: readonly string[];
	readonly token: string;
	readonly log: Log;
	readonly ports: Omit<AdminPorts, 'metrics' | 'statusPage'>;
	readonly condition: () => ProxyCondition;
	readonly heartbeat: () => HeartbeatStatus | undefined;
	readonly figures: () => Promise<ProxyFigures | undefined>;
}

const SAMPLE_MS = 1000;
/** Changes that come together (a dead switch takes many servers down) are told together. */
const GATHER_MS = 20;
/** Records that a new dashboard is told. */
const HELLO_RECORDS = 100;
const HELLO_DRILLS = 20;
/** A thousand servers are a few milliseconds of work, and many may ask. */
const STATUS_KEPT_MS = 100;
/** Ticks of `/proc/stat` in a second (sysconf(_SC_CLK_TCK), 100 on every Linux that Node runs on). */
const TICKS = 100;

export class Admin {
	readonly #options: AdminOptions;
	readonly #server: AdminServer;
	readonly #series = new Series();
	readonly #tally = new Tally();
	readonly #loopDelay = new LoopDelayMeter();
	#sampling: NodeJS.Timeout | undefined;
	#gathering: NodeJS.Timeout | undefined;
	#proxySign = '';
	#pairSign = '';
	#writer: Promise<{text(): Promise<string>}> | undefined;
	#metrics: Page | undefined;
	/** Forgotten with each word of a child, so that it is never older than what is known. */
	readonly #status: KeptPage;

	constructor(options: AdminOptions) {
		this.#options = options;
		const {host, port, hostNames, token, log} = options;
		this.#status = new KeptPage(() => `${JSON.stringify(options.ports.status())}\n`, STATUS_KEPT_MS);
		const statusPage = () => this.#status.get(performance.now());
		const ports = {...options.ports, statusPage, metrics: () => this.#writeMetrics()};
		this.#server = new AdminServer({host, port, hostNames, token, log, ports, hello: () => this.#hello()});
	}

	start(): void {
		this.#sampling = setInterval(() => this.#sample(), SAMPLE_MS);
		this.#server.start();
		void this.#options.ports.history(1000).then(records => this.#tally.remember(records));
	}

	async close(): Promise<void> {
		clearInterval(this.#sampling);
		clearTimeout(this.#gathering);
		this.#loopDelay.close();
		await this.#server.close();
	}

	noteProxy({phase, snapshot}: ProxyCondition): void {
		this.#status.forget();
		if (this.#server.feed.size === 0) return;
		const servers = snapshot?.backends.flatMap(backend => backend.servers.map(({status}) => status));
		const sign = [phase, snapshot?.draining, ...(servers ?? [])].join();
		if (sign === this.#proxySign) return;
		this.#proxySign = sign;
		this.#tellSoon();
	}

	noteHeartbeat({state, holdsAddress, maintenance, solo, peer}: HeartbeatStatus): void {
		this.#status.forget();
		const sign = [
			state,
			holdsAddress,
			maintenance,
			solo,
			peer.state,
			peer.alive,
			peer.maintenance,
			peer.eligible,
		].join();
		if (sign === this.#pairSign) return;
		this.#pairSign = sign;
		this.#tellSoon();
	}

	/** A transition, an event or a hook. */
	note(reply: ControlReply): void {
		this.#status.forget();
		if (reply.type !== 'transition' && reply.type !== 'event' && reply.type !== 'hook') return;
		this.#tally.note(reply);
		this.#server.feed.send(reply);
		this.#tellSoon();
	}

	noteRecord(record: HistoryRecord): void {
		this.#status.forget();
		this.#tally.noteRecord(record);
		this.#server.feed.send({type: 'record', record});
	}

	#tellSoon(): void {
		this.#gathering ??= setTimeout(() => {
			this.#gathering = undefined;
			this.#tell();
		}, GATHER_MS).unref();
	}

	#tell(sample?: Sample): void {
		if (this.#server.feed.size === 0) return;
		const status = this.#options.ports.status();
		this.#server.feed.send({type: 'status', status, ...(sample === undefined ? {} : {sample})});
	}

	#sample(): void {
		const {phase, snapshot} = this.#options.condition();
		const isFresh = phase === 'serving' && snapshot !== undefined;
		this.#tell(isFresh ? this.#series.add(snapshot, performance.now(), Date.now()) : undefined);
	}

	async #hello(): Promise<readonly FeedMessage[]> {
		const history = await this.#options.ports.history(HELLO_RECORDS);
		const drills = this.#options.ports.drills(HELLO_DRILLS);
		const status: StatusReport = this.#options.ports.status();
		return [
			{type: 'hello', samples: this.#series.samples, history, drills},
			{type: 'status', status},
		];
	}

	async #writeMetrics(): Promise<Page> {
		this.#writer ??= import('./metrics/metrics.ts').then(
			({Metrics}) =>
				new Metrics({
					figures: this.#options.figures,
					daemonDelay: () => this.#loopDelay.read(),
					collect: () => this.#collect(),
				}),
		);
		const text = await (await this.#writer).text();
		if (this.#metrics?.text !== text) this.#metrics = new Page(text);
		return this.#metrics;
	}

	#collect(): Omit<MetricsSource, 'figures' | 'loopDelays' | 'collectedMs'> {
		const {ports, heartbeat, condition} = this.#options;
		const status = ports.status();
		return {
			status,
			proxy: status.proxy,
			heartbeat: heartbeat(),
			snapshot: condition().snapshot,
			node: ports.node,
			version: ports.version,
			pair: status.pair?.name,
			uptimeMs: status.uptimeMs,
			residentBytes: process.memoryUsage.rss(),
			stolenSeconds: readStolenSeconds(),
			plannedMoveAgeMs: this.#tally.plannedMoveAgeMs(Date.now()),
			drills: this.#tally.drills,
			transitions: this.#tally.transitions,
			events: this.#tally.events,
			hooks: this.#tally.hooks,
		};
	}
}

function readStolenSeconds(): number | undefined {
	try {
		const times = readCpuTimes(readFileSync('/proc/stat', 'latin1'));
		return times === undefined ? undefined : times.stolen / TICKS;
	} catch {
		return undefined;
	}
}

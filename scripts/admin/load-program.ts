/**
 * Asks an admin address so many times a second, and once a second for its metrics: run as a program, in the namespace of a node.
 *
 * Decides that the pace is kept whatever the answers are, that so many are under way at most, and what is told at the end. Times are of
 * this process. Nothing is judged.
 */
import {Agent, request} from 'node:http';
import {gunzipSync} from 'node:zlib';

export interface LoadOrder {
	readonly token: string;
	/** Requests a second; 0: only the metrics are read. */
	readonly perSecond: number;
}

export interface LoadReport {
	/** Answers of the load, by status; `none` for requests without an answer. */
	readonly answers: Readonly<Record<string, number>>;
	readonly seconds: number;
	/** How long each of the looks at the metrics took, ms. */
	readonly metricsMs: readonly number[];
	/** The last text of the metrics. */
	readonly metrics: string;
}

const tickMs = 10;
const mostUnderWay = 100;
const limitMs = 5000;
/** As an operator's programs ask. */
const paths = ['/api/status', '/metrics', '/api/history?last=20', '/api/ping'];

interface Answer {
	readonly status: string;
	readonly body: Buffer;
}

const nothing: Answer = {status: 'none', body: Buffer.alloc(0)};

export class Load {
	readonly #headers: Readonly<Record<string, string>>;
	readonly #agent = new Agent({keepAlive: true, maxSockets: mostUnderWay});
	readonly #answers: Record<string, number> = {};
	readonly #metricsMs: number[] = [];
	readonly #startedMs = performance.now();
	readonly #perSecond: number;
	#metrics: Buffer | undefined;
	#sent = 0;
	#underWay = 0;
	readonly #timers: readonly NodeJS.Timeout[];

	constructor({token, perSecond}: LoadOrder) {
		this.#headers = {Authorization: `Bearer ${token}`, 'Accept-Encoding': 'gzip'};
		this.#perSecond = perSecond;
		this.#timers = [setInterval(() => this.#tick(), tickMs), setInterval(() => void this.#look(), 1000)];
	}

	end(): LoadReport {
		for (const timer of this.#timers) clearInterval(timer);
		this.#agent.destroy();
		const seconds = (performance.now() - this.#startedMs) / 1000;
		const metrics = this.#metrics === undefined ? '' : gunzipSync(this.#metrics).toString('utf8');
		return {answers: this.#answers, seconds, metricsMs: this.#metricsMs, metrics};
	}

	#tick(): void {
		const due = Math.floor(((performance.now() - this.#startedMs) / 1000) * this.#perSecond);
		while (this.#sent < due && this.#underWay < mostUnderWay) {
			const path = paths[this.#sent % paths.length] ?? '/';
			this.#sent++;
			this.#underWay++;
			void this.#ask(path, this.#agent, false).then(({status}) => {
				this.#underWay--;
				this.#answers[status] = (this.#answers[status] ?? 0) + 1;
			});
		}
	}

	/** As Prometheus does: refused for the pace, it comes again a second later. */
	async #look(): Promise<void> {
		const startedMs = performance.now();
		const {status, body} = await this.#ask('/metrics', new Agent(), true);
		if (status !== '200') return;
		this.#metricsMs.push(performance.now() - startedMs);
		this.#metrics = body;
	}

	#ask(path: string, agent: Agent, isKept: boolean): Promise<Answer> {
		const {promise, resolve} = Promise.withResolvers<Answer>();
		const options = {host: '127.0.0.1', port: 8404, path, headers: this.#headers, agent, timeout: limitMs};
		const sent = request(options, response => {
			const chunks: Buffer[] = [];
			// The load itself looks at nothing: it shares the processors with what is measured.
			response.on('data', (chunk: Buffer) => isKept && chunks.push(chunk));
			response.once('end', () => resolve({status: String(response.statusCode), body: Buffer.concat(chunks)}));
			response.once('error', () => resolve(nothing));
		});
		sent.once('timeout', () => sent.destroy());
		sent.once('error', () => resolve(nothing));
		sent.end();
		return promise;
	}
}

if (import.meta.main) {
	let load: Load | undefined;
	process.on('message', (order: LoadOrder | 'end') => {
		if (order !== 'end') load = new Load(order);
		else if (load !== undefined) process.send?.(load.end(), () => process.exit(0));
	});
	process.on('disconnect', () => process.exit(0));
}

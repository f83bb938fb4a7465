/**
 * `/metrics`: collects what all processes know and writes Prometheus's text.
 *
 * Decides that one collection serves all who ask within a second. Leaves the metrics to the files beside it.
 */
import type {LoopDelay, ProxyFigures} from '@hapair/proxy';
import {Book} from './book.ts';
import {addNodeMetrics, type NodeSource} from './node.ts';
import {addPairMetrics, type PairSource} from './pair.ts';
import {addProxyMetrics, type ProxySource} from './proxy.ts';

export type MetricsSource = NodeSource & PairSource & ProxySource;

export interface MetricsPorts {
	/** Of the proxy process; absent when it does not answer. */
	readonly figures: () => Promise<ProxyFigures | undefined>;
	readonly daemonDelay: () => LoopDelay | undefined;
	readonly collect: () => Omit<MetricsSource, 'figures' | 'loopDelays' | 'collectedMs'>;
}

const KEPT_MS = 1000;

export class Metrics {
	readonly #ports: MetricsPorts;
	readonly #book = new Book<MetricsSource>();
	#running: Promise<string> | undefined;
	#kept: {readonly text: string; readonly atMs: number} | undefined;

	constructor(ports: MetricsPorts) {
		this.#ports = ports;
		addNodeMetrics(this.#book);
		addPairMetrics(this.#book);
		addProxyMetrics(this.#book);
	}

	async text(): Promise<string> {
		if (this.#kept !== undefined && performance.now() - this.#kept.atMs < KEPT_MS) return this.#kept.text;
		this.#running ??= this.#write();
		try {
			const text = await this.#running;
			this.#kept = {text, atMs: performance.now()};
			return text;
		} finally {
			this.#running = undefined;
		}
	}

	async #write(): Promise<string> {
		const beganMs = performance.now();
		const figures = await this.#ports.figures();
		const loopDelays = new Map<string, LoopDelay>();
		const daemon = this.#ports.daemonDelay();
		if (daemon !== undefined) loopDelays.set('daemon', daemon);
		if (figures?.loopDelay !== undefined) loopDelays.set('proxy', figures.loopDelay);
		const collectedMs = performance.now() - beganMs;
		const collected = this.#ports.collect();
		const heartbeat = collected.heartbeat?.loopDelay;
		if (heartbeat !== undefined) loopDelays.set('heartbeat', heartbeat);
		return this.#book.write({...collected, figures, loopDelays, collectedMs});
	}
}

/**
 * The statistics of one engine: what can be asked and ordered of it, and the sockets on which that is done.
 *
 * Wires `Runtime` and `StatsSockets` and keeps the rates. The page is served by the workers, from the shared table.
 */

import {ProcessColumn} from '../status-board.ts';
import {readMemoryUsage} from '../system/memory-usage.ts';
import type {ProcessFigures} from './info.ts';
import {LoadMeter} from './load-meter.ts';
import {readProcessFacts} from './process-facts.ts';
import {Runtime, type RuntimeParts} from './runtime.ts';
import {StatsSockets} from './socket.ts';

/** How often the highest rates are noted; the meters keep three seconds. */
const NOTE_MS = 1000;

function cpuMicroseconds(): number {
	const {user, system} = process.cpuUsage();
	return user + system;
}

function readMemory(): Pick<ProcessFigures, 'memoryBytes' | 'memoryUsedBytes'> {
	const {rss, heapUsed} = readMemoryUsage();
	return {memoryBytes: rss, memoryUsedBytes: heapUsed};
}

function figuresOf({idlePercent, bytesOutRate}: LoadMeter): Pick<ProcessFigures, 'idlePercent' | 'bytesOutRate'> {
	return {idlePercent, bytesOutRate};
}

export class Statistics {
	readonly runtime: Runtime;
	/** No new connections are accepted any more. */
	isStopping = false;
	readonly #sockets: StatsSockets;
	readonly #metering: NodeJS.Timeout;

	constructor(parts: Omit<RuntimeParts, 'processFacts' | 'nowMs' | 'wallMs'>) {
		const {configuration, table} = parts;
		const facts = readProcessFacts(configuration.global);
		const nowMs = () => performance.timeOrigin + performance.now();
		table.board.set(0, ProcessColumn.startedWallMs, Date.now());
		const load = new LoadMeter(configuration, table, cpuMicroseconds, nowMs());
		this.runtime = new Runtime({
			...parts,
			processFacts: () => ({...facts, ...readMemory(), ...figuresOf(load), isStopping: this.isStopping}),
			nowMs,
			wallMs: Date.now,
		});
		this.#sockets = new StatsSockets(configuration.global, this.runtime);
		this.#metering = setInterval(() => {
			table.rates.note(nowMs());
			load.look(nowMs());
		}, NOTE_MS).unref();
	}

	/** Resolves when every stats socket listens; rejects with a `SocketFileError` or the system's error. */
	async open(): Promise<void> {
		try {
			await this.#sockets.open();
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** Another process answers on the sockets from now on. */
	retire(): void {
		this.isStopping = true;
		this.#sockets.stopListening();
	}

	close(): void {
		clearInterval(this.#metering);
		this.#sockets.close();
	}
}

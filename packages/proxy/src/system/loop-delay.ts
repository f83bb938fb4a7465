/**
 * How late this process's event loop is, for monitoring.
 *
 * Decides that nothing is measured before somebody has asked once: an idle process is not woken for figures that nobody reads.
 */
import {monitorEventLoopDelay} from 'node:perf_hooks';
import type {LoopDelay} from '../messages.ts';

const RESOLUTION_MS = 50;
const NANOSECONDS = 1e6;

export class LoopDelayMeter {
	#histogram: ReturnType<typeof monitorEventLoopDelay> | undefined;

	/** Since the last call; undefined at the first one. */
	read(): LoopDelay | undefined {
		const histogram = this.#histogram;
		if (histogram === undefined) {
			this.#histogram = monitorEventLoopDelay({resolution: RESOLUTION_MS});
			this.#histogram.enable();
			return undefined;
		}
		if (histogram.count === 0) return undefined;
		// What is recorded is the time between two looks: the wait that was asked for is no delay.
		const late = (nanoseconds: number) => Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS);
		const delay = {
			meanMs: late(histogram.mean),
			p99Ms: late(histogram.percentile(99)),
			maxMs: late(histogram.max),
		};
		histogram.reset();
		return delay;
	}

	close(): void {
		this.#histogram?.disable();
	}
}

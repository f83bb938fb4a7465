/** Metrics of this machine and of the processes: versions, loop delays, stolen CPU time. */
import type {LoopDelay} from '@hapair/proxy';
import {type Book, value} from './book.ts';

export interface NodeSource {
	readonly node: string;
	readonly version: string;
	readonly pair: string | undefined;
	readonly uptimeMs: number;
	/** By process. */
	readonly loopDelays: ReadonlyMap<string, LoopDelay>;
	readonly residentBytes: number;
	/** Since the machine started; absent where the kernel does not tell. */
	readonly stolenSeconds: number | undefined;
	/** How long it took to collect all this. */
	readonly collectedMs: number;
}

export function addNodeMetrics(book: Book<NodeSource>): void {
	book.gauge('hapair_info', 'Always 1.', ({node, version, pair = ''}) => value(1, {node, version, pair}));
	book.gauge('hapair_uptime_seconds', 'Since the daemon started.', ({uptimeMs}) => value(uptimeMs / 1000));
	book.gauge('hapair_daemon_resident_bytes', "The daemon's memory.", ({residentBytes}) => value(residentBytes));
	book.gauge(
		'hapair_loop_delay_seconds',
		'How late the event loop of a process was since the last scrape; of the heartbeat, its last 512 timers.',
		({loopDelays}) =>
			[...loopDelays].flatMap(([process, {meanMs, p99Ms, maxMs}]) => [
				...value(meanMs / 1000, {process, of: 'mean'}),
				...value(p99Ms / 1000, {process, of: 'p99'}),
				...value(maxMs / 1000, {process, of: 'max'}),
			]),
	);
	book.counter(
		'hapair_cpu_stolen_seconds_total',
		'CPU time that the host gave to others, over all processors.',
		source => value(source.stolenSeconds),
	);
	book.gauge('hapair_collect_seconds', 'How long it took to collect these metrics.', ({collectedMs}) =>
		value(collectedMs / 1000),
	);
}

/**
 * How much memory the process has, in a chroot too, where there is no /proc to ask.
 */
import {getHeapStatistics} from 'node:v8';

export function readMemoryUsage(): NodeJS.MemoryUsage {
	try {
		return process.memoryUsage();
	} catch {
		const {total_heap_size: heapTotal, used_heap_size: heapUsed, external_memory: external} = getHeapStatistics();
		// The highest so far: the kernel tells no other number without /proc.
		return {rss: process.resourceUsage().maxRSS * 1024, heapTotal, heapUsed, external, arrayBuffers: 0};
	}
}

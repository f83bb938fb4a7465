/**
 * `track steal` and `track delay`: a node that is starved by its host is less fit than one that is not.
 *
 * Decides from the kernel's count of stolen CPU time since the last look (`/proc/stat`, proc(5)), and from how late the daemon's own
 * timers were meanwhile. Both name the figure.
 */
import {readFile} from 'node:fs/promises';
import type {Track} from '@hapair/config';
import {monitorPeriodically, type TrackMonitor} from './monitor.ts';

/** `statPath` is `/proc/stat` unless a test says otherwise. */
export function createStealTrack(track: Extract<Track, {kind: 'steal'}>, statPath = '/proc/stat'): TrackMonitor {
	let last: CpuTimes | undefined;
	return monitorPeriodically('track steal', track, async () => {
		const now = readCpuTimes(await readFile(statPath, 'latin1').catch(() => ''));
		const before = last;
		last = now;
		if (now === undefined) return {passed: false, reason: `${statPath} tells no CPU times`};
		if (before === undefined || now.total <= before.total) return {passed: true, reason: ''};
		const percent = (100 * (now.stolen - before.stolen)) / (now.total - before.total);
		const reason = `the host takes ${Math.round(percent)} % of the CPU time from this node, ${track.percent} % are allowed (noisy neighbour)`;
		return {passed: percent < track.percent, reason};
	});
}

interface CpuTimes {
	readonly stolen: number;
	readonly total: number;
}

/** Of the line `cpu  user nice system idle iowait irq softirq steal …`; guest times are part of user's. */
export function readCpuTimes(text: string): CpuTimes | undefined {
	const fields = /^cpu +(.*)$/m.exec(text)?.[1]?.split(' ').slice(0, 8).map(Number);
	if (fields?.length !== 8 || fields.some(value => !Number.isFinite(value))) return undefined;
	return {stolen: fields[7]!, total: fields.reduce((sum, value) => sum + value, 0)};
}

const LOOK_EVERY_MS = 10;

export function createDelayTrack(track: Extract<Track, {kind: 'delay'}>): TrackMonitor {
	let worstMs = 0;
	let lastMs = 0;
	let timer: NodeJS.Timeout | undefined;
	const look = (): void => {
		const nowMs = performance.now();
		worstMs = Math.max(worstMs, nowMs - lastMs - LOOK_EVERY_MS);
		lastMs = nowMs;
	};
	const monitor = monitorPeriodically('track delay', track, async () => {
		look();
		const lateMs = worstMs;
		worstMs = 0;
		const reason = `timers here are late by ${Math.round(lateMs)} ms, ${track.delayMs} ms are allowed`;
		return {passed: lateMs < track.delayMs, reason};
	});
	return {
		result: () => monitor.result(),
		start: onChange => {
			lastMs = performance.now();
			timer = setInterval(look, LOOK_EVERY_MS);
			monitor.start(onChange);
		},
		stop: () => {
			clearInterval(timer);
			monitor.stop();
		},
	};
}

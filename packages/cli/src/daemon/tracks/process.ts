/**
 * `track process`: this node is fit while a process of that name runs.
 *
 * Decides from `/proc/PID/comm` that a zombie does not run. Looks at the pid that it found last first: the whole of `/proc` is read
 * only when that one is gone.
 */
import {readdir, readFile} from 'node:fs/promises';
import type {Track} from '@hapair/config';
import {monitorPeriodically, type TrackMonitor} from './monitor.ts';

/** `procDirectory` is `/proc` unless a test says otherwise. */
export function createProcessTrack(track: Extract<Track, {kind: 'process'}>, procDirectory = '/proc'): TrackMonitor {
	let lastPid = '';
	return monitorPeriodically(`track process ${track.process}`, track, async () => {
		if (lastPid !== '' && (await isRunning(procDirectory, lastPid, track.process))) return {passed: true, reason: ''};
		lastPid = await findPid(procDirectory, track.process);
		return {passed: lastPid !== '', reason: `process ${track.process} does not run`};
	});
}

async function findPid(directory: string, name: string): Promise<string> {
	const entries = await readdir(directory).catch(() => []);
	for (const pid of entries) if (/^\d+$/.test(pid) && (await isRunning(directory, pid, name))) return pid;
	return '';
}

/** `stat` begins with `PID (comm) STATE`; the name may hold anything, so the last parenthesis counts. */
async function isRunning(directory: string, pid: string, name: string): Promise<boolean> {
	const text = await readFile(`${directory}/${pid}/stat`, 'latin1').catch(() => '');
	const open = text.indexOf('(');
	const close = text.lastIndexOf(')');
	return open > 0 && text.slice(open + 1, close) === name && !/^[ZX]/.test(text.slice(close + 2));
}

/**
 * `track file`: this node is fit while a file is there, or while it is not.
 *
 * Decides that what cannot be asked (a file system that does not answer in time, a directory that is closed) is a failure.
 */
import {stat} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Track} from '@hapair/config';
import {monitorPeriodically, type TrackMonitor} from './monitor.ts';

export function createFileTrack(track: Extract<Track, {kind: 'file'}>): TrackMonitor {
	const {path, present, timeoutMs} = track;
	return monitorPeriodically(`track file ${path}`, track, async signal => {
		const found = await Promise.race([
			look(path),
			sleep(timeoutMs, 'late' as const, {signal, ref: false}).catch(() => 'late' as const),
		]);
		if (found === 'late') return {passed: false, reason: `file ${path}: no answer within ${timeoutMs} ms`};
		if (typeof found === 'string') return {passed: false, reason: `file ${path}: ${found}`};
		return {passed: found === present, reason: `file ${path} is ${found ? 'there' : 'not there'}`};
	});
}

async function look(path: string): Promise<boolean | string> {
	try {
		await stat(path);
		return true;
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		return code === 'ENOENT' || code === 'ENOTDIR' ? false : message;
	}
}

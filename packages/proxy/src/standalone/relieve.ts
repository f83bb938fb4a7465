/**
 * Taking over from older processes (`-sf`, `-st`): they let go of a port that is still in use, and end once this one listens.
 *
 * The signals are haproxy's: TTOU pauses listening, TTIN resumes it, USR1 finishes, TERM ends.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import {StartError} from '../engine.ts';

export interface Relief {
	readonly mode: 'finish' | 'terminate';
	readonly pids: readonly number[];
}

/** How often a bind is tried while the old processes let go. */
const attempts = 20;
const pauseMs = 50;

/**
 * Runs `start`; when a port is in use, asks the old processes to stop listening and tries again for a second. Gives their ports back when it
 * cannot start at all.
 */
export async function startRelieving<Result>(
	relief: Relief | undefined,
	start: () => Promise<Result>,
): Promise<Result> {
	if (!relief || relief.pids.length === 0) return start();
	let paused = false;
	for (let attempt = 1; ; attempt++) {
		try {
			return await start();
		} catch (error) {
			const inUse = error instanceof StartError && error.inUse;
			if (!inUse || attempt >= attempts) {
				if (paused) signalAll(relief.pids, 'SIGTTIN');
				throw error;
			}
			signalAll(relief.pids, 'SIGTTOU');
			paused = true;
			await sleep(pauseMs);
		}
	}
}

/** Tells the old processes to end. */
export function relieve(relief: Relief | undefined): void {
	if (relief) signalAll(relief.pids, relief.mode === 'finish' ? 'SIGUSR1' : 'SIGTERM');
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
	for (const pid of pids) {
		try {
			process.kill(pid, signal);
		} catch {
			// Gone already, or another user's: haproxy goes on as well.
		}
	}
}

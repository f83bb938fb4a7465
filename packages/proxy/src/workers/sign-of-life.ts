/**
 * The sign of life of a thread that serves: it reaches the daemon without passing through the main thread of this process.
 *
 * Decides how often it is given. The daemon names a descriptor in the environment and judges by what comes (`Supervisor` of the command
 * line's package); alone, or without `node:ffi`, no sign is given, and the main thread's word counts for all.
 */
import {systemCalls} from '../system/calls.ts';

const everyMs = 500;
const sign = Buffer.of(1);

/** Gives signs as long as this thread's loop turns. A daemon that does not read misses some: nothing here waits for it. */
export function keepGivingSigns(): void {
	const fd = Number(process.env.HAPAIR_SIGNS_FD ?? Number.NaN);
	const calls = systemCalls();
	if (calls === undefined || !Number.isInteger(fd)) return;
	const give = () => void calls.sendDatagram(fd, sign);
	give();
	setInterval(give, everyMs).unref();
}

/**
 * Guests and those who look at them go before everything else on the machine.
 *
 * Decides how much: what else runs gets what they leave over. Must not fail: without it a guest is only slower, and a look later.
 */
import {writeFileSync} from 'node:fs';
import {setPriority} from 'node:os';

const priority = -15;

export function favour(pid: number): void {
	try {
		setPriority(pid, priority);
		// A process in a session of its own competes as one with all others, whatever its priority is within (sched(7), autogroup).
		writeFileSync(`/proc/${pid}/autogroup`, String(priority));
	} catch {}
}

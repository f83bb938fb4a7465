/**
 * What makes a daemon run the files that a sync has put into their places.
 *
 * Decides what is said of it. It is the one place at which a sync meets the running daemon.
 */

import type {ReloadOutcome} from '../daemon/reload.ts';
import {exitCodes, UserError} from '../exit-codes.ts';

/** How the daemon is told. Rejects when it cannot run the new files; then they are taken back. */
export type Activate = () => Promise<'running' | 'restart needed'>;

/** By a reload: what a running heartbeat cannot take stays for the restart. */
export function activateBy(reload: () => Promise<ReloadOutcome>): Activate {
	return async () => {
		const {code, message, needsRestart = false} = await reload();
		if (code === exitCodes.ok) return 'running';
		if (needsRestart) return 'restart needed';
		throw new UserError(message);
	};
}

export function describeActivation(node: string, outcome: Awaited<ReturnType<Activate>>): string {
	return outcome === 'running' ? `${node} runs them` : `${node} needs a restart to run them`;
}

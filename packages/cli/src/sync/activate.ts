/**
 * What makes a daemon run the files that a sync has put into their places.
 *
 * Decides what is said of it. It is the one place at which a sync meets the running daemon.
 */

/** How the daemon is told. Rejects when it cannot run the new files; then they are taken back. */
export type Activate = () => Promise<'running' | 'restart needed'>;

/** The daemon reads its files at its start only. */
export const activate: Activate = async () => 'restart needed';

export function describeActivation(node: string, outcome: Awaited<ReturnType<Activate>>): string {
	return outcome === 'running' ? `${node} runs them` : `${node} needs a restart to run them`;
}

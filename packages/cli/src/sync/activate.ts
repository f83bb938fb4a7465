/**
 * What makes a daemon run the files that a sync has put into their places: a reload.
 *
 * Decides what is said of it. Leaves the reload to the daemon.
 */

/** How the daemon is told. Rejects when it cannot run the new files; then they are taken back. */
export type Activate = () => Promise<'running' | 'restart needed'>;

export function describeActivation(node: string, outcome: Awaited<ReturnType<Activate>>): string {
	return outcome === 'running' ? `${node} runs them` : `${node} needs a restart to run them`;
}

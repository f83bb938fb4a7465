/**
 * The header of `http-check send-state` (HAProxy manual): what the proxy thinks of the server it asks. Pure.
 *
 * Decides its text: state, address, weight in its backend, connections and queue.
 */

export interface ServerStateFacts {
	/** `UP`, `UP 2/3`, `DOWN 1/2`, `NOLB` and the like. */
	readonly status: string;
	/** Absent for a unix socket. */
	readonly address?: string;
	readonly port?: number;
	readonly backend: string;
	readonly server: string;
	readonly node: string;
	readonly weight: number;
	/** Of all usable servers of the backend. */
	readonly totalWeight: number;
	readonly sessions: number;
	readonly backendSessions: number;
	readonly queued: number;
	/** Percent under `slowstart`; 100 is not said. */
	readonly throttle: number;
}

/** One header line without its end. */
export function formatStateLine(facts: ServerStateFacts): string {
	const where = facts.address === undefined ? '' : ` address=${facts.address}; port=${facts.port};`;
	const throttle = facts.throttle < 100 ? `; throttle=${facts.throttle}%` : '';
	return (
		`X-Haproxy-Server-State: ${facts.status};${where} name=${facts.backend}/${facts.server}; node=${facts.node}; ` +
		`weight=${facts.weight}/${facts.totalWeight}; scur=${facts.sessions}/${facts.backendSessions}; qcur=${facts.queued}${throttle}`
	);
}

/**
 * Folds check results into a server's state (HAProxy manual, `rise`, `fall`, `inter`, `fastinter`, `downinter`).
 *
 * Decides transitions, the words shown for a state and when to check next. Only consecutive results count: a server that
 * fails every other check keeps its place. Leaves sockets, clocks and log lines to the caller.
 */
import type {Server, ServerCheck} from '@hapair/config';

/** By hand: `ready`, `drain` (no new clients, persistence works), `maint` (nothing, and no checks). */
export type AdminState = 'ready' | 'drain' | 'maint';

export interface Health {
	readonly up: boolean;
	/**
	 * While up: failures still to go, 1 … fall. While down: successes seen in a row, 0 … rise − 1.
	 * An unchecked server stays up for ever.
	 */
	readonly count: number;
	/** Up, but its check answered 404 under `http-check disable-on-404`: persistent clients only. */
	readonly nolb: boolean;
}

/** What one check said. `closing` is the 404 of `disable-on-404`. */
export type CheckOutcome = 'passed' | 'failed' | 'closing';

export type Transition = 'none' | 'down' | 'up' | 'nolb';

export interface Recorded {
	readonly health: Health;
	readonly transition: Transition;
}

/** A checked server starts up with one failure to go: the first failed check takes it down. */
export function startHealth(): Health {
	return {up: true, count: 1, nolb: false};
}

/** A state that another process knew, within today's limits. */
export function recalled(
	{up, count, nolb}: Health,
	{rise, fall}: {readonly rise: number; readonly fall: number},
): Health {
	return {up, nolb, count: up ? Math.min(Math.max(1, count), fall) : Math.min(Math.max(0, count), rise - 1)};
}

/** Folds one result; `limits` are the server's `rise` and `fall`, both at least 1. */
export function recordCheck(
	health: Health,
	outcome: CheckOutcome,
	limits: {readonly rise: number; readonly fall: number},
): Recorded {
	if (outcome === 'failed') return recordFailure(health, limits.fall);
	if (outcome === 'closing') {
		// 404 says "leave me": it never brings a server back.
		if (!health.up) return recordFailure(health, limits.fall);
		const next: Health = {up: true, count: limits.fall, nolb: true};
		return {health: next, transition: health.nolb ? 'none' : 'nolb'};
	}
	if (health.up) {
		const next: Health = {up: true, count: limits.fall, nolb: false};
		return {health: next, transition: health.nolb ? 'up' : 'none'};
	}
	if (health.count + 1 < limits.rise) {
		return {health: {up: false, count: health.count + 1, nolb: false}, transition: 'none'};
	}
	return {health: {up: true, count: limits.fall, nolb: false}, transition: 'up'};
}

function recordFailure(health: Health, fall: number): Recorded {
	if (!health.up) return {health: {up: false, count: 0, nolb: false}, transition: 'none'};
	const left = Math.min(health.count, fall) - 1;
	if (left > 0) return {health: {...health, count: left}, transition: 'none'};
	return {health: {up: false, count: 0, nolb: false}, transition: 'down'};
}

/** What a server is used for: `up` balancing, `nolb` and `drain` persistent clients only, the others nothing. */
export type Use = 'up' | 'nolb' | 'drain' | 'down' | 'maint';

export function useOf(health: Health, admin: AdminState): Use {
	if (admin === 'maint') return 'maint';
	if (!health.up) return 'down';
	if (admin === 'drain') return 'drain';
	return health.nolb ? 'nolb' : 'up';
}

/** The order that takes more away. */
export function stricterAdmin(a: AdminState, b: AdminState): AdminState {
	if (a === 'maint' || b === 'maint') return 'maint';
	return a === 'drain' || b === 'drain' ? 'drain' : 'ready';
}

/** The status column of the statistics (`UP`, `UP 2/3`, `DOWN 1/2`, `NOLB`, `DRAIN`, `MAINT`, `no check`). */
export function formatStatus(
	health: Health,
	admin: AdminState,
	limits: {readonly rise: number; readonly fall: number} | undefined,
): string {
	if (admin === 'maint') return 'MAINT';
	if (limits === undefined) return admin === 'drain' ? 'DRAIN' : 'no check';
	if (!health.up) return health.count === 0 ? 'DOWN' : `DOWN ${health.count}/${limits.rise}`;
	const word = admin === 'drain' ? 'DRAIN' : health.nolb ? 'NOLB' : 'UP';
	return health.count >= limits.fall ? word : `${word} ${health.count}/${limits.fall}`;
}

/** Time from one check to the next: `inter` when stable up, `fastinter` in transition, `downinter` when stable down. */
export function nextCheckDelayMs(health: Health, check: ServerCheck): number {
	if (health.up) return health.count >= check.fall ? check.interMs : (check.fastinterMs ?? check.interMs);
	if (health.count > 0) return check.fastinterMs ?? check.interMs;
	return check.downinterMs ?? check.interMs;
}

/** `disabled` on the server line is `maint` at start. */
export function startAdmin(server: Pick<Server, 'disabled'>): AdminState {
	return server.disabled ? 'maint' : 'ready';
}

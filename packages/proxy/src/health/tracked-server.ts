/**
 * One server as the main thread knows it, and whom it follows (HAProxy manual, `track`).
 *
 * Decides how the servers of a configuration begin. Leaves every change to `server-states.ts`.
 */
import type {Backend, Configuration, Server} from '@hapair/config';
import type {CheckResult} from './check-result.ts';
import {type AdminState, type Health, startAdmin, startHealth, stricterAdmin, type Use, useOf} from './tracker.ts';

export interface TrackedServer {
	readonly backendIndex: number;
	readonly backend: Backend;
	/** With the address of the moment. */
	server: Server;
	/** The server that this one follows (`track`). */
	readonly follows: TrackedServer | undefined;
	/** Its own; a server that follows another has that one's. */
	health: Health;
	/** Ordered for this server; it may be under another's order too. */
	admin: AdminState;
	/** 0–256, as configured or ordered since. */
	weight: number;
	/** What it was last said to be used for. */
	use: Use;
	/** Monotonic, of the last change of use. */
	changedAtMs: number;
	/** `slowstart` runs since then. */
	growsSinceMs?: number;
	lastCheck?: CheckResult;
	/** Checks that failed while it was up, and changes to down. */
	failures: number;
	downs: number;
	/** Down or in maintenance so far, the present time not included. */
	downtimeMs: number;
	/** Its checks are switched off by hand. */
	isUnchecked: boolean;
}

/** Whose checks decide. */
export function rootOf(tracked: TrackedServer): TrackedServer {
	let root = tracked;
	while (root.follows !== undefined) root = root.follows;
	return root;
}

/** Orders hold for those that follow too. */
export function adminOf(tracked: TrackedServer): AdminState {
	const {admin, follows} = tracked;
	return follows === undefined ? admin : stricterAdmin(admin, adminOf(follows));
}

/** One entry for each server, in the order of the configuration; a tracked one may stand behind its followers. */
export function trackServers(configuration: Configuration, nowMs: number): readonly TrackedServer[] {
	const places = new Map<number, {readonly backend: Backend; readonly backendIndex: number; readonly server: Server}>();
	for (const [backendIndex, backend] of configuration.backends.entries()) {
		for (const server of backend.servers) places.set(server.index, {backend, backendIndex, server});
	}
	const made = new Map<number, TrackedServer>();
	const make = (index: number): TrackedServer => {
		const known = made.get(index);
		if (known !== undefined) return known;
		const {backend, backendIndex, server} = places.get(index)!;
		const follows = server.tracks === undefined ? undefined : make(server.tracks);
		const tracked: TrackedServer = {
			backendIndex,
			backend,
			server,
			follows,
			health: startHealth(),
			admin: startAdmin(server),
			weight: server.weight,
			use: 'up',
			changedAtMs: nowMs,
			failures: 0,
			downs: 0,
			downtimeMs: 0,
			isUnchecked: false,
		};
		tracked.use = useOf(startHealth(), adminOf(tracked));
		made.set(index, tracked);
		return tracked;
	};
	return [...places.keys()].map(make);
}

/**
 * Second descriptors of the workers' listening sockets, held by the main thread.
 *
 * When a worker dies its sockets close with it, and the kernel resets every connection that waits to be accepted there. With a
 * second descriptor the socket lives on, connections wait in it, and the replacement accepts them: no new connection fails.
 * Where descriptors cannot be duplicated nothing is kept; then `net.ipv4.tcp_migrate_req=1` (Linux 5.14) does the same in the kernel.
 *
 * A socket that is kept without a worker that accepts takes connections and serves none: whoever delays a replacement lets go first.
 */
import {fstatSync} from 'node:fs';
import {type SystemCalls, systemCalls} from '../system/calls.ts';
import type {BoundPort, InheritedListener} from '../worker-messages.ts';

interface Kept extends InheritedListener {
	/** The socket's own number: that of the descriptor may belong to something else by the time it is closed. */
	readonly identity: string;
}

export class ListenerKeeper {
	readonly #calls: SystemCalls | null;
	readonly #kept = new Map<number, readonly Kept[]>();
	readonly #lent = new Map<number, readonly Kept[]>();

	/** `null`: descriptors cannot be duplicated. */
	constructor(calls: SystemCalls | null = systemCalls() ?? null) {
		this.#calls = calls;
	}

	/** Worker `worker` listens on `ports`: keeps a second descriptor of each socket instead of what was kept before. */
	keep(worker: number, ports: readonly BoundPort[]): void {
		this.#lent.delete(worker);
		this.letGo(worker);
		const kept = ports.flatMap(({frontend, bind, fd}) => this.#duplicate({frontend, bind, fd: fd ?? -1}));
		this.#kept.set(worker, kept);
	}

	/** Worker `worker` has died: descriptors for its replacement, which owns them from then on. */
	lend(worker: number): readonly InheritedListener[] {
		const lent = (this.#kept.get(worker) ?? []).flatMap(listener => this.#duplicate(listener));
		this.#lent.set(worker, lent);
		return lent.map(({frontend, bind, fd}) => ({frontend, bind, fd}));
	}

	/** All that is kept. The descriptors stay this object's. */
	get all(): readonly InheritedListener[] {
		return [...this.#kept.values()].flat();
	}

	/** Lets the sockets of `worker` go: those still its own stay open. */
	letGo(worker: number): void {
		for (const kept of [...(this.#kept.get(worker) ?? []), ...(this.#lent.get(worker) ?? [])]) {
			this.#close(kept);
		}
		this.#kept.delete(worker);
		this.#lent.delete(worker);
	}

	/** One frontend stops listening: its sockets alone are let go. */
	letGoFrontend(frontend: number): void {
		for (const held of [this.#kept, this.#lent]) {
			for (const [worker, sockets] of held) {
				for (const kept of sockets) if (kept.frontend === frontend) this.#close(kept);
				held.set(
					worker,
					sockets.filter(kept => kept.frontend !== frontend),
				);
			}
		}
	}

	#close(kept: Kept): void {
		if (identify(kept.fd) === kept.identity) this.#calls?.close(kept.fd);
	}

	/** Before a pause or the end: nothing may queue where nobody accepts. */
	letGoAll(): void {
		for (const worker of new Set([...this.#kept.keys(), ...this.#lent.keys()])) this.letGo(worker);
	}

	/** A second descriptor for `listener`, if there can be one; for inherited sockets (`fd@N`) too. */
	duplicate(listener: InheritedListener): InheritedListener | undefined {
		return this.#duplicate(listener)[0];
	}

	#duplicate({frontend, bind, fd}: InheritedListener): readonly Kept[] {
		const copy = fd < 0 ? undefined : this.#calls?.duplicate(fd);
		if (copy === undefined) return [];
		const identity = identify(copy);
		return identity === undefined ? [] : [{frontend, bind, fd: copy, identity}];
	}
}

function identify(fd: number): string | undefined {
	try {
		return String(fstatSync(fd, {bigint: true}).ino);
	} catch {
		return undefined;
	}
}

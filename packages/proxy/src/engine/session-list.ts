/**
 * The client connections of this thread, for `show sess` and `shutdown session`.
 *
 * Decides their names. A name is given when the list is first asked for, so that a connection nobody asks about costs nothing.
 */
import type {SessionFacts} from '../worker-messages.ts';
import type {FrontendRuntime} from './frontend-runtime.ts';
import {type Session, Way} from './session.ts';

const STATES: Readonly<Record<number, SessionFacts['state']>> = {
	[Way.none]: 'idle',
	[Way.queued]: 'queued',
	[Way.pausing]: 'connecting',
	[Way.connecting]: 'connecting',
	[Way.connected]: 'connected',
};

export class SessionList {
	readonly #frontends: readonly FrontendRuntime[];
	readonly #names = new WeakMap<Session, string>();
	/** Names of different threads never meet: each takes every n-th number. */
	readonly #step: number;
	#next: number;

	constructor(frontends: readonly FrontendRuntime[], workerIndex: number, workerCount: number) {
		this.#frontends = frontends;
		this.#step = workerCount;
		this.#next = workerCount + workerIndex;
	}

	describe(nowMs: number): readonly SessionFacts[] {
		return this.#frontends.flatMap(({sessions}) => [...sessions].map(session => this.#describe(session, nowMs)));
	}

	find(name: string): Session | undefined {
		for (const {sessions} of this.#frontends) {
			for (const session of sessions) if (this.#names.get(session) === name) return session;
		}
		return undefined;
	}

	#nameOf(session: Session): string {
		const known = this.#names.get(session);
		if (known !== undefined) return known;
		const name = `0x${this.#next.toString(16)}`;
		this.#next += this.#step;
		this.#names.set(session, name);
		return name;
	}

	#describe(session: Session, nowMs: number): SessionFacts {
		const {record, backend, server} = session;
		const deadlineMs = Math.min(session.timer.deadlineMs, session.connection?.timer.deadlineMs ?? Infinity);
		return {
			session: this.#nameOf(session),
			proto: session.source === undefined ? 'unix_stream' : session.source.text.includes(':') ? 'tcpv6' : 'tcpv4',
			source: session.source === undefined ? 'unix:1' : `${record.clientAddress}:${record.clientPort}`,
			frontend: record.frontendName,
			backend: backend?.backend.name ?? '<NONE>',
			server: server?.server.name ?? '<none>',
			ageMs: nowMs - session.acceptedAtMs,
			state: STATES[session.way] ?? 'idle',
			bytesIn: record.bytesIn,
			bytesOut: record.bytesOut,
			...(deadlineMs === Infinity ? {} : {expiresMs: Math.max(0, deadlineMs - nowMs)}),
		};
	}
}

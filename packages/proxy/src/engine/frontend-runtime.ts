/**
 * A frontend at work in one thread.
 *
 * Decides what is computed once for all its sessions. Leaves listening to `listener.ts`.
 */
import type {Frontend} from '@hapair/config';
import {type BackendChoice, chooseBackend, compileBackendChoices} from '../rules/request-rules.ts';
import {type ConnectionFacts, RequestSample} from '../rules/request-sample.ts';
import type {BackendRuntime} from './backend-runtime.ts';
import type {Core} from './core.ts';
import {HttpPolicy} from './http-policy.ts';
import type {Session} from './session.ts';
import {SessionLog} from './session-log.ts';

export class FrontendRuntime {
	readonly frontend: Frontend;
	readonly index: number;
	readonly row: number;
	/** Its row of the status board, and its meters of sessions and requests a second. */
	readonly boardRow: number;
	readonly sessionMeter: number;
	readonly requestMeter: number;
	/** All sessions of this thread, for draining and stopping. */
	readonly sessions: Set<Session> = new Set();

	readonly log: SessionLog;
	/** For mode http. */
	readonly policy: HttpPolicy;
	readonly #core: Core;
	#choices: readonly BackendChoice[] | undefined;
	readonly #policies = new Map<BackendRuntime, HttpPolicy>();

	constructor(frontend: Frontend, index: number, core: Core) {
		this.frontend = frontend;
		this.index = index;
		this.#core = core;
		this.row = core.table.row('frontend', index);
		this.boardRow = core.table.board.row('frontend', index);
		this.sessionMeter = core.table.rates.meter('sessions', index);
		this.requestMeter = core.table.rates.meter('requests', index);
		this.log = new SessionLog(core, this);
		this.policy = new HttpPolicy(core, this);
	}

	/** Where a connection in mode tcp goes, before it has said anything. */
	chooseByConnection(facts: ConnectionFacts): BackendRuntime | undefined {
		this.#choices ??= compileBackendChoices(this.frontend.useBackends);
		const sample = new RequestSample(facts);
		sample.backend = this.frontend.name;
		const name = chooseBackend(this.#choices, sample, this.frontend.defaultBackend);
		return name === undefined ? undefined : this.#core.backendsByName.get(name);
	}

	/** For a connection that came in mode tcp and goes to a backend in mode http. */
	policyFor(backend: BackendRuntime): HttpPolicy {
		let policy = this.#policies.get(backend);
		if (policy === undefined) {
			policy = new HttpPolicy(this.#core, this, backend);
			this.#policies.set(backend, policy);
		}
		return policy;
	}
}

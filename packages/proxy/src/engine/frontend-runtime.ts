/**
 * A frontend at work in one thread.
 *
 * Decides what is computed once for all its sessions. Leaves listening to `listener.ts`.
 */
import type {Frontend} from '@hapair/config';
import {type BackendChoice, chooseBackend, compileBackendChoices} from '../rules/request-rules.ts';
import {type ConnectionFacts, RequestSample} from '../rules/request-sample.ts';
import type {BackendRuntime} from './backend-runtime.ts';
import {ConnectionGate, type ContentRules, compileContentRules, compileContentRulesOf} from './content-rules.ts';
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

	/** Of its captures, slot by slot. */
	readonly captureLengths: NonNullable<ConnectionFacts['captureLengths']>;
	readonly log: SessionLog;
	/** For mode http. */
	readonly policy: HttpPolicy;
	/** Who is let in; undefined when everybody is. */
	readonly gate: ConnectionGate | undefined;
	readonly contentRules: ContentRules | undefined;
	readonly #backendRules = new Map<number, ContentRules | undefined>();
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
		this.gate = ConnectionGate.of(frontend);
		this.contentRules = compileContentRules(frontend);
		this.captureLengths = {
			request: frontend.captureRequestHeaders.map(({lengthBytes}) => lengthBytes),
			response: frontend.captureResponseHeaders.map(({lengthBytes}) => lengthBytes),
		};
		this.log = new SessionLog(core, this);
		this.policy = new HttpPolicy(core, this);
	}

	/** What rules may ask of a connection in mode tcp. */
	beginSample(facts: ConnectionFacts): RequestSample {
		const sample = new RequestSample({...facts, captureLengths: this.captureLengths});
		sample.backend = this.frontend.name;
		return sample;
	}

	/** `tcp-request content` of a backend, for a connection in mode tcp. */
	contentRulesOf({index, backend}: BackendRuntime): ContentRules | undefined {
		if (!this.#backendRules.has(index)) this.#backendRules.set(index, compileContentRulesOf(backend, this.frontend));
		return this.#backendRules.get(index);
	}

	/** Where a connection in mode tcp goes, by what is known of it. */
	chooseByConnection(sample: RequestSample): BackendRuntime | undefined {
		this.#choices ??= compileBackendChoices(this.frontend.useBackends);
		const name = chooseBackend(this.#choices, sample, this.frontend.defaultBackend, name =>
			this.#core.backendsByName.has(name),
		);
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

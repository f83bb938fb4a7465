/**
 * The `tcp-request` and `tcp-response` rules of a proxy at work in one thread.
 *
 * Decides which rules a proxy has at which moment, and that the halves of a `listen` section run theirs once. Leaves judging to
 * `stick/tcp-rules.ts`.
 */
import type {Backend, Frontend, ProxyCommon} from '@hapair/config';
import {type ConnectionFacts, RequestSample} from '../rules/request-sample.ts';
import {TcpRules} from '../stick/tcp-rules.ts';

/** `tcp-request content`, `tcp-response content`. */
export interface ContentRules {
	readonly rules: TcpRules;
	readonly inspectDelayMs: number;
}

export function compileContentRules({tcpRequest}: ProxyCommon): ContentRules | undefined {
	if (tcpRequest === undefined || tcpRequest.content.length === 0) return undefined;
	return {rules: new TcpRules(tcpRequest.content, 'transaction'), inspectDelayMs: tcpRequest.inspectDelayMs};
}

/** Of a backend as the frontend sees it: its own half has run them already. */
export function compileContentRulesOf(backend: Backend, frontend: Frontend): ContentRules | undefined {
	const isOtherHalf = backend.fromListen && frontend.fromListen && backend.name === frontend.name;
	return isOtherHalf ? undefined : compileContentRules(backend);
}

/** `tcp-response content` of a backend. */
export function compileAnswerRules({tcpResponse}: Backend): ContentRules | undefined {
	if (tcpResponse === undefined) return undefined;
	return {rules: new TcpRules(tcpResponse.content, 'transaction'), inspectDelayMs: tcpResponse.inspectDelayMs};
}

interface GateRules {
	readonly of: 'connection' | 'session';
	readonly rules: TcpRules;
}

/** Which list turned a connection away, and whether the client is told. */
export interface Refusal {
	readonly of: 'connection' | 'session';
	readonly isSilent: boolean;
}

/** `tcp-request connection` and `tcp-request session`: who is let in before anything is read. */
export class ConnectionGate {
	readonly #rules: readonly GateRules[];

	constructor(rules: readonly GateRules[]) {
		this.#rules = rules;
	}

	/** Undefined when everybody is let in. */
	static of({tcpRequest}: ProxyCommon): ConnectionGate | undefined {
		const lists = (['connection', 'session'] as const).flatMap(of => {
			const list = tcpRequest?.[of] ?? [];
			return list.length === 0 ? [] : [{of, rules: new TcpRules(list, 'session')}];
		});
		return lists.length === 0 ? undefined : new ConnectionGate(lists);
	}

	/** `sample` carries what the rules have set of the connection. */
	judge(facts: ConnectionFacts): {readonly refusal: Refusal | undefined; readonly sample: RequestSample} {
		const sample = beginGateSample(facts);
		return {refusal: this.judgeConnection(sample) ?? this.judgeSession(sample), sample};
	}

	/** `tcp-request connection`: before anything is read, a header of the PROXY protocol too. */
	judgeConnection(sample: RequestSample): Refusal | undefined {
		const refusal = this.#judgeBy('connection', sample);
		sample.settleConnection();
		return refusal;
	}

	/** `tcp-request session`. */
	judgeSession(sample: RequestSample): Refusal | undefined {
		const refusal = this.#judgeBy('session', sample);
		if (refusal === undefined) sample.counters?.countSession();
		return refusal;
	}

	#judgeBy(wanted: GateRules['of'], sample: RequestSample): Refusal | undefined {
		for (const {of, rules} of this.#rules) {
			if (of !== wanted) continue;
			const verdict = rules.judge(sample);
			if (verdict === 'reject' || verdict === 'drop') return {of, isSilent: verdict === 'drop'};
		}
		return undefined;
	}
}

/** What rules are asked of that come before a request. */
export function beginGateSample(facts: ConnectionFacts): RequestSample {
	const sample = new RequestSample(facts);
	sample.backend = facts.frontend;
	return sample;
}

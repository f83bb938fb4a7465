/**
 * What the configuration wants done with a request and its response.
 *
 * Decides, once a head has been read: answer here, or forward to which backend, with which head. The order is HAProxy's: monitor,
 * captures, the frontend's rules, its statistics page, `use_backend`, the backend's rules, its page, cookie, forwardfor; for responses
 * captures, the backend's rules, the frontend's, cookie, `http-after-response`. Leaves each of these to its own file and carrying them out
 * to `HttpSession`; they are called from one file so that their order can be read.
 */
import type {ConnectionMode, PersistRule, ProxyCommon} from '@hapair/config';
import type {RequestHead} from '../http1/request-head.ts';
import type {ResponseHead} from '../http1/response-head.ts';
import {captureHeaders, captureRequestCookie, captureResponseCookie} from '../log/captures.ts';
import {setsCacheableCookie} from '../persistence/cacheable.ts';
import type {CookiePlan} from '../persistence/cookie.ts';
import {type CookieReading, readRequestCookie, stripRequestCookie} from '../persistence/request-cookie.ts';
import {editResponseCookie} from '../persistence/response-cookie.ts';
import {challengeStatus, withChallenge} from '../responses/challenge.ts';
import {buildErrorPages, errorAnswer} from '../responses/error-pages.ts';
import {compileMonitor, isMonitorRequest, type Monitor, monitorStatus} from '../responses/monitor.ts';
import {parseAddress} from '../rules/address.ts';
import {isProxyRequest} from '../rules/basic-credentials.ts';
import {type CompiledCondition, compileCondition} from '../rules/conditions.ts';
import {appendHeader, cleanHeaderValue, removeHeader} from '../rules/head-text.ts';
import {type HeaderCases, spellHeaders} from '../rules/header-cases.ts';
import {addForwardFor, compileForwardFor, compileOriginalTo, type ForwardForPlan} from '../rules/header-edit.ts';
import {formatRedirect} from '../rules/redirect.ts';
import {formatReply, type ReplyPlan} from '../rules/reply.ts';
import {
	type BackendChoice,
	type CompiledRule,
	chooseBackend,
	compileBackendChoices,
	compileRequestRules,
	type Ending,
	runRequestRules,
} from '../rules/request-rules.ts';
import {RequestSample} from '../rules/request-sample.ts';
import {
	type CompiledResponseRule,
	compileResponseRules,
	type ResponseEnding,
	runResponseRules,
} from '../rules/response-rules.ts';
import {hasUnusualNames, removeUnusualNames, stricterOnNames} from '../rules/unusual-names.ts';
import {Counter} from '../shared-table.ts';
import type {StickPlan} from '../stick/stick-rules.ts';
import type {BackendRuntime} from './backend-runtime.ts';
import {applyChangedEnds, forgetChangedEnds} from './changed-ends.ts';
import {connectionFacts} from './connection-facts.ts';
import {type ContentRules, compileContentRules} from './content-rules.ts';
import type {Core} from './core.ts';
import type {FrontendRuntime} from './frontend-runtime.ts';
import {compilePages, type ProxyPages} from './proxy-pages.ts';
import type {Session} from './session.ts';
import {countOnSocket} from './session-counters.ts';
import {type StatsAnswer, StatsHandler} from './stats-handler.ts';

export type ConnectionHeader = 'implicit' | 'close' | 'keep-alive';

/** An answer of our own, as latin1 text. */
export interface LocalAnswer {
	readonly text: string;
	/** Nobody can find another answer behind it. */
	readonly closes: boolean;
}

/** The response goes nowhere: both connections are closed, and with `isSilent` the client does not hear of it. */
export interface Cut {
	readonly kind: 'cut';
	readonly isSilent: boolean;
}

/** What becomes of a response: its head for the client, or what takes its place. */
export type Edited =
	| string
	| Extract<Decision, {kind: 'respond'}>
	| Cut
	/** Goes on with `resume` once the response's body is there, or `atLeast` bytes of it if that is not 0; else `expired` says what is answered. */
	| {
			readonly kind: 'wait';
			readonly ms: number;
			readonly atLeast: number;
			resume(): Edited;
			expired(status: 502 | 504): Edited;
	  };

export type Decision =
	| {
			readonly kind: 'respond';
			readonly status: number;
			readonly cause: string;
			readonly phase: string;
			readonly isLogged: boolean;
			/** `tarpit`: how long the client is held before it is answered; absent for ever. */
			readonly hold?: {readonly ms: number | undefined};
			answer(connection: ConnectionHeader): LocalAnswer;
	  }
	/** Goes on with `resume` once the body is there, or `atLeast` bytes of it if that is not 0; 408 after `ms`. */
	| {readonly kind: 'wait'; readonly ms: number | undefined; readonly atLeast: number; resume(): Decision}
	/** Closed without an answer. `isSilent`: without a word too; `isLogged`: the line shows the request. */
	| {readonly kind: 'reject'; readonly isSilent: boolean; readonly showsRequest: boolean}
	/** Once the request's body is there, `carryOut` says how to answer. */
	| {readonly kind: 'form'; carryOut(body: string): Promise<Extract<Decision, {kind: 'respond'}>>}
	| {readonly kind: 'forward'; readonly backend: BackendRuntime; readonly wanted: number; readonly head: string};

/** What the policy keeps of a session from one event to the next. */
export interface PolicySession extends Session {
	/** What the request's cookies said; undefined when the backend has none. */
	reading: CookieReading | undefined;
	sample: RequestSample | undefined;
	readonly isFirstRequest: boolean;
	/** An interim response of our own. */
	sayInterim(text: string): void;
	/** `force-persist` holds: the cookie's server it is, whatever its state. */
	isForced: boolean;
}

const REJECT: Decision = {kind: 'reject', isSilent: false, showsRequest: false};
const DROP: Decision = {kind: 'reject', isSilent: true, showsRequest: false};

/** The later of two wins: either side may ask for a tunnel or for closing. */
const STRICTNESS: readonly ConnectionMode[] = ['keep-alive', 'tunnel', 'server-close', 'close'];

/** A backend as this frontend sees it. */
interface Leg {
	readonly mode: ConnectionMode;
	readonly forwardFor: ForwardForPlan | undefined;
	/** The stricter of both sides' `option http-restrict-req-hdr-names`. */
	readonly unusualNames: ProxyCommon['unusualNames'];
	readonly originalTo: ForwardForPlan | undefined;
	/** `force-persist` and `ignore-persist` in the order of the file. */
	readonly persistRules: readonly {readonly kind: PersistRule['kind']; readonly applies: CompiledCondition}[];
	readonly rules: readonly CompiledRule[];
	/** The backend's rules for responses, then the frontend's. */
	readonly responseRules: readonly (readonly CompiledResponseRule[])[];
	/** The same, for every response. */
	readonly afterRules: readonly (readonly CompiledResponseRule[])[];
	readonly pages: ProxyPages;
	/** The backend's own statistics page. */
	readonly stats: StatsHandler | undefined;
	readonly contentRules: ContentRules | undefined;
	readonly stick: StickPlan | undefined;
}

export class HttpPolicy {
	/** `timeout http-request` and `http-keep-alive` with their fallbacks: the backend's when the frontend speaks no HTTP. */
	readonly requestTimeoutMs: number | undefined;
	readonly keepAliveTimeoutMs: number | undefined;
	readonly #runtime: FrontendRuntime;
	readonly #core: Core;
	readonly #default: string | undefined;
	readonly #monitor: Monitor | undefined;
	readonly #rules: readonly CompiledRule[];
	readonly #choices: readonly BackendChoice[];
	readonly #pages: ProxyPages;
	readonly #stats: StatsHandler | undefined;
	/** `h1-case-adjust`, and the same where clients get it. */
	readonly #cases: HeaderCases | undefined;
	readonly #clientCases: HeaderCases | undefined;
	readonly #contentRules: ContentRules | undefined;
	readonly #afterRules: readonly (readonly CompiledResponseRule[])[];
	/** By the backend's place in the configuration. */
	readonly #legs: readonly Leg[];
	/** No rule and no condition anywhere: requests need not be looked at. */
	readonly #isPlain: boolean;

	/** `fixed`: the backend that a tcp frontend has chosen for the connection. */
	constructor(core: Core, runtime: FrontendRuntime, fixed?: BackendRuntime) {
		const {frontend} = runtime;
		this.#core = core;
		this.#runtime = runtime;
		const timeouts = {...fixed?.backend.timeouts, ...frontend.timeouts};
		this.requestTimeoutMs = timeouts.httpRequestMs ?? timeouts.clientMs;
		this.keepAliveTimeoutMs = timeouts.httpKeepAliveMs ?? this.requestTimeoutMs;
		this.#cases = core.configuration.global.headerCases;
		this.#clientCases = frontend.adjustsCase === true ? this.#cases : undefined;
		this.#default = fixed?.backend.name ?? frontend.defaultBackend;
		this.#monitor = fixed === undefined ? compileMonitor(frontend) : undefined;
		this.#rules = fixed === undefined ? compileRequestRules(frontend.httpRequestRules) : [];
		this.#choices = fixed === undefined ? compileBackendChoices(frontend.useBackends) : [];
		this.#afterRules = withoutEmpty([compileResponseRules(fixed === undefined ? frontend.afterResponseRules : [])]);
		this.#pages = compilePages(core, frontend);
		this.#stats = fixed === undefined ? StatsHandler.of(core, frontend) : undefined;
		this.#contentRules = fixed === undefined ? compileContentRules(frontend) : undefined;
		this.#legs = core.backends.map(backend => this.#buildLeg(backend));
		this.#isPlain =
			core.backends.every(({choices, answerRules}) => choices.length === 0 && answerRules === undefined) &&
			this.#monitor === undefined &&
			!this.#runtime.log.asksSamples &&
			this.#rules.length === 0 &&
			this.#choices.length === 0 &&
			this.#afterRules.length === 0 &&
			this.#pages.replies.size === 0 &&
			this.#contentRules === undefined &&
			this.#stats?.hasConditions !== true &&
			this.#legs.every(
				({rules, responseRules, afterRules, persistRules, stats, contentRules, stick, pages}) =>
					rules.length + responseRules.length + afterRules.length + persistRules.length + pages.replies.size === 0 &&
					stats?.hasConditions !== true &&
					contentRules === undefined &&
					stick === undefined,
			);
	}

	#buildLeg(runtime: BackendRuntime): Leg {
		const {frontend} = this.#runtime;
		const {backend} = runtime;
		const a = frontend.connectionMode;
		const b = backend.connectionMode;
		// Both halves of a listen section hold the same rules: the frontend runs them.
		const isOtherHalf = backend.fromListen && frontend.fromListen && backend.name === frontend.name;
		return {
			mode: STRICTNESS.indexOf(a) > STRICTNESS.indexOf(b) ? a : b,
			forwardFor: compileForwardFor(frontend.forwardFor, backend.forwardFor),
			unusualNames: stricterOnNames(frontend.unusualNames, backend.unusualNames),
			persistRules: backend.persistRules.map(({kind, condition}) => ({kind, applies: compileCondition(condition)})),
			originalTo: compileOriginalTo(frontend.originalTo, backend.originalTo),
			rules: isOtherHalf ? [] : compileRequestRules(backend.httpRequestRules),
			responseRules: compileBoth(backend.httpResponseRules, isOtherHalf ? [] : frontend.httpResponseRules),
			afterRules: compileBoth(backend.afterResponseRules, isOtherHalf ? [] : frontend.afterResponseRules),
			pages: compilePages(this.#core, backend, frontend),
			stats: isOtherHalf ? undefined : StatsHandler.of(this.#core, backend),
			contentRules: isOtherHalf ? undefined : compileContentRules(backend),
			stick: this.#core.stickPlans[runtime.index],
		};
	}

	/** How connections are kept, before a backend is known by the frontend alone. */
	mode(backend: BackendRuntime | undefined): ConnectionMode {
		const mode = backend === undefined ? this.#runtime.frontend.connectionMode : this.#legs[backend.index]!.mode;
		return mode === 'tunnel' ? 'keep-alive' : mode;
	}

	/** `option http-tunnel`: only the first request is read, what follows passes unread, as in 1.4. */
	isTunnel(backend: BackendRuntime | undefined): boolean {
		return backend !== undefined && this.#legs[backend.index]!.mode === 'tunnel';
	}

	/** Made once: asked for each request that `use_backend %[…]` holds for. */
	readonly #isBackend = (name: string): boolean => this.#core.backendsByName.has(name);

	// --- The request ----------------------------------------------------------------------------------------------------

	decide(session: PolicySession, request: RequestHead): Decision {
		session.reading = undefined;
		session.isForced = false;
		const sample = this.#isPlain ? undefined : this.#beginSample(session, request);
		const turnedAway = sample && this.#judge(session, this.#contentRules, sample, undefined);
		if (turnedAway) return turnedAway;
		session.counters?.countRequest();
		if (this.#monitor !== undefined && isMonitorRequest(this.#monitor, request.target, writtenTarget(request))) {
			return this.#answerMonitor(this.#monitor, sample!, request);
		}
		this.#capture(session, request.text);
		if (this.#runtime.frontend.buffersRequest !== true) return this.#decideAtFrontend(session, request, sample, 0);
		const resume = () => this.#decideAtFrontend(session, request, sample, 0);
		return {kind: 'wait', ms: this.requestTimeoutMs, atLeast: 0, resume};
	}

	/** From the frontend's rule number `from` on. */
	#decideAtFrontend(
		session: PolicySession,
		request: RequestHead,
		sample: RequestSample | undefined,
		from: number,
	): Decision {
		const refused = sample && this.#runRules(session, this.#rules, sample, request, undefined, from);
		if (refused) return refused;
		const page = this.#stats && this.#answerStats(session, this.#stats, sample, request);
		if (page) return page;
		const name =
			sample?.chosenBackend ??
			(sample ? chooseBackend(this.#choices, sample, this.#default, this.#isBackend) : this.#default);
		const backend = name === undefined ? undefined : this.#core.backendsByName.get(name);
		if (backend === undefined) return this.#respond(503, 'S', 'C', request, undefined, sample);
		if (sample !== undefined) {
			sample.backend = backend.backend.name;
			const dropped = this.#judge(session, this.#legs[backend.index]!.contentRules, sample, backend);
			if (dropped) return dropped;
		}
		if (backend.backend.buffersRequest !== true) return this.#decideAtBackend(session, request, sample, backend, 0);
		session.record.backendName = backend.backend.name;
		const resume = () => this.#decideAtBackend(session, request, sample, backend, 0);
		return {kind: 'wait', ms: this.#patienceOf(backend), atLeast: 0, resume};
	}

	/** `timeout http-request` is the backend's where a backend waits, as in HAProxy. */
	#patienceOf({backend}: BackendRuntime): number | undefined {
		return backend.timeouts.httpRequestMs ?? this.#runtime.frontend.timeouts.clientMs;
	}

	/** From the backend's rule number `from` on. */
	#decideAtBackend(
		session: PolicySession,
		request: RequestHead,
		sample: RequestSample | undefined,
		backend: BackendRuntime,
		from: number,
	): Decision {
		const {rules} = this.#legs[backend.index]!;
		const stopped = sample && this.#runRules(session, rules, sample, request, backend, from);
		if (stopped) return stopped;
		const {stats} = this.#legs[backend.index]!;
		if (stats !== undefined) {
			const ownPage = this.#answerStats(session, stats, sample, request);
			if (ownPage) {
				session.record.backendName = backend.backend.name;
				return ownPage;
			}
		}
		return this.#forward(session, request, backend, sample?.head ?? request.forward(''));
	}

	/** `tcp-request content`: in mode http a request is there as a whole when it is judged. */
	#judge(
		session: PolicySession,
		rules: ContentRules | undefined,
		sample: RequestSample,
		backend: BackendRuntime | undefined,
	): Decision | undefined {
		const verdict = rules?.rules.judge(sample);
		if (verdict !== 'reject' && verdict !== 'drop') return undefined;
		const {table} = this.#core;
		countOnSocket(session, Counter.requestsDenied);
		table.count(this.#runtime.row, Counter.requestsDenied);
		if (backend !== undefined) table.count(backend.row, Counter.requestsDenied);
		return verdict === 'drop' ? DROP : REJECT;
	}

	/** What a connection is asked of before its first request. */
	createSample(session: PolicySession): RequestSample {
		const runtime = this.#runtime;
		const ends = {
			source: session.source,
			sourcePort: session.record.clientPort,
			localAddress: session.localAddress,
			localPort: session.localPort,
			listener: session.listener,
			proxied: session.proxied,
		};
		const view = () => runtime.log.view(session, session.loadCounts(), false);
		const facts = connectionFacts(this.#core, runtime.frontend.name, ends, session.counters, view);
		const markPackets = session.markPackets.bind(session);
		const sample = new RequestSample({...facts, captureLengths: runtime.captureLengths, markPackets}, session.record);
		if (session.early !== undefined) sample.inherit(session.early);
		sample.sayInterim = text => session.sayInterim(text);
		return sample;
	}

	#beginSample(session: PolicySession, request: RequestHead): RequestSample {
		session.sample ??= this.createSample(session);
		forgetChangedEnds(session, session.sample);
		const {version, text} = request;
		session.sample.begin(request.forward(''), request.method, request.target, {
			url: writtenTarget(request),
			version,
			isFirst: session.isFirstRequest,
			length: text.length,
			bodySize: request.bodyLength,
			message: session,
		});
		return session.sample;
	}

	#answerMonitor(monitor: Monitor, sample: RequestSample, request: RequestHead): Decision {
		const status = monitorStatus(monitor, sample);
		return {...this.#respond(status, 'L', 'R', request, undefined, sample), isLogged: false};
	}

	#answerStats(
		{record}: PolicySession,
		stats: StatsHandler,
		sample: RequestSample | undefined,
		request: RequestHead,
	): Decision | undefined {
		const decision = stats.decide(request, sample);
		if (decision === undefined) return undefined;
		record.serverName = '<STATS>';
		const respond = ({status, text}: StatsAnswer) => ({
			kind: 'respond' as const,
			status,
			cause: 'L',
			phase: 'R',
			isLogged: true,
			answer: (connection: ConnectionHeader) => ({text: text(connection), closes: false}),
		});
		if (decision.kind === 'answer') return respond(decision.answer);
		return {kind: 'form', carryOut: async body => respond(await decision.carryOut(body))};
	}

	#capture(session: PolicySession, head: string): void {
		const {captureRequestHeaders, captureCookie} = this.#runtime.frontend;
		const {record} = session;
		if (captureRequestHeaders.length > 0) record.requestCaptures = captureHeaders(captureRequestHeaders, head);
		if (captureCookie !== undefined) record.requestCookie = captureRequestCookie(captureCookie, head);
	}

	/** The answer of the rule that ends the request, if one does. */
	#runRules(
		session: PolicySession,
		rules: readonly CompiledRule[],
		sample: RequestSample,
		request: RequestHead,
		backend: BackendRuntime | undefined,
		from: number,
	): Decision | undefined {
		const ending = runRequestRules(rules, sample, this.#core.configuration.global.bufsizeBytes, from);
		applyChangedEnds(session, sample);
		if (ending === undefined) {
			request.method = sample.method;
			return undefined;
		}
		if (ending.kind === 'wait') {
			const {ms, atLeast, next} = ending;
			if (backend !== undefined) session.record.backendName = backend.backend.name;
			const resume = () =>
				backend === undefined
					? this.#decideAtFrontend(session, request, sample, next)
					: this.#decideAtBackend(session, request, sample, backend, next);
			return {kind: 'wait', ms, atLeast, resume};
		}
		if (backend !== undefined) {
			session.record.backendName = backend.backend.name;
			if (backend.cookie?.logged === true) this.#noteNoCookie(session);
		}
		if (ending.kind === 'deny' || ending.kind === 'tarpit' || ending.kind === 'close')
			countOnSocket(session, Counter.requestsDenied);
		return this.#carryOutEnding(ending, sample, request, backend);
	}

	#carryOutEnding(
		ending: Exclude<Ending, {kind: 'wait'}>,
		sample: RequestSample,
		request: RequestHead,
		backend: BackendRuntime | undefined,
	): Decision {
		switch (ending.kind) {
			case 'redirect': {
				const {plan} = ending;
				return respondWith(plan.status, connection => formatRedirect(plan, sample, connection));
			}
			case 'return':
				return this.#reply(ending.reply, sample, request, backend);
			case 'auth': {
				const isProxy = isProxyRequest(sample.url);
				const status = challengeStatus(isProxy);
				const realm = ending.realm ?? (backend?.backend ?? this.#runtime.frontend).name;
				const decision = this.#respond(status, 'L', 'R', request, backend, sample);
				return {
					...decision,
					answer: connection => {
						const {text, closes} = decision.answer(connection);
						return {text: withChallenge(text, isProxy, realm), closes};
					},
				};
			}
			case 'close':
				this.#countRefused(sample, backend);
				return {kind: 'reject', isSilent: ending.isSilent, showsRequest: true};
			case 'broken':
				return this.#respond(ending.status, 'P', 'R', request, backend, sample);
			default:
				return this.#refuse(ending, sample, request, backend);
		}
	}

	#refuse(
		{kind, status, reply}: Extract<Ending, {kind: 'deny' | 'tarpit'}>,
		sample: RequestSample,
		request: RequestHead,
		backend: BackendRuntime | undefined,
	): Decision {
		this.#countRefused(sample, backend);
		const decision = {
			...(reply === undefined
				? this.#respond(status, 'P', 'R', request, backend, sample)
				: this.#reply(reply, sample, request, backend)),
			cause: 'P',
		};
		if (kind === 'deny') return decision;
		const {tarpitMs, connectMs} = backend?.backend.timeouts ?? this.#runtime.frontend.timeouts;
		return {...decision, phase: 'T', hold: {ms: tarpitMs ?? connectMs}};
	}

	#countRefused(sample: RequestSample, backend: BackendRuntime | undefined): void {
		const {table} = this.#core;
		table.count(this.#runtime.row, Counter.requestsDenied);
		if (backend !== undefined) table.count(backend.row, Counter.requestsDenied);
		sample.counters?.countError();
	}

	#reply(
		reply: ReplyPlan,
		sample: RequestSample,
		request: RequestHead,
		backend: BackendRuntime | undefined,
	): Extract<Decision, {kind: 'respond'}> {
		const isHead = request.method === 'HEAD';
		const {errorFiles} = this.#core;
		if (reply.isPage) return this.#respond(reply.status, 'L', 'R', request, backend, sample);
		if (reply.errorFile === undefined) {
			return respondWith(reply.status, connection => formatReply(reply, sample, connection, isHead, errorFiles));
		}
		const bytes = errorFiles[reply.errorFile];
		const pages = buildErrorPages(
			new Map(bytes === undefined ? [] : [[reply.status, bytes]]),
			this.#core.configuration.global.bufsizeBytes,
		);
		const answer = (connection: ConnectionHeader) => {
			const {bytes: page, closes} = errorAnswer(pages, reply.status, isHead, connection);
			return {text: page.toString('latin1'), closes};
		};
		return {...respondWith(reply.status, () => ''), answer};
	}

	#noteNoCookie({record}: PolicySession): void {
		record.cookieState = 'N';
		record.cookieSent = 'N';
	}

	#forward(session: PolicySession, request: RequestHead, backend: BackendRuntime, text: string): Decision {
		const {mode, forwardFor, originalTo, stick, unusualNames} = this.#legs[backend.index]!;
		let head = text;
		if ((unusualNames === 'delete' || unusualNames === 'reject') && hasUnusualNames(head)) {
			if (unusualNames === 'reject') return this.#respond(403, 'P', 'R', request, backend, session.sample);
			head = removeUnusualNames(head);
		}
		let wanted = this.#chooseServer(session, backend);
		if (backend.cookie !== undefined) {
			const reading = this.#readCookie(session, backend.cookie, backend, head, wanted >= 0);
			session.reading = reading;
			if (wanted < 0) wanted = reading.server;
			if (backend.cookie.logged) {
				session.record.cookieState = reading.state;
				session.record.cookieSent = 'N';
			}
			if (reading.present) head = stripRequestCookie(backend.cookie, head);
		}
		if (stick !== undefined) wanted = this.#findStuck(session, stick, backend, wanted);
		const {uniqueIdHeader} = this.#runtime.frontend;
		if (uniqueIdHeader !== undefined) {
			const id = this.#runtime.log.uniqueIdOf(session);
			if (id !== undefined) head = appendHeader(head, `${uniqueIdHeader}: ${cleanHeaderValue(id)}`);
		}
		if (forwardFor !== undefined) head = addForwardFor(forwardFor, head, session.source);
		if (originalTo !== undefined) {
			const destination = session.chosenDestination?.host ?? session.localAddress ?? '';
			head = addForwardFor(originalTo, head, parseAddress(destination));
		}
		if (!request.wantsUpgrade) {
			const keeps = mode === 'keep-alive' || mode === 'tunnel' || backend.backend.pretendKeepAlive;
			if (!keeps) head = appendHeader(head, 'Connection: close');
			else if (request.version < 11) head = appendHeader(head, 'Connection: keep-alive');
		}
		if (backend.backend.adjustsCase && this.#cases !== undefined) head = spellHeaders(this.#cases, head);
		const decision: Decision = {kind: 'forward', backend, wanted, head};
		if (!backend.readsBody || wanted >= 0 || request.method !== 'POST') return decision;
		return {kind: 'wait', ms: this.requestTimeoutMs, atLeast: 0, resume: () => decision};
	}

	/** The server of the cookie, else the one that a stick table has for the request, else -1. */
	#findStuck(session: PolicySession, stick: StickPlan, backend: BackendRuntime, wanted: number): number {
		const {sample, isForced} = session;
		if (sample === undefined) return wanted;
		session.stores = [];
		const found = stick.match(sample, id => backend.findStuck(id, isForced), session.stores);
		return wanted >= 0 ? wanted : found;
	}

	/** `use-server` goes before cookies and stick tables, and `force-persist` before its regard for states. */
	#chooseServer(session: PolicySession, backend: BackendRuntime): number {
		const {sample} = session;
		if (backend.choices.length === 0 || sample === undefined) return -1;
		return backend.chooseServer(sample, this.#persists(backend, sample, 'force'));
	}

	#persists({index}: BackendRuntime, sample: RequestSample, wanted: PersistRule['kind']): boolean {
		return this.#legs[index]!.persistRules.some(({kind, applies}) => kind === wanted && applies(sample));
	}

	/** `isChosen`: a rule has named the server, whatever the cookie says. */
	#readCookie(
		session: PolicySession,
		plan: CookiePlan,
		backend: BackendRuntime,
		head: string,
		isChosen: boolean,
	): CookieReading {
		const nowS = this.#core.wallMs() / 1000;
		const {sample} = session;
		const rules = this.#legs[backend.index]!.persistRules;
		if ((rules.length === 0 && !isChosen) || sample === undefined)
			return readRequestCookie(plan, head, backend.isOperational, nowS);
		session.isForced = this.#persists(backend, sample, 'force');
		const followed = session.isForced ? {...plan, persist: true} : plan;
		const reading = readRequestCookie(followed, head, backend.isOperational, nowS);
		if (!isChosen && !this.#persists(backend, sample, 'ignore')) return reading;
		return {...reading, state: reading.present ? 'U' : 'N', server: -1, firstS: undefined, ignored: true};
	}

	/** `http-send-name-header`: a head on its way to `server`, with what follows it. */
	nameServer(backend: BackendRuntime, server: string, text: string): string {
		const name = backend.backend.sendNameHeader;
		if (name === undefined) return text;
		const end = text.indexOf('\r\n\r\n') + 4;
		return appendHeader(removeHeader(text.slice(0, end), name.toLowerCase()), `${name}: ${server}`) + text.slice(end);
	}

	#respond(
		status: number,
		cause: string,
		phase: string,
		request: RequestHead,
		backend: BackendRuntime | undefined,
		sample: RequestSample | undefined,
	): Extract<Decision, {kind: 'respond'}> {
		const isHead = request.method === 'HEAD';
		const answer = (connection: ConnectionHeader) => this.answer(status, backend, connection, isHead, sample);
		return {kind: 'respond', status, cause, phase, isLogged: true, answer};
	}

	/** An error page: the backend's, else the frontend's, else the built-in one. `sample`: what `http-error` may ask; absent when there is no request. */
	answer(
		status: number,
		backend: BackendRuntime | undefined,
		connection: ConnectionHeader,
		isHead: boolean,
		sample?: RequestSample,
	): LocalAnswer {
		const {pages, replies} = backend === undefined ? this.#pages : this.#legs[backend.index]!.pages;
		const reply = sample && replies.get(status);
		if (reply) return {text: formatReply(reply, sample, connection, isHead, this.#core.errorFiles), closes: false};
		const {bytes, closes} = errorAnswer(pages, status, isHead, connection);
		return {text: bytes.toString('latin1'), closes};
	}

	// --- The response ---------------------------------------------------------------------------------------------------

	/**
	 * `head` is what goes to the client, before rules and cookies. Gives the head as it goes, or the answer that takes the response's
	 * place.
	 */
	editResponse(session: PolicySession, request: RequestHead, response: ResponseHead, head: string): Edited {
		const {backend, server, record, sample} = session;
		const {captureResponseHeaders, captureCookie} = this.#runtime.frontend;
		if (captureResponseHeaders.length > 0) {
			record.responseCaptures = captureHeaders(captureResponseHeaders, response.text);
		}
		if (captureCookie !== undefined) record.responseCookie = captureResponseCookie(captureCookie, response.text);
		if (sample !== undefined && backend !== undefined && !this.#isPlain) {
			const {status, version, bodyLength} = response;
			sample.beginResponse(head, status, version, server?.server.name ?? '', bodyLength);
			const verdict = backend.answerRules?.rules.judge(sample);
			if (verdict === 'close') response.keepAlive = false;
			else if (verdict === 'reject' || verdict === 'drop') return this.#cut(session, backend, verdict === 'drop');
			if (session.stores !== undefined && server !== undefined && server.server.isForgotten !== true) {
				this.#legs[backend.index]!.stick?.store(sample, session.stores, server.server.id);
			}
			return this.#editByRules(session, request, response, backend, 0, 0);
		}
		return this.#finishResponse(session, request, response, head);
	}

	/** From rule `from` of list `list` on. */
	#editByRules(
		session: PolicySession,
		request: RequestHead,
		response: ResponseHead,
		backend: BackendRuntime,
		list: number,
		from: number,
	): Edited {
		const sample = session.sample!;
		const lists = this.#legs[backend.index]!.responseRules;
		for (let at = list; at < lists.length; at++) {
			const first = at === list ? from : 0;
			const ending = runResponseRules(lists[at]!, sample, this.#core.configuration.global.bufsizeBytes, first);
			if (ending === undefined) continue;
			if (ending.kind === 'wait') {
				const {ms, atLeast, next} = ending;
				return {
					kind: 'wait',
					ms,
					atLeast,
					resume: () => this.#editByRules(session, request, response, backend, at, next),
					expired: status =>
						this.#respond(status, status === 504 ? 's' : 'P', status === 504 ? 'R' : 'H', request, backend, sample),
				};
			}
			if (ending.kind === 'deny') countOnSocket(session, Counter.responsesDenied);
			if (ending.kind === 'drop') return this.#cut(session, backend, true);
			return this.#replaceResponse(ending, sample, request, backend);
		}
		session.record.status = sample.status;
		return this.#finishResponse(session, request, response, sample.responseHead);
	}

	#finishResponse(session: PolicySession, request: RequestHead, response: ResponseHead, head: string): Edited {
		const {backend, sample} = session;
		const edited = this.#editCookie(session, request, response, head);
		if (backend?.backend.checkCache === true && setsCacheableCookie(edited, request.method, response.status)) {
			countOnSocket(session, Counter.responsesDenied);
			this.#countDeniedResponse(backend);
			return this.#respond(502, 'P', 'H', request, backend, sample);
		}
		return this.#isPlain ? this.#spell(edited) : this.editAnswer(session, edited);
	}

	#editCookie(session: PolicySession, request: RequestHead, response: ResponseHead, head: string): string {
		const {backend, server, record} = session;
		if (backend?.cookie === undefined || server === undefined || session.reading === undefined) return head;
		const edit = editResponseCookie(backend.cookie, head, {
			reading: session.reading,
			server: server.position,
			method: request.method,
			status: response.status,
			nowS: this.#core.wallMs() / 1000,
		});
		if (backend.cookie.logged) record.cookieSent = edit.sent;
		return edit.head;
	}

	#replaceResponse(
		ending: Exclude<ResponseEnding, {kind: 'drop' | 'wait'}>,
		sample: RequestSample,
		request: RequestHead,
		backend: BackendRuntime,
	): Extract<Decision, {kind: 'respond'}> {
		if (ending.kind === 'redirect') {
			const {plan} = ending;
			return {...respondWith(plan.status, connection => formatRedirect(plan, sample, connection)), phase: 'H'};
		}
		if (ending.kind === 'deny') this.#countDeniedResponse(backend);
		if (ending.reply !== undefined) {
			const reply = this.#reply(ending.reply, sample, request, backend);
			return {...reply, cause: ending.kind === 'deny' ? 'P' : 'L', phase: 'H'};
		}
		return this.#respond((ending as {status: number}).status, 'P', 'H', request, backend, sample);
	}

	#cut(session: PolicySession, backend: BackendRuntime, isSilent: boolean): Edited {
		countOnSocket(session, Counter.responsesDenied);
		this.#countDeniedResponse(backend);
		return {kind: 'cut', isSilent};
	}

	#countDeniedResponse(backend: BackendRuntime): void {
		this.#core.table.count(this.#runtime.row, Counter.responsesDenied);
		this.#core.table.count(backend.row, Counter.responsesDenied);
	}

	/** The backend whose rules were asked, when they answered before a server was looked for. */
	#judgingBackend(sample: RequestSample | undefined): BackendRuntime | undefined {
		const {frontend} = this.#runtime;
		if (sample === undefined || sample.backend === frontend.name) return undefined;
		return this.#core.backendsByName.get(sample.backend);
	}

	/** `option h1-case-adjust-bogus-client` */
	#spell(text: string): string {
		return this.#clientCases === undefined ? text : spellHeaders(this.#clientCases, text);
	}

	/** `http-after-response`: on every answer, our own included. `text` is a head and perhaps what follows it. */
	editAnswer(session: PolicySession, text: string): string {
		const {sample} = session;
		const backend = session.backend ?? this.#judgingBackend(sample);
		const lists = backend === undefined ? this.#afterRules : this.#legs[backend.index]!.afterRules;
		if (lists.length === 0 || sample === undefined) return this.#spell(text);
		const end = text.indexOf('\r\n\r\n');
		if (end === -1) return this.#spell(text);
		const status = Number(text.slice(9, 12));
		sample.beginResponse(text.slice(0, end + 4), status, 11, session.server?.server.name ?? '');
		for (const rules of lists) runResponseRules(rules, sample, this.#core.configuration.global.bufsizeBytes);
		session.record.status = sample.status;
		return this.#spell(sample.responseHead + text.slice(end + 4));
	}
}

function withoutEmpty<List extends readonly unknown[]>(lists: readonly List[]): readonly List[] {
	return lists.filter(list => list.length > 0);
}

function compileBoth(
	backend: Parameters<typeof compileResponseRules>[0],
	frontend: Parameters<typeof compileResponseRules>[0],
): readonly (readonly CompiledResponseRule[])[] {
	return withoutEmpty([compileResponseRules(backend), compileResponseRules(frontend)]);
}

/** An answer that a rule makes itself. */
function respondWith(
	status: number,
	text: (connection: ConnectionHeader) => string,
): Extract<Decision, {kind: 'respond'}> {
	return {
		kind: 'respond',
		status,
		cause: 'L',
		phase: 'R',
		isLogged: true,
		answer: connection => ({text: text(connection), closes: false}),
	};
}

/** The target as it came, absolute or not. */
function writtenTarget({requestLine, method}: RequestHead): string {
	return requestLine.slice(method.length + 1, -' HTTP/1.1'.length);
}

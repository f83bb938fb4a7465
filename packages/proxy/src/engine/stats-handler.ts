/**
 * The statistics page of a proxy in one thread: which requests it takes, and how they are answered.
 *
 * Decides access, orders and HTTP around the page. Any thread can answer: all that is shown lies in the shared table. Orders go to the
 * main thread. Leaves texts to `stats/`.
 */
import type {ProxyCommon, StatsPage, StatsRule} from '@hapair/config';
import type {RequestHead} from '../http1/request-head.ts';
import {type CompiledCondition, compileCondition} from '../rules/conditions.ts';
import {findHeaderValue} from '../rules/head-text.ts';
import type {SampleSource} from '../rules/sample-source.ts';
import {formatCsv} from '../stats/csv.ts';
import {formatPage, type PageView, shownProxies} from '../stats/page.ts';
import {isAllowed, isOwnForm, type PageRequest, readOrder, readPageRequest} from '../stats/page-request.ts';
import {readProcessFacts} from '../stats/process-facts.ts';
import {rowsOf} from '../stats/rows.ts';
import type {StatsSource} from '../stats/source.ts';
import type {Core} from './core.ts';

/** What the page answers; `text` is the whole response for this state of the connection. */
export interface StatsAnswer {
	readonly status: number;
	text(connection: 'implicit' | 'close' | 'keep-alive'): string;
}

export type StatsDecision =
	| {readonly kind: 'answer'; readonly answer: StatsAnswer}
	/** The form must be read first. */
	| {readonly kind: 'form'; carryOut(body: string): Promise<StatsAnswer>};

const REASONS: Readonly<Record<number, string>> = {200: 'OK', 303: 'See Other', 401: 'Unauthorized', 403: 'Forbidden'};
const HTML = 'content-type: text/html\r\n';
const DENIED = '<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n';
const METHODS = ['GET', 'HEAD', 'POST'];

/** `stats http-request` (HAProxy manual). */
interface CompiledStatsRule {
	readonly kind: StatsRule['kind'];
	readonly realm: string | undefined;
	readonly applies: CompiledCondition;
}

export class StatsHandler {
	/** Conditions on the request decide who may give orders. */
	readonly hasConditions: boolean;
	readonly #core: Core;
	readonly #page: StatsPage;
	readonly #owner: string;
	readonly #rules: readonly CompiledStatsRule[];
	readonly #admins: readonly CompiledCondition[];
	readonly #facts: ReturnType<typeof readProcessFacts>;

	/** Undefined when the proxy has no page. */
	static of(core: Core, proxy: ProxyCommon): StatsHandler | undefined {
		return proxy.stats === undefined ? undefined : new StatsHandler(core, proxy.stats, proxy.name);
	}

	constructor(core: Core, page: StatsPage, owner: string) {
		this.#core = core;
		this.#page = page;
		this.#owner = owner;
		this.#rules = page.rules.map(({kind, realm, condition}) => ({kind, realm, applies: compileCondition(condition)}));
		this.#admins = page.admin.map(condition => compileCondition(condition));
		this.#facts = readProcessFacts(core.configuration.global);
		this.hasConditions = page.admin.length + page.rules.length > 0;
	}

	/** Undefined when the request is none of the page's. `sample` is needed when there are conditions. */
	decide(request: RequestHead, sample: SampleSource | undefined): StatsDecision | undefined {
		const page = readPageRequest(this.#page.uri, request.target);
		if (page === undefined || !METHODS.includes(request.method)) return undefined;
		const isHead = request.method === 'HEAD';
		if (!isAllowed(this.#page, findHeaderValue(request.text, 'authorization'))) {
			return {kind: 'answer', answer: this.#askForPassword(this.#page.realm, isHead)};
		}
		const rule = sample && this.#rules.find(({applies}) => applies(sample));
		if (rule?.kind === 'deny') return {kind: 'answer', answer: answer(403, HTML, DENIED, isHead)};
		if (rule?.kind === 'auth') {
			return {kind: 'answer', answer: this.#askForPassword(rule.realm ?? this.#page.realm, isHead)};
		}
		const isAdmin = sample !== undefined && this.#admins.some(admits => admits(sample));
		if (request.method !== 'POST') return {kind: 'answer', answer: this.#show(page, isAdmin, isHead)};
		const mayOrder = isAdmin && isOwnForm(findHeaderValue(request.text, 'origin'), request.host);
		return {kind: 'form', carryOut: body => this.#order(page, body, mayOrder)};
	}

	#source(): StatsSource {
		const {configuration, table} = this.#core;
		const {showLegends} = this.#page;
		return {configuration, table, nowMs: this.#core.nowMs(), wallMs: this.#core.wallMs(), showsLegends: showLegends};
	}

	#show(request: PageRequest, isAdmin: boolean, isHead: boolean): StatsAnswer {
		const view: PageView = {page: this.#page, request, owner: this.#owner, isAdmin};
		const {refreshS} = this.#page;
		const refresh = refreshS !== undefined && request.refreshes ? `refresh: ${refreshS}\r\n` : '';
		const type = request.format === 'csv' ? 'text/plain' : 'text/html';
		const body = isHead ? '' : this.#format(view);
		// What a GET would bring is not made for a HEAD, so its length is not told.
		return answer(200, `content-type: ${type}\r\n${refresh}`, body, isHead);
	}

	#format(view: PageView): string {
		const source = this.#source();
		if (view.request.format === 'html') {
			return formatPage(source, {...this.#facts, isStopping: this.#core.isStopping}, view);
		}
		const filter = {iid: -1, types: -1, sid: -1, ...(view.request.hidesDown ? ({without: 'down'} as const) : {})};
		return formatCsv(shownProxies(source, view).flatMap(proxy => rowsOf(source, proxy, filter)));
	}

	#askForPassword(realm: string, isHead: boolean): StatsAnswer {
		const body = '<html><body><h1>401 Unauthorized</h1>\nA user name and a password are needed here.\n</body></html>\n';
		const headers = `${HTML}www-authenticate: Basic realm="${realm}"\r\n`;
		return answer(401, headers, body, isHead);
	}

	/** Whatever came of it, the browser goes back to the page: loading it again gives no order twice. */
	async #order(request: PageRequest, body: string, mayOrder: boolean): Promise<StatsAnswer> {
		const order = readOrder(this.#core.configuration, body);
		const outcome = mayOrder ? await this.#core.order(order) : 'DENY';
		const kept = (request.hidesDown ? ';up' : '') + (request.refreshes ? '' : ';norefresh');
		return answer(303, `content-type: text/plain\r\nlocation: ${this.#page.uri}${kept};st=${outcome}\r\n`, '', false);
	}
}

function answer(status: number, headers: string, body: string, isHead: boolean): StatsAnswer {
	const length = isHead ? '' : `content-length: ${body.length}\r\n`;
	return {
		status,
		text(connection) {
			const hop = connection === 'implicit' ? '' : `connection: ${connection}\r\n`;
			const head = `HTTP/1.1 ${status} ${REASONS[status]}\r\ncache-control: no-cache\r\n${headers}${length}${hop}\r\n`;
			return isHead ? head : head + body;
		},
	};
}

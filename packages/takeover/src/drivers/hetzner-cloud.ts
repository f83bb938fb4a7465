/**
 * `takeover hetzner-cloud`: a floating IP of Hetzner Cloud, moved between two servers.
 *
 * Source: the API's reference (docs.hetzner.cloud): `GET /floating_ips`, `GET /floating_ips/{id}`, `POST
 * /floating_ips/{id}/actions/assign` and `/unassign`, `GET /actions/{id}`. Decides only how those are spoken. An assign answers 201 with an
 * action that still runs; `floating_ip_assigned` (422) says that an assign is not needed, or that it must be taken off first.
 */
import type {HetznerCloudDriver} from '@hapair/config';
import {type ApiAnswer, type ApiRequest, askApi, mayOrder, memberOf, refusal} from '../api.ts';
import {type ActionState, type CallContext, type Driver, DriverError, type Observation} from '../driver.ts';
import {covers} from '../networks.ts';
import type {ProviderParts} from '../parts.ts';

const who = 'the Hetzner Cloud API';
const explain = (body: unknown): string | undefined => {
	const [code, message] = [memberOf(body, 'error', 'code'), memberOf(body, 'error', 'message')];
	return typeof message === 'string' ? `${message} (${String(code)})` : undefined;
};
/** 50 a page is the most that the API gives. */
const pageLimit = 20;

export class HetznerCloud implements Driver {
	readonly name = 'hetzner-cloud';
	readonly target: string;
	readonly watchEveryMs = 10_000;
	readonly #config: HetznerCloudDriver;
	readonly #parts: ProviderParts;
	#id: string | undefined;

	/** `target` is the floating IP's address or id. */
	constructor(config: HetznerCloudDriver, target: string, parts: ProviderParts) {
		this.#config = config;
		this.#parts = parts;
		this.target = target;
		this.#id = /^\d+$/.test(target) ? target : undefined;
	}

	async read({signal}: CallContext): Promise<Observation> {
		const id = await this.#findId(signal);
		const {body} = await this.#ask({method: 'GET', url: `/floating_ips/${id}`, signal});
		if (memberOf(body, 'floating_ip', 'id') === undefined)
			throw new DriverError(`${who} answered without a floating IP`);
		return this.#parts.locate('server', memberOf(body, 'floating_ip', 'server'));
	}

	async assign(context: CallContext): Promise<string | undefined> {
		const {signal} = context;
		const id = await this.#findId(signal);
		context.mayChange();
		const url = `/floating_ips/${id}/actions/assign`;
		const answer = await this.#attempt({method: 'POST', url, body: {server: Number(this.#parts.own)}, signal});
		if (memberOf(answer.body, 'error', 'code') !== 'floating_ip_assigned') return actionOf(this.#expect2xx(answer));
		if ((await this.read(context)).at === 'here') return undefined;
		context.mayChange();
		return actionOf(await this.#ask({method: 'POST', url: `/floating_ips/${id}/actions/unassign`, signal}));
	}

	async poll(action: string, {signal}: CallContext): Promise<ActionState> {
		const {body} = await this.#ask({method: 'GET', url: `/actions/${action}`, signal});
		const status = memberOf(body, 'action', 'status');
		if (status === 'running') return 'running';
		if (status === 'success') return 'done';
		const words = memberOf(body, 'action', 'error', 'message');
		return {failed: `${who} ended action ${action} with ${String(status)}: ${String(words ?? 'no reason given')}`};
	}

	/** An assign without its server: 403 (`token_readonly`, `forbidden`) comes before the order is read, 422 (`invalid_input`) after. */
	async mayAssign({signal}: CallContext): Promise<boolean | undefined> {
		const url = `/floating_ips/${await this.#findId(signal)}/actions/assign`;
		return mayOrder(await this.#attempt({method: 'POST', url, body: {}, signal}));
	}

	/** An address is looked up once; ids do not change. */
	async #findId(signal: AbortSignal): Promise<string> {
		for (let page = 1; this.#id === undefined && page <= pageLimit; page += 1) {
			const {body} = await this.#ask({method: 'GET', url: `/floating_ips?per_page=50&page=${page}`, signal});
			const list = memberOf(body, 'floating_ips');
			if (!Array.isArray(list)) throw new DriverError(`${who} answered without a list of floating IPs`);
			const found = list.find(entry => covers(String(memberOf(entry, 'ip')), this.target));
			if (found !== undefined) this.#id = String(memberOf(found, 'id'));
			else if (memberOf(body, 'meta', 'pagination', 'next_page') == null) break;
		}
		if (this.#id === undefined)
			throw new DriverError(`${who} knows no floating IP ${this.target} in the project of this token`);
		return this.#id;
	}

	async #ask(request: Omit<ApiRequest, 'who'>): Promise<ApiAnswer> {
		return this.#expect2xx(await this.#attempt(request));
	}

	#attempt(request: Omit<ApiRequest, 'who'>): Promise<ApiAnswer> {
		const {fetcher, readSecret} = this.#parts;
		const headers = {authorization: `Bearer ${readSecret(this.#config.tokenFile)}`};
		return askApi(fetcher, {...request, url: `${this.#config.api}${request.url}`, headers, who});
	}

	#expect2xx(answer: ApiAnswer): ApiAnswer {
		if (answer.status >= 200 && answer.status < 300) return answer;
		throw refusal({who, explain}, answer);
	}
}

function actionOf({body}: ApiAnswer): string {
	const id = memberOf(body, 'action', 'id');
	if (typeof id !== 'number' && typeof id !== 'string') throw new DriverError(`${who} answered without an action`);
	return String(id);
}

/**
 * `takeover digitalocean`: a reserved IP of DigitalOcean, moved between two droplets.
 *
 * Source: the API's reference (docs.digitalocean.com/reference/api): `GET /reserved_ips/{ip}`, `POST /reserved_ips/{ip}/actions`, `GET
 * /reserved_ips/{ip}/actions/{id}`. Decides only how those are spoken. While an action runs, a further order is answered with 422 and
 * "pending event": that is a provider at work, not a failure.
 */
import type {DigitalOceanDriver} from '@hapair/config';
import {type ApiAnswer, type ApiRequest, askApi, mayOrder, memberOf, refusal} from '../api.ts';
import {type ActionState, type CallContext, type Driver, DriverError, type Observation} from '../driver.ts';
import type {ProviderParts} from '../parts.ts';

const who = 'the DigitalOcean API';
const explain = (body: unknown): string | undefined => {
	const message = memberOf(body, 'message');
	return typeof message === 'string' ? message : undefined;
};

export class DigitalOcean implements Driver {
	readonly name = 'digitalocean';
	readonly target: string;
	readonly watchEveryMs = 10_000;
	readonly #config: DigitalOceanDriver;
	readonly #parts: ProviderParts;

	/** `target` is the reserved IP. */
	constructor(config: DigitalOceanDriver, target: string, parts: ProviderParts) {
		this.#config = config;
		this.#parts = parts;
		this.target = target;
	}

	async read({signal}: CallContext): Promise<Observation> {
		const {body} = await this.#ask({method: 'GET', url: '', signal});
		if (memberOf(body, 'reserved_ip', 'ip') === undefined)
			throw new DriverError(`${who} answered without a reserved IP`);
		return this.#parts.locate('droplet', memberOf(body, 'reserved_ip', 'droplet', 'id'));
	}

	async assign(context: CallContext): Promise<string | undefined> {
		context.mayChange();
		const order = {type: 'assign', droplet_id: Number(this.#parts.own)};
		const {body} = await this.#ask({method: 'POST', url: '/actions', body: order, signal: context.signal});
		const id = memberOf(body, 'action', 'id');
		if (typeof id !== 'number' && typeof id !== 'string') throw new DriverError(`${who} answered without an action`);
		return String(id);
	}

	async poll(action: string, {signal}: CallContext): Promise<ActionState> {
		const {body} = await this.#ask({method: 'GET', url: `/actions/${action}`, signal});
		const status = memberOf(body, 'action', 'status');
		if (status === 'in-progress') return 'running';
		return status === 'completed' ? 'done' : {failed: `${who} ended action ${action} with ${String(status)}`};
	}

	/** An action without its type: 403 when the token lacks the scope, 400 or 422 when only the order is wrong. */
	async mayAssign({signal}: CallContext): Promise<boolean | undefined> {
		return mayOrder(await this.#attempt({method: 'POST', url: '/actions', body: {}, signal}));
	}

	#attempt(request: Omit<ApiRequest, 'who'>): Promise<ApiAnswer> {
		const {fetcher, readSecret} = this.#parts;
		const headers = {authorization: `Bearer ${readSecret(this.#config.tokenFile)}`};
		const url = `${this.#config.api}/reserved_ips/${this.target}${request.url}`;
		return askApi(fetcher, {...request, url, headers, who});
	}

	async #ask(request: Omit<ApiRequest, 'who'>): Promise<ApiAnswer> {
		const answer = await this.#attempt(request);
		if (answer.status >= 200 && answer.status < 300) return answer;
		const refused = refusal({who, explain}, answer);
		if (answer.status === 422 && /pending event/i.test(refused.message))
			throw new DriverError(refused.message, {busy: true});
		throw refused;
	}
}

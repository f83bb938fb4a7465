/**
 * `takeover openstack`: a floating IP moved between two ports, or a virtual address that one of them at a time may use (allowed address
 * pairs).
 *
 * Source: Networking API v2.0: `GET` and `PUT /ports/{id}`, `GET` and `PUT /floatingips/{id}`, `If-Match: revision_number=N`. Decides that
 * both ports are changed side by side, from what was last read where a revision number guards it: pairs are replaced as a whole, and a
 * list that somebody else changed meanwhile is read again. Both orders take effect when they are answered.
 */
import type {OpenStackDriver} from '@hapair/config';
import {type ApiAnswer, askApi, memberOf, refusal} from '../api.ts';
import {type CallContext, type Driver, DriverError, type Observation} from '../driver.ts';
import {explainOpenStack, Keystone} from '../keystone.ts';
import type {ProviderParts} from '../parts.ts';

const who = 'Neutron';

interface Port {
	readonly id: string;
	readonly pairs: readonly unknown[];
	readonly revision: unknown;
	readonly hasTarget: boolean;
}

export class OpenStack implements Driver {
	readonly name = 'openstack';
	readonly target: string;
	readonly watchEveryMs = 10_000;
	readonly #parts: ProviderParts;
	readonly #keystone: Keystone;
	readonly #isFloating: boolean;
	/** As last read; an order begins with them when a revision guards against what has changed since. */
	#known: readonly [Port, Port | undefined] | undefined;

	/** `target` is a floating IP's id when the configuration names any, else a virtual address. */
	constructor(config: OpenStackDriver, target: string, parts: ProviderParts, today: () => Date) {
		this.#parts = parts;
		this.target = target;
		this.#isFloating = config.targets.length > 0;
		this.#keystone = new Keystone(config, {...parts, today});
	}

	async read({signal}: CallContext): Promise<Observation> {
		const {own, peer, locate} = this.#parts;
		if (this.#isFloating) {
			const {body} = await this.#ask('GET', `/floatingips/${this.target}`, signal);
			if (memberOf(body, 'floatingip', 'id') === undefined)
				throw new DriverError(`${who} answered without a floating IP`);
			return locate('port', memberOf(body, 'floatingip', 'port_id'));
		}
		const [mine, theirs] = await this.#readBoth(signal);
		if (mine.hasTarget && theirs?.hasTarget === true) return {at: 'elsewhere', detail: 'both ports'};
		if (mine.hasTarget) return locate('port', own);
		return locate('port', theirs?.hasTarget === true ? peer : undefined);
	}

	async assign(context: CallContext): Promise<undefined> {
		const {own} = this.#parts;
		const {signal, mayChange} = context;
		if (this.#isFloating) {
			// A session may take a while to open: ask afterwards, right before the order.
			await this.#keystone.session(signal);
			mayChange();
			await this.#ask('PUT', `/floatingips/${this.target}`, signal, {body: {floatingip: {port_id: own}}});
			return;
		}
		const [mine, theirs] = this.#known ?? (await this.#readBoth(signal));
		this.#known = undefined;
		const orders: Promise<void>[] = [];
		if (!mine.hasTarget) orders.push(this.#writePairs(mine, [...mine.pairs, {ip_address: this.target}], context));
		if (theirs?.hasTarget === true) {
			const others = theirs.pairs.filter(pair => !this.#isTarget(pair));
			orders.push(this.#writePairs(theirs, others, context));
		}
		await Promise.all(orders);
	}

	async poll(): Promise<'done'> {
		return 'done';
	}

	/** Side by side: one after the other would double the time of a failover. */
	async #readBoth(signal: AbortSignal): Promise<readonly [Port, Port | undefined]> {
		const {own, peer} = this.#parts;
		await this.#keystone.session(signal);
		const ports = await Promise.all([this.#readPort(own, signal), this.#maybeReadPort(peer, signal)]);
		this.#known = ports.every(port => port === undefined || typeof port.revision === 'number') ? ports : undefined;
		return ports;
	}

	#isTarget(pair: unknown): boolean {
		const address = String(memberOf(pair, 'ip_address')).toLowerCase();
		return address.replace(/\/(?:32|128)$/, '') === this.target.toLowerCase();
	}

	async #readPort(id: string, signal: AbortSignal): Promise<Port> {
		const {body} = await this.#ask('GET', `/ports/${id}`, signal);
		const pairs = memberOf(body, 'port', 'allowed_address_pairs');
		if (!Array.isArray(pairs)) throw new DriverError(`${who} shows no address pairs of port ${id}`);
		const hasTarget = pairs.some(pair => this.#isTarget(pair));
		return {id, pairs, revision: memberOf(body, 'port', 'revision_number'), hasTarget};
	}

	/** The peer's machine may be gone, and its port with it. */
	async #maybeReadPort(id: string, signal: AbortSignal): Promise<Port | undefined> {
		try {
			return await this.#readPort(id, signal);
		} catch (error) {
			if (error instanceof DriverError && error.message.startsWith(`${who} answered 404`)) return undefined;
			throw error;
		}
	}

	async #writePairs({id, revision}: Port, pairs: readonly unknown[], {signal, mayChange}: CallContext): Promise<void> {
		mayChange();
		const headers = typeof revision === 'number' ? {'if-match': `revision_number=${revision}`} : {};
		await this.#ask('PUT', `/ports/${id}`, signal, {headers, body: {port: {allowed_address_pairs: pairs}}});
	}

	/** A token that was refused is replaced once. */
	async #ask(
		method: 'GET' | 'PUT',
		path: string,
		signal: AbortSignal,
		more: {readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown} = {},
	): Promise<ApiAnswer> {
		for (let attempt = 1; ; attempt += 1) {
			const {token, networkUrl} = await this.#keystone.session(signal);
			const headers = {...more.headers, 'x-auth-token': token};
			const answer = await askApi(this.#parts.fetcher, {
				method,
				url: `${networkUrl}${path}`,
				body: more.body,
				headers,
				signal,
				who,
			});
			if (answer.status >= 200 && answer.status < 300) return answer;
			if (answer.status === 401) this.#keystone.forget();
			if (answer.status === 401 && attempt === 1) continue;
			const refused = refusal({who, explain: explainOpenStack}, answer);
			// Somebody else changed the port since it was read: read it again, soon.
			throw answer.status === 412 ? new DriverError(refused.message, {busy: true}) : refused;
		}
	}
}

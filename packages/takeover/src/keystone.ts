/**
 * A session with OpenStack's identity service: an application credential becomes a token and the address of Neutron.
 *
 * Source: Identity API v3, "Authenticating with an application credential". Decides that a token is kept until it is refused or
 * about to expire. Leaves what is asked with it to the driver.
 */
import type {OpenStackDriver} from '@hapair/config';
import {askApiFor2xx, type Fetch, memberOf} from './api.ts';
import {DriverError} from './driver.ts';

const who = 'Keystone';
const earlyMs = 60_000;

export interface Session {
	readonly token: string;
	/** Neutron, up to and with `/v2.0`. */
	readonly networkUrl: string;
}

export interface KeystoneParts {
	readonly fetcher: Fetch;
	readonly readSecret: (path: string) => string;
	readonly today: () => Date;
}

export class Keystone {
	readonly #config: OpenStackDriver;
	readonly #parts: KeystoneParts;
	#session: (Session & {readonly expiresMs: number}) | undefined;

	constructor(config: OpenStackDriver, parts: KeystoneParts) {
		this.#config = config;
		this.#parts = parts;
	}

	async session(signal: AbortSignal): Promise<Session> {
		const nowMs = this.#parts.today().getTime();
		if (this.#session === undefined || this.#session.expiresMs - earlyMs <= nowMs)
			this.#session = await this.#open(signal);
		return this.#session;
	}

	/** Its token was refused. */
	forget(): void {
		this.#session = undefined;
	}

	async #open(signal: AbortSignal): Promise<Session & {readonly expiresMs: number}> {
		const {authUrl, credential, secretFile, networkUrl} = this.#config;
		const secret = this.#parts.readSecret(secretFile);
		const identity = {methods: ['application_credential'], application_credential: {id: credential, secret}};
		const {headers, body} = await askApiFor2xx(this.#parts.fetcher, {
			method: 'POST',
			url: `${authUrl}/auth/tokens`,
			body: {auth: {identity}},
			signal,
			who,
			explain: explainOpenStack,
		});
		const token = headers.get('x-subject-token');
		const expiresMs = Date.parse(String(memberOf(body, 'token', 'expires_at')));
		if (token === null || Number.isNaN(expiresMs)) throw new DriverError(`${who} answered without a token`);
		const url = networkUrl ?? this.#findNetwork(memberOf(body, 'token', 'catalog'));
		return {token, networkUrl: /\/v2\.0$/.test(url) ? url : `${url}/v2.0`, expiresMs};
	}

	#findNetwork(catalog: unknown): string {
		const {region} = this.#config;
		const service = Array.isArray(catalog) ? catalog.find(entry => memberOf(entry, 'type') === 'network') : undefined;
		const endpoints = memberOf(service, 'endpoints');
		const found = Array.isArray(endpoints)
			? endpoints.find(endpoint => {
					const isThere =
						region === undefined ||
						memberOf(endpoint, 'region') === region ||
						memberOf(endpoint, 'region_id') === region;
					return memberOf(endpoint, 'interface') === 'public' && isThere;
				})
			: undefined;
		const url = memberOf(found, 'url');
		if (typeof url === 'string') return url.replace(/\/+$/, '');
		const where = region === undefined ? '' : ` in region ${region}`;
		throw new DriverError(`${who}'s catalog has no public network endpoint${where}: say network-url`);
	}
}

/** Keystone says `error.message`, Neutron `NeutronError.message`. */
export function explainOpenStack(body: unknown): string | undefined {
	const message = memberOf(body, 'error', 'message') ?? memberOf(body, 'NeutronError', 'message');
	return typeof message === 'string' ? message : undefined;
}

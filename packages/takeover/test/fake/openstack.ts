/**
 * The parts of Keystone and Neutron that move floating IPs and allowed address pairs, as their reference describes them.
 */
import type {FakeAddress, FakeAnswer, FakeApi, FakeRequest} from './provider.ts';

export const floatingIpId = '2f245a7b-796b-4f26-9cf9-9e82d248fda7';
export const virtualAddress = '10.0.0.100';
const region = 'RegionOne';

interface FakePort {
	pairs: {ip_address: string; mac_address?: string}[];
	revision: number;
}

function problem(status: number, type: string, message: string): FakeAnswer {
	return {status, body: {NeutronError: {type, message, detail: ''}}};
}

export class FakeOpenStack {
	readonly ports: ReadonlyMap<string, FakePort>;
	readonly #address: FakeAddress;
	#tokens = 0;
	/** Tokens below this are refused. */
	validFrom = 1;

	constructor(address: FakeAddress, ports: readonly string[]) {
		this.#address = address;
		const other = {ip_address: '10.0.0.77', mac_address: 'fa:16:3e:00:00:01'};
		this.ports = new Map(ports.map(id => [id, {pairs: [other], revision: 1}]));
	}

	readonly api: FakeApi = (request, nowMs) => {
		const path = request.url.pathname;
		if (path === '/identity/v3/auth/tokens') return this.#authenticate(request);
		const token = Number(request.headers.get('x-auth-token')?.replace('token-', ''));
		if (!(token >= this.validFrom && token <= this.#tokens))
			return {status: 401, body: {error: {message: 'The request you have made requires authentication.'}}};
		const port = /^\/network\/v2\.0\/ports\/(.+)$/.exec(path)?.[1];
		if (port !== undefined) return this.#servePort(request, port, nowMs);
		if (path !== `/network/v2.0/floatingips/${floatingIpId}`) return problem(404, 'NotFound', 'no such thing');
		if (request.method === 'PUT') this.#address.move(JSON.parse(request.body).floatingip.port_id, nowMs);
		return {status: 200, body: {floatingip: {id: floatingIpId, port_id: this.#address.shown(nowMs) ?? null}}};
	};

	#authenticate(request: FakeRequest): FakeAnswer {
		const given = JSON.parse(request.body).auth.identity.application_credential;
		if (given.secret !== 'secret-of-a-project') return {status: 401, body: {error: {message: 'wrong secret'}}};
		this.#tokens += 1;
		const url = `${request.url.origin}/network/`;
		const endpoints = [
			{interface: 'admin', region, url: 'http://10.255.0.1/'},
			{interface: 'public', region: 'RegionTwo', url: 'http://10.255.0.2/'},
			{interface: 'public', region, url},
		];
		const token = {expires_at: '2100-01-01T00:00:00.000000Z', catalog: [{type: 'network', endpoints}]};
		return {status: 201, headers: {'x-subject-token': `token-${this.#tokens}`}, body: {token}};
	}

	#servePort(request: FakeRequest, id: string, nowMs: number): FakeAnswer {
		const port = this.ports.get(id);
		if (port === undefined) return problem(404, 'PortNotFound', `Port ${id} could not be found.`);
		if (request.method === 'PUT') {
			const expected = /^revision_number=(\d+)$/.exec(request.headers.get('if-match') ?? '')?.[1];
			if (expected !== undefined && Number(expected) !== port.revision) {
				return problem(
					412,
					'RevisionNumberConstraintFailed',
					`Constrained to ${expected}, but current revision is ${port.revision}`,
				);
			}
			port.pairs = JSON.parse(request.body).port.allowed_address_pairs;
			port.revision += 1;
			this.#address.move(this.#holder(), nowMs);
		}
		return {status: 200, body: {port: {id, allowed_address_pairs: port.pairs, revision_number: port.revision}}};
	}

	#holder(): string | undefined {
		const holders = [...this.ports].filter(([, {pairs}]) => pairs.some(pair => pair.ip_address === virtualAddress));
		return holders.length === 2 ? 'both' : holders[0]?.[0];
	}
}

/**
 * The part of the Hetzner Cloud API that moves floating IPs, as its reference describes it.
 */
import type {FakeAddress, FakeAnswer, FakeApi} from './provider.ts';

export const floatingIp = {id: 4711, ip: '203.0.113.7'};

function problem(status: number, code: string, message: string): FakeAnswer {
	return {status, body: {error: {code, message}}};
}

export function fakeHetznerCloud(address: FakeAddress, token = 'token-of-a-project', readOnly = false): FakeApi {
	return (request, nowMs) => {
		if (request.headers.get('authorization') !== `Bearer ${token}`)
			return problem(401, 'unauthorized', 'unable to authenticate');
		const path = request.url.pathname.replace(/^\/v1/, '');
		const server = (holder: string | undefined): number | null => (holder === undefined ? null : Number(holder));
		const describe = () => ({...floatingIp, type: 'ipv4', server: server(address.shown(nowMs)), blocked: false});
		if (request.method === 'GET' && path === '/floating_ips') {
			const page = Number(request.url.searchParams.get('page') ?? '1');
			const list = page === 1 ? [{...describe(), id: 1, ip: '203.0.113.70'}] : [describe()];
			return {status: 200, body: {floating_ips: list, meta: {pagination: {page, next_page: page === 1 ? 2 : null}}}};
		}
		if (request.method === 'GET' && path === `/floating_ips/${floatingIp.id}`) {
			return {status: 200, body: {floating_ip: describe()}};
		}
		const action = /^\/actions\/(\d+)$/.exec(path)?.[1];
		if (request.method === 'GET' && action !== undefined) return showAction(address, Number(action), nowMs);
		const verb = /^\/floating_ips\/4711\/actions\/(assign|unassign)$/.exec(path)?.[1];
		if (request.method !== 'POST' || verb === undefined) return problem(404, 'not_found', 'no such thing');
		if (readOnly) return problem(403, 'token_readonly', 'the token is only allowed to perform GET requests');
		if (verb === 'assign' && typeof JSON.parse(request.body).server !== 'number')
			return problem(422, 'invalid_input', "invalid input in field 'server'");
		if (address.isBusy(nowMs)) return problem(423, 'locked', 'the floating IP is locked by another action');
		const wanted = verb === 'assign' ? String(JSON.parse(request.body).server) : undefined;
		if (wanted !== undefined && address.holder(nowMs) === wanted) {
			return problem(422, 'floating_ip_assigned', 'the floating IP is already assigned');
		}
		const id = address.order(wanted, nowMs);
		return {status: 201, body: {action: {id, command: `${verb}_floating_ip`, status: 'running', error: null}}};
	};
}

function showAction(address: FakeAddress, id: number, nowMs: number): FakeAnswer {
	const state = address.stateOf(id, nowMs);
	if (state === undefined) return problem(404, 'not_found', 'no such action');
	const error = state === 'failed' ? {code: 'action_failed', message: 'Action failed'} : null;
	return {
		status: 200,
		body: {action: {id, status: {running: 'running', done: 'success', failed: 'error'}[state], error}},
	};
}

/**
 * The part of the DigitalOcean API that moves reserved IPs, as its reference describes it.
 */
import type {FakeAddress, FakeAnswer, FakeApi} from './provider.ts';

export const reservedIp = '203.0.113.7';

function problem(status: number, id: string, message: string): FakeAnswer {
	return {status, body: {id, message}};
}

export function fakeDigitalOcean(address: FakeAddress, token = 'token-of-a-project', readOnly = false): FakeApi {
	return (request, nowMs) => {
		if (request.headers.get('authorization') !== `Bearer ${token}`)
			return problem(401, 'unauthorized', 'Unable to authenticate you.');
		const path = request.url.pathname;
		const base = `/v2/reserved_ips/${reservedIp}`;
		if (request.method === 'GET' && path === base) {
			const holder = address.shown(nowMs);
			const droplet = holder === undefined ? null : {id: Number(holder), name: `lb${holder}`};
			return {status: 200, body: {reserved_ip: {ip: reservedIp, droplet, locked: address.isBusy(nowMs)}}};
		}
		if (request.method === 'POST' && path === `${base}/actions`) {
			if (readOnly) return problem(403, 'forbidden', 'You are not authorized to perform this operation');
			if (JSON.parse(request.body).type !== 'assign') return problem(422, 'unprocessable_entity', 'Type is invalid');
			if (address.isBusy(nowMs))
				return problem(422, 'unprocessable_entity', 'The floating IP already has a pending event.');
			const id = address.order(String(JSON.parse(request.body).droplet_id), nowMs);
			return {status: 201, body: {action: {id, status: 'in-progress', type: 'assign_ip'}}};
		}
		const action = new RegExp(`^${base}/actions/(\\d+)$`).exec(path)?.[1];
		const state = action === undefined ? undefined : address.stateOf(Number(action), nowMs);
		if (request.method !== 'GET' || state === undefined) {
			return problem(404, 'not_found', 'The resource you requested could not be found.');
		}
		const status = {running: 'in-progress', done: 'completed', failed: 'errored'}[state];
		return {status: 200, body: {action: {id: Number(action), status}}};
	};
}

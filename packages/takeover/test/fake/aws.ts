/**
 * The part of the EC2 query API that moves elastic IPs and secondary private addresses, and the instance metadata service, as their
 * references describe them. Signatures are checked over the headers that really arrived.
 */
import {signRequest} from '../../src/sigv4.ts';
import type {FakeAddress, FakeAnswer, FakeApi, FakeRequest} from './provider.ts';

export const allocationId = 'eipalloc-0123456789abcdef0';
export const privateAddress = '10.0.0.100';
export const credentials = {accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'};
const sessionToken = 'session-of-the-role';

function problem(status: number, code: string, message: string): FakeAnswer {
	return {
		status,
		body: `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>ea966190</RequestID></Response>`,
	};
}

function answer(action: string, inner: string): FakeAnswer {
	const xmlns = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"';
	return {
		status: 200,
		body: `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response ${xmlns}>\n<requestId>59dbff89</requestId>\n${inner}</${action}Response>`,
	};
}

export function fakeAws(address: FakeAddress, interfaces: readonly string[], elastic: boolean): FakeApi {
	return (request, nowMs) => {
		if (request.url.pathname.startsWith('/latest/')) return serveMetadata(request);
		const objection = findObjection(request);
		if (objection !== undefined) return objection;
		const form = new URLSearchParams(request.body);
		const action = form.get('Action') ?? '';
		const own = form.get('NetworkInterfaceId') ?? '';
		switch (action) {
			case 'DescribeAddresses': {
				const holder = address.shown(nowMs);
				const association =
					holder === undefined
						? ''
						: `<associationId>eipassoc-1</associationId><networkInterfaceId>${holder}</networkInterfaceId>`;
				const item = `<item><publicIp>203.0.113.7</publicIp><allocationId>${form.get('AllocationId.1')}</allocationId>${association}</item>`;
				return answer(action, `<addressesSet>${item}</addressesSet>`);
			}
			case 'AssociateAddress':
				if (!elastic || form.get('AllowReassociation') !== 'true')
					return problem(400, 'Resource.AlreadyAssociated', 'already associated');
				address.move(own, nowMs);
				return answer(action, '<return>true</return><associationId>eipassoc-2</associationId>');
			case 'DescribeNetworkInterfaces':
				return answer(
					action,
					`<networkInterfaceSet>${interfaces
						.filter(id => [...form.values()].includes(id))
						.map(id => describe(id, address.shown(nowMs)))
						.join('')}</networkInterfaceSet>`,
				);
			case 'AssignPrivateIpAddresses':
				if (form.get('AllowReassignment') !== 'true')
					return problem(400, 'InvalidParameterValue', 'the address is assigned');
				address.move(own, nowMs);
				return answer(action, '<return>true</return>');
			default:
				return problem(400, 'InvalidAction', `The action ${action} is not valid for this web service.`);
		}
	};
}

function describe(id: string, holder: string | undefined): string {
	const primary = `<item><privateIpAddress>10.0.0.1${id.slice(-1)}</privateIpAddress><primary>true</primary></item>`;
	const secondary =
		id === holder ? `<item><privateIpAddress>${privateAddress}</privateIpAddress><primary>false</primary></item>` : '';
	return `<item><networkInterfaceId>${id}</networkInterfaceId><privateIpAddressesSet>${primary}${secondary}</privateIpAddressesSet></item>`;
}

function findObjection(request: FakeRequest): FakeAnswer | undefined {
	const given = request.headers.get('authorization') ?? '';
	const token = request.headers.get('x-amz-security-token');
	if (token !== null && token !== sessionToken) return problem(401, 'AuthFailure', 'the session token is wrong');
	const {authorization} = signRequest(
		{
			method: request.method,
			host: request.url.host,
			path: request.url.pathname,
			headers: {'content-type': request.headers.get('content-type') ?? ''},
			body: request.body,
			region: 'eu-central-1',
			service: 'ec2',
			amzDate: request.headers.get('x-amz-date') ?? '',
		},
		token === null ? credentials : {...credentials, sessionToken: token},
	);
	return given === authorization
		? undefined
		: problem(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match');
}

function serveMetadata(request: FakeRequest): FakeAnswer {
	const path = request.url.pathname;
	if (path === '/latest/api/token') {
		const mayHave = request.method === 'PUT' && request.headers.has('x-aws-ec2-metadata-token-ttl-seconds');
		return mayHave ? {status: 200, body: 'token-of-imds'} : {status: 400, body: ''};
	}
	if (request.headers.get('x-aws-ec2-metadata-token') !== 'token-of-imds') return {status: 401, body: ''};
	const base = '/latest/meta-data/iam/security-credentials/';
	if (path === base) return {status: 200, body: 'balancer-role'};
	if (path !== `${base}balancer-role`) return {status: 404, body: ''};
	const {accessKeyId, secretAccessKey} = credentials;
	const expires = '2100-01-01T00:00:00Z';
	return {
		status: 200,
		body: {
			Code: 'Success',
			AccessKeyId: accessKeyId,
			SecretAccessKey: secretAccessKey,
			Token: sessionToken,
			Expiration: expires,
		},
	};
}

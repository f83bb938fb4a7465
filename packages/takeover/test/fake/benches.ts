/**
 * Every driver with the fake of its provider, ready for the test bench.
 */
import {Aws} from '../../src/drivers/aws.ts';
import {DigitalOcean} from '../../src/drivers/digitalocean.ts';
import {ExecProgram} from '../../src/drivers/exec.ts';
import {HetznerCloud} from '../../src/drivers/hetzner-cloud.ts';
import {OpenStack} from '../../src/drivers/openstack.ts';
import {locateMachine, type ProviderParts} from '../../src/parts.ts';
import {allocationId, credentials, fakeAws, privateAddress} from './aws.ts';
import type {Bench} from './blinks.ts';
import {fakeDigitalOcean, reservedIp} from './digitalocean.ts';
import {fakeHetznerCloud, floatingIp} from './hetzner-cloud.ts';
import {FakeOpenStack, floatingIpId, virtualAddress} from './openstack.ts';
import type {FakeAddress, FakeApi} from './provider.ts';

export type BenchPlan = Pick<Bench, 'ids' | 'makeApi' | 'makeDriver'>;

const base = {members: [], targets: [], position: {file: '', line: 0, column: 0}};
const today = () => new Date('2026-01-01T00:00:00Z');
const secrets: Readonly<Record<string, string>> = {
	'/token': 'token-of-a-project',
	'/secret': 'secret-of-a-project',
	'/aws': `[default]\naws_access_key_id = ${credentials.accessKeyId}\naws_secret_access_key = ${credentials.secretAccessKey}`,
};

type Machine = Parameters<Bench['makeDriver']>[0];

export function partsFor({own, peer, fetcher}: Pick<Machine, 'own' | 'peer' | 'fetcher'>): ProviderParts {
	return {
		fetcher,
		own,
		peer,
		locate: (word, id) => locateMachine(word, id, own, peer),
		readSecret: path => secrets[path] ?? '',
	};
}

const ports = ['11111111-aaaa-aaaa-aaaa-aaaaaaaaaaaa', '22222222-bbbb-bbbb-bbbb-bbbbbbbbbbbb'] as const;
const interfaces = ['eni-00000001', 'eni-00000002'] as const;

const openstack = {
	kind: 'openstack',
	...base,
	authUrl: 'https://cloud.test/identity/v3',
	credential: 'c',
	secretFile: '/secret',
	region: 'RegionOne',
} as const;
const aws = {
	kind: 'aws',
	...base,
	region: 'eu-central-1',
	api: 'https://ec2.eu-central-1.amazonaws.com',
	metadata: 'http://169.254.169.254',
} as const;

export const benchPlans: Readonly<Record<string, BenchPlan>> = {
	'hetzner-cloud': {
		ids: ['11', '12'],
		makeApi: address => fakeHetznerCloud(address),
		makeDriver: machine =>
			new HetznerCloud(
				{kind: 'hetzner-cloud', ...base, tokenFile: '/token', api: 'https://api.hetzner.cloud/v1'},
				floatingIp.ip,
				partsFor(machine),
			),
	},
	digitalocean: {
		ids: ['11', '12'],
		makeApi: address => fakeDigitalOcean(address),
		makeDriver: machine =>
			new DigitalOcean(
				{kind: 'digitalocean', ...base, tokenFile: '/token', api: 'https://api.digitalocean.com/v2'},
				reservedIp,
				partsFor(machine),
			),
	},
	'openstack, address pairs': {
		ids: ports,
		makeApi: address => new FakeOpenStack(address, ports).api,
		makeDriver: machine => new OpenStack(openstack, virtualAddress, partsFor(machine), today),
	},
	'openstack, floating IP': {
		ids: ports,
		makeApi: address => new FakeOpenStack(address, ports).api,
		makeDriver: machine =>
			new OpenStack({...openstack, targets: [floatingIpId]}, floatingIpId, partsFor(machine), today),
	},
	'aws, private address': {
		ids: interfaces,
		makeApi: address => fakeAws(address, interfaces, false),
		makeDriver: machine => new Aws({...aws, credentialsFile: '/aws'}, privateAddress, partsFor(machine), today),
	},
	'aws, elastic IP with the credentials of a role': {
		ids: interfaces,
		makeApi: address => fakeAws(address, interfaces, true),
		makeDriver: machine => new Aws({...aws, targets: [allocationId]}, allocationId, partsFor(machine), today),
	},
	'exec, a program that releases': {ids: ['lb1', 'lb2'], makeApi: fakeProgram, makeDriver: makeProgram},
};

/** The world that a program of the user's acts on: it gives up only what it has. */
function fakeProgram(address: FakeAddress): FakeApi {
	return ({url}, nowMs) => {
		const [, verb, node] = url.pathname.split('/');
		const holder = address.holder(nowMs);
		if (verb === 'assign') address.move(node, nowMs);
		if (verb === 'release' && holder === node) address.move(undefined, nowMs);
		return {status: 200, body: holder === undefined ? 'nowhere' : holder === node ? 'here' : 'peer'};
	};
}

function makeProgram({own, fetcher}: Machine): ExecProgram {
	const config = {kind: 'exec', argv: ['/move'], user: 'nobody', timeoutMs: 60_000, position: base.position} as const;
	const parts = {pair: 'oslo', node: own, peer: ''};
	return new ExecProgram(config, virtualAddress, {
		...parts,
		run: async ({argv, signal}) => {
			const answer = await fetcher(`http://program.test/${argv.at(-2)}/${own}`, {method: 'POST', signal});
			return answer.status === 200
				? {output: await answer.text()}
				: {output: '', problem: `exited with ${answer.status}`};
		},
	});
}

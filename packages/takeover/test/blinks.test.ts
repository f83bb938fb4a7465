import test from 'ava';
import {DigitalOcean} from '../src/drivers/digitalocean.ts';
import {HetznerCloud} from '../src/drivers/hetzner-cloud.ts';
import {locateMachine} from '../src/parts.ts';
import {type Bench, runBench} from './fake/blinks.ts';
import {fakeDigitalOcean, reservedIp} from './fake/digitalocean.ts';
import {fakeHetznerCloud, floatingIp} from './fake/hetzner-cloud.ts';
import {storm} from './fake/network.ts';

const position = {file: '', line: 0, column: 0};
const readSecret = () => 'token-of-a-project';
const habits = {actionMs: [0, 30_000], actionFails: 0.05, lagMs: 3000} as const;
const common = {blinks: 1000, weather: storm, habits, restMs: 600_000};

const benches: Readonly<Record<string, Omit<Bench, 'seed'>>> = {
	'hetzner-cloud': {
		...common,
		ids: ['11', '12'],
		makeApi: address => fakeHetznerCloud(address),
		makeDriver: ({own, peer, fetcher}) =>
			new HetznerCloud(
				{
					kind: 'hetzner-cloud',
					members: [],
					targets: [],
					tokenFile: '/t',
					api: 'https://api.hetzner.cloud/v1',
					position,
				},
				floatingIp.ip,
				{fetcher, readSecret, own, peer, locate: (word, id) => locateMachine(word, id, own, peer)},
			),
	},
	digitalocean: {
		...common,
		ids: ['11', '12'],
		makeApi: address => fakeDigitalOcean(address),
		makeDriver: ({own, peer, fetcher}) =>
			new DigitalOcean(
				{
					kind: 'digitalocean',
					members: [],
					targets: [],
					tokenFile: '/t',
					api: 'https://api.digitalocean.com/v2',
					position,
				},
				reservedIp,
				{fetcher, readSecret, own, peer, locate: (word, id) => locateMachine(word, id, own, peer)},
			),
	},
};

for (const [name, bench] of Object.entries(benches)) {
	test(`${name}: after 1,000 blinks under lost, late and refused calls the address is at the master at every rest`, async t => {
		const report = await runBench({...bench, seed: 1});
		t.log(
			`${report.rests} rests in ${report.virtualHours.toFixed(1)} h, ${report.orders} orders, ${report.needless} at rest; slowest ${(report.slowestMs / 1000).toFixed(0)} s`,
		);
		t.deepEqual(report.wrong, []);
	});
}

/**
 * From the pair's `takeover` lines to drivers: one for each line and address.
 *
 * Decides what a line moves: what it names, else every virtual address. Leaves what a driver does to its file.
 */
import type {BgpDriver, Pair, TakeoverDriver} from '@hapair/config';
import type {Fetch} from './api.ts';
import {BirdInclude} from './bird-include.ts';
import type {Driver} from './driver.ts';
import {Aws} from './drivers/aws.ts';
import {Bgp} from './drivers/bgp.ts';
import {DigitalOcean} from './drivers/digitalocean.ts';
import {ExecProgram, type RunProgram} from './drivers/exec.ts';
import {HetznerCloud} from './drivers/hetzner-cloud.ts';
import {OpenStack} from './drivers/openstack.ts';
import {locateMachine, type ProviderParts} from './parts.ts';

export interface DriverSurroundings {
	readonly pair: Pair;
	/** Which of `pair.nodes` this is. */
	readonly nodeName: string;
	readonly fetcher: Fetch;
	readonly readSecret: (path: string) => string;
	readonly runProgram: RunProgram;
}

export function createDrivers(surroundings: DriverSurroundings): Driver[] {
	const {pair} = surroundings;
	return pair.drivers.flatMap((config): Driver[] => {
		const targets = targetsOf(config, pair);
		if (config.kind !== 'bgp') return targets.map(target => createDriver(config, target, surroundings));
		const include = new BirdInclude(config.file, pair);
		return targets.map(target => new Bgp(config, target, include));
	});
}

/** What a line moves. */
export function targetsOf(
	config: TakeoverDriver,
	{virtualAddresses}: Pick<Pair, 'virtualAddresses'>,
): readonly string[] {
	const named = 'targets' in config ? config.targets : [];
	return named.length > 0 ? named : virtualAddresses.map(({address}) => address);
}

function createDriver(
	config: Exclude<TakeoverDriver, BgpDriver>,
	target: string,
	surroundings: DriverSurroundings,
): Driver {
	const {pair, nodeName, runProgram} = surroundings;
	const peer = pair.nodes.find(({name}) => name !== nodeName)?.name ?? '';
	switch (config.kind) {
		case 'exec':
			return new ExecProgram(config, target, {run: runProgram, pair: pair.name, node: nodeName, peer});
		case 'hetzner-cloud':
			return new HetznerCloud(config, target, partsOf(config.members, surroundings));
		case 'digitalocean':
			return new DigitalOcean(config, target, partsOf(config.members, surroundings));
		case 'openstack':
			return new OpenStack(config, target, partsOf(config.members, surroundings), today);
		case 'aws':
			return new Aws(config, target, partsOf(config.members, surroundings), today);
	}
}

const today = (): Date => new Date();

function partsOf(
	members: readonly {readonly node: string; readonly id: string}[],
	{nodeName, fetcher, readSecret}: DriverSurroundings,
): ProviderParts {
	const own = members.find(({node}) => node === nodeName)?.id ?? '';
	const peer = members.find(({node}) => node !== nodeName)?.id ?? '';
	return {fetcher, readSecret, own, peer, locate: (word, id) => locateMachine(word, id, own, peer)};
}

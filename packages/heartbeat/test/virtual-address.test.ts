/** Who took a held address: the kernel, because it was not prolonged in time, or somebody. */
import type {VirtualAddress} from '@hapair/config';
import test from 'ava';
import {VirtualAddresses} from '../src/virtual-address.ts';

const position = {file: 'pair.cfg', line: 1, column: 1};
const vip: VirtualAddress = {address: '10.0.0.100', prefixLength: 24, family: 4, interface: 'eth0', position};
const second: VirtualAddress = {...vip, address: '10.0.0.101'};

/** Addresses on an interface that is a list, at a time that the test sets. */
function stage(virtualAddresses: readonly VirtualAddress[] = [vip]) {
	const clock = {nowMs: 1000};
	const tool = {answers: true};
	const present = new Set<string>();
	const show = () => {
		const addresses = [...present].map(local => ({family: 'inet', local, prefixlen: 24, valid_life_time: 5}));
		return JSON.stringify([{ifname: 'eth0', flags: ['UP', 'LOWER_UP'], addr_info: addresses}]);
	};
	const ip = {
		start: () => {},
		restart: () => {},
		stop: async () => {},
		ask: async (commands: readonly string[]) => {
			if (!tool.answers) return {confirmed: false, lines: [], reason: 'no answer within 500 ms'};
			const lines: string[] = [];
			for (const command of commands) {
				const put = /^addr replace ([\d.]+)/.exec(command)?.[1];
				if (put !== undefined) present.add(put);
				if (command.startsWith('addr show')) lines.push(show());
			}
			return {confirmed: true, lines, reason: ''};
		},
	};
	return {addresses: new VirtualAddresses(ip, virtualAddresses, 1234, () => clock.nowMs), clock, present, tool};
}

test('An address that goes within its lifetime was removed by somebody', async t => {
	const {addresses, clock, present} = stage();
	t.deepEqual(await addresses.claim(), {ok: true});
	t.deepEqual(await addresses.prolong(), {addresses: []});
	present.clear();
	clock.nowMs += 4900;
	t.deepEqual(await addresses.prolong(), {addresses: [vip.address]});
	t.is(present.size, 0, 'it comes back with a word of its own, and an announcement');
});

test('An address that was not prolonged for its lifetime has lapsed', async t => {
	const {addresses, clock, present} = stage();
	await addresses.claim();
	clock.nowMs += 1200;
	await addresses.prolong();
	clock.nowMs += 6200;
	present.clear();
	t.deepEqual(await addresses.prolong(), {addresses: [vip.address], lapsedMs: 6200});
});

test('A tool that did not answer has prolonged nothing', async t => {
	const {addresses, clock, present, tool} = stage();
	await addresses.claim();
	tool.answers = false;
	for (let turn = 0; turn < 4; turn += 1) {
		clock.nowMs += 1250;
		await addresses.prolong();
	}
	t.deepEqual(await addresses.prolong(), {addresses: []}, 'who cannot look misses nothing');
	tool.answers = true;
	present.clear();
	t.deepEqual(await addresses.prolong(), {addresses: [vip.address], lapsedMs: 5000});
});

test('Each address has a time of its own, and one that another process put is not said to have lapsed', async t => {
	const {addresses, clock, present} = stage([vip, second]);
	await addresses.claim();
	clock.nowMs += 4000;
	present.delete(second.address);
	t.deepEqual(await addresses.prolong(), {addresses: [second.address]}, 'the first one is prolonged');
	clock.nowMs += 2000;
	t.deepEqual(await addresses.prolong(), {addresses: [second.address], lapsedMs: 6000});
	present.delete(vip.address);
	clock.nowMs += 100;
	t.deepEqual(await addresses.prolong(), {addresses: [vip.address, second.address], lapsedMs: 6100});
	const heir = stage();
	heir.clock.nowMs += 60_000;
	t.deepEqual(await heir.addresses.prolong(), {addresses: [vip.address]});
});

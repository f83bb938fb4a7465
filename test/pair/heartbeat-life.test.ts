/**
 * What a heartbeat leaves behind, puts back, refuses and says: real processes, real kernel, hostile neighbours.
 */
import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {clusterIdOf, leaseTableName} from '@hapair/heartbeat';
import test, {type ExecutionContext} from 'ava';
import {makeTempDirectory} from '../../packages/cli/test/helpers/temp-directory.ts';
import {killPid, listPidsIn, runIn, spawnIn} from '../lab/namespaces.ts';
import {addresses, virtualAddress} from '../lab/network.ts';
import {findTool, runTool, tryTool} from '../lab/tools.ts';
import {monotonicMs, waitFor} from '../lab/wait.ts';
import {HeartbeatNode, labPair} from './heartbeat-node.ts';
import {onStage} from './heartbeat-stage.ts';

const table = leaseTableName(clusterIdOf('lab'));
const position = {file: 'pair.cfg', line: 1, column: 1};

function hasAddress(namespace: string, address = virtualAddress): boolean {
	return runTool('ip', ['-n', namespace, '-o', 'addr', 'show', 'dev', 'eth0']).includes(` ${address}/`);
}

function listRules(namespace: string): string {
	return runIn(namespace, [findTool('nft'), 'list', 'ruleset']);
}

function assertNoTrace(t: ExecutionContext, namespace: string): void {
	t.false(hasAddress(namespace), 'the address is gone');
	t.is(listRules(namespace), '', 'the lease is gone');
	t.true(hasAddress(namespace, addresses.lb1), "the node's own address stays");
}

for (const [how, end] of [
	['stop', (node: HeartbeatNode) => node.send({type: 'stop'})],
	['SIGTERM', (node: HeartbeatNode) => node.signal('SIGTERM')],
	['the death of the daemon', (node: HeartbeatNode) => node.disconnect()],
] as const) {
	test.serial(`After ${how} a master leaves no trace and the process ends with 0`, t =>
		onStage(async ({network, start}) => {
			const namespace = network.namespaceOf('lb1');
			const node = start('lb1');
			await node.waitFor('master');
			node.signal('SIGINT');
			await sleep(50);
			t.is(node.exitCode, undefined, 'SIGINT is the business of the daemon');
			end(node);
			t.is(await node.waitForExit(), 0);
			assertNoTrace(t, namespace);
			await waitFor('the helpers to end', () => listPidsIn(namespace).length === 0);
			t.pass();
		}),
	);
}

test.serial('What a killed master left is removed by its next life before that life says ready', t =>
	onStage(async ({network, start}) => {
		const namespace = network.namespaceOf('lb1');
		const node = start('lb1');
		await node.waitFor('master');
		node.signal('SIGKILL');
		await node.waitForExit();
		await waitFor('the helpers to end with their master', () => listPidsIn(namespace).length === 0);
		t.true(hasAddress(namespace), 'still there: this is the case to be tested');
		t.true(listRules(namespace).includes(table));
		const next = start('lb1');
		await waitFor('the next life to be ready', () => next.messages.some(message => message.type === 'ready'));
		t.false(hasAddress(namespace));
		await next.waitFor('master');
		t.true(hasAddress(namespace));
	}),
);

test.serial('An address that somebody removes is back at once, and said so', t =>
	onStage(async ({network, start}) => {
		const namespace = network.namespaceOf('lb1');
		const node = start('lb1');
		await node.waitFor('master');
		const removedMs = monotonicMs();
		runTool('ip', ['-n', namespace, 'addr', 'del', `${virtualAddress}/24`, 'dev', 'eth0']);
		await waitFor('the address to be back', () => hasAddress(namespace), {everyMs: 5});
		const tookMs = monotonicMs() - removedMs;
		t.log(`back after ${Math.round(tookMs)} ms`);
		t.true(tookMs < 300);
		await waitFor('the event', () => node.events('addressRestored').length === 1);
		t.is(node.status?.state, 'master');
	}),
);

test.serial('An address that ran out because the node was too late to prolong it was removed by nobody', t =>
	onStage(async ({network}) => {
		const namespace = network.namespaceOf('lb1');
		const directory = makeTempDirectory(t);
		const [ip, hold] = [join(directory, 'ip'), join(directory, 'hold')];
		writeFileSync(ip, `#!/bin/sh\nwhile [ -e ${hold} ]; do sleep 0.1; done\nexec ${findTool('ip')} "$@"\n`, {
			mode: 0o700,
		});
		const node = new HeartbeatNode(namespace, 'lb1', undefined, {ip, nft: findTool('nft'), arping: findTool('arping')});
		await node.waitFor('master');
		writeFileSync(hold, '');
		const isTool = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('-batch');
		for (const pid of listPidsIn(namespace).filter(isTool)) killPid(pid, 'SIGKILL');
		await waitFor('the kernel to take the address off', () => !hasAddress(namespace), {deadlineMs: 15_000});
		rmSync(hold);
		const reason = await waitFor('the event', () => node.events('addressRestored')[0]);
		t.regex(
			reason,
			/^the lifetime of the address ran out: .* had not prolonged it for \d{4,5} ms; it was added again$/,
		);
		await waitFor('the address to be back', () => hasAddress(namespace));
		t.is(node.status?.state, 'master');
	}),
);

test.serial('A held address outlives its lifetime of 5 s, because it is renewed', t =>
	onStage(async ({network, start}) => {
		const node = start('lb1');
		await node.waitFor('master');
		await sleep(6500);
		t.true(hasAddress(network.namespaceOf('lb1')));
		t.deepEqual(node.events('addressRestored'), []);
	}),
);

test.serial('A flushed ruleset and routing rule are made again while the master goes on answering', t =>
	onStage(async ({network, start}) => {
		const namespace = network.namespaceOf('lb1');
		const node = start('lb1');
		await node.waitFor('master');
		runIn(namespace, [findTool('nft'), 'flush', 'ruleset']);
		await waitFor('the table to be back', () => listRules(namespace).includes('chain out_0'), {deadlineMs: 3000});
		t.regex(listRules(namespace), /set lease \{[^}]*elements = \{ "eth0"/s);
		await waitFor('the counter', () => node.counter('leaseRestored') === 1);
		t.is(node.status?.lease, 'kernel');
		const hasRule = () =>
			runTool('ip', ['-n', namespace, 'rule']).includes(`1:\tfrom all to ${virtualAddress} iif eth0`);
		t.true(hasRule());
		runTool('ip', ['-n', namespace, '-batch', '-'], 'rule flush\nrule add pref 32766 lookup main');
		await waitFor('the rule to be back', hasRule, {deadlineMs: 3000});
		await waitFor('its counter', () => node.counter('routingRestored') === 1);
	}),
);

test.serial('Killed helpers are replaced, and the next move works', t =>
	onStage(async ({network, startBoth}) => {
		const [one, other] = await startBoth();
		for (const node of [one, other]) {
			for (const pid of listPidsIn(node.namespace)) if (pid !== node.pid) killPid(pid, 'SIGKILL');
		}
		await sleep(200);
		one.send({type: 'failover', requestId: 1, force: false});
		await other.waitFor('master');
		await waitFor('lb1 to be rid of it', () => !hasAddress(network.namespaceOf('lb1')));
		t.true(hasAddress(network.namespaceOf('lb2')));
	}),
);

test.serial('Neighbours learn the move without asking: ARP for IPv4, neighbour advertisements for IPv6', t =>
	onStage(async ({network}) => {
		const client = network.namespaceOf('client');
		const subnet = 'fd00:77::';
		for (const [index, role] of (['lb1', 'lb2', 'client'] as const).entries()) {
			const argv = ['addr', 'add', `${subnet}${index + 1}/64`, 'dev', 'eth0', 'nodad'];
			runTool('ip', ['-n', network.namespaceOf(role), ...argv]);
		}
		const vip6 = {address: `${subnet}100`, prefixLength: 64, family: 6, interface: 'eth0', position} as const;
		const pair = labPair({virtualAddresses: [...labPair().virtualAddresses, vip6]});
		const one = new HeartbeatNode(network.namespaceOf('lb1'), 'lb1', pair);
		const other = new HeartbeatNode(network.namespaceOf('lb2'), 'lb2', pair);
		await Promise.all([one.waitFor('master'), other.waitFor('backup')]);
		await waitFor('lb2 to hear the master', () => other.status?.peer.state === 'master');
		const macOf = (address: string) =>
			/lladdr (\S+)/.exec(runTool('ip', ['-n', client, 'neigh', 'show', address]))?.[1] ?? 'none';
		const macOfNode = (role: 'lb1' | 'lb2') =>
			/link\/ether (\S+)/.exec(runTool('ip', ['-n', network.namespaceOf(role), 'link', 'show', 'eth0']))?.[1] ?? '';
		for (const address of [virtualAddress, vip6.address]) {
			tryTool('ip', ['netns', 'exec', client, '/bin/sh', '-c', `exec 3<>/dev/null; exit 0`]);
			runIn(client, [process.execPath, '-e', `require('net').connect(9, '${address}').on('error', () => {})`]);
			t.is(macOf(address), macOfNode('lb1'), address);
		}
		one.send({type: 'failover', requestId: 1, force: false});
		await other.waitFor('master');
		await sleep(300);
		t.is(macOf(virtualAddress), macOfNode('lb2'));
		t.is(macOf(vip6.address), macOfNode('lb2'));
		t.true(hasAddress(network.namespaceOf('lb2'), vip6.address));
		t.false(hasAddress(network.namespaceOf('lb1'), vip6.address));
		await sleep(5500);
		const routes = runTool('ip', ['-n', network.namespaceOf('lb1'), '-6', 'route']);
		t.regex(routes, /fd00:77::\/64 dev eth0 proto kernel metric 256 pref/, "the node's own route got no lifetime");
	}),
);

test.serial('Malformed, replayed, foreign and oversized datagrams are counted by name and change nothing', t =>
	onStage(async ({network, start}) => {
		const node = start('lb1');
		await node.waitFor('master');
		const program = fileURLToPath(new URL('heartbeat-hostile.ts', import.meta.url));
		runIn(network.namespaceOf('lb2'), [process.execPath, program, addresses.lb2, addresses.lb1, '3694']);
		await waitFor('the status that counts them', () => node.counter('refusedMagic') > 1000);
		await waitFor('the guard to be read', () => node.counter('refusedTtl') > 0);
		for (const refusal of [
			'Unproven',
			'Mac',
			'Cluster',
			'ForeignKey',
			'Short',
			'Oversized',
			'Empty',
			'ForeignSource',
			'Ttl',
		]) {
			t.true(node.counter(`refused${refusal}`) > 0, refusal);
		}
		t.is(node.counter('refusedUnproven'), 2);
		t.is(node.counter('received'), 0);
		t.is(node.events('foreignKey').length, 1);
		t.is(node.status?.state, 'master');
		t.is(node.status?.term, 1);
	}),
);

test.serial('A daemon that hangs for good does not silence the heartbeat', t =>
	onStage(async ({network, openEyes}) => {
		const tools = {ip: findTool('ip'), nft: findTool('nft'), arping: findTool('arping')};
		const setup = {pair: labPair(), nodeName: 'lb1', configDigest: 'ab'.repeat(16), tools, version: '0.1.0'};
		const program = fileURLToPath(new URL('heartbeat-stuck-daemon.ts', import.meta.url));
		const argument = JSON.stringify({...setup, secretHex: '07'.repeat(32)});
		spawnIn(network.namespaceOf('lb1'), [process.execPath, program, argument], {stdio: 'inherit'});
		await waitFor('the address', () => hasAddress(network.namespaceOf('lb1')));
		await sleep(300);
		const eyes = await openEyes();
		await sleep(4000);
		const [one] = await eyes.close();
		t.true(one.samples.length > 100);
		t.true(one.samples.filter(sample => sample.arp && sample.tcp).length > one.samples.length * 0.98);
	}),
);

test.serial('Two paths: the cut of one moves nothing and shows in the status', t =>
	onStage(async ({network}) => {
		for (const [role, last] of [
			['lb1', 1],
			['lb2', 2],
		] as const) {
			runTool('ip', ['-n', network.namespaceOf(role), 'addr', 'add', `10.9.0.${last}/24`, 'dev', 'eth0']);
		}
		const pair = labPair({paths: [['10.9.0.1', '10.9.0.2']]});
		const one = new HeartbeatNode(network.namespaceOf('lb1'), 'lb1', pair);
		const other = new HeartbeatNode(network.namespaceOf('lb2'), 'lb2', pair);
		await Promise.all([one.waitFor('master'), other.waitFor('backup')]);
		const rules = `table inet cut { chain in { type filter hook input priority 0; ip saddr ${addresses.lb1} drop; }; }`;
		runIn(network.namespaceOf('lb2'), [findTool('nft'), rules]);
		await sleep(3000);
		const [first, second] = other.status?.paths ?? [];
		t.is(other.status?.state, 'backup');
		t.is(one.status?.state, 'master');
		t.true((first?.lossPercent ?? 0) > 10);
		t.is(second?.lossPercent, 0);
		t.true((second?.lastHeardMs ?? 9999) < 1000);
	}),
);

test.serial('A missing interface, a port in use, a missing tool: one sentence that says what to do', t =>
	onStage(async ({network}) => {
		const namespace = network.namespaceOf('lb1');
		const nowhere = {address: virtualAddress, prefixLength: 24, family: 4, interface: 'eth7', position} as const;
		const lost = new HeartbeatNode(namespace, 'lb1', labPair({virtualAddresses: [nowhere]}));
		const fault = await lost.waitFor('fault');
		t.regex(fault.note, /10\.0\.0\.100\/24 on eth7: there is no such interface/);
		const second = new HeartbeatNode(namespace, 'lb1', labPair({name: 'another'}));
		t.is(await second.waitForExit(), 1);
		const failure = second.messages.find(message => message.type === 'failed');
		t.regex(failure?.message ?? '', /UDP 10\.0\.0\.11 port 3694 is in use: stop the other program or choose another/);
		lost.send({type: 'stop'});
		t.is(await lost.waitForExit(), 0);
		const bare = new HeartbeatNode(namespace, 'lb1', labPair(), {});
		t.is((await bare.waitFor('master')).lease, 'none');
		const warnings = bare.messages.flatMap(message => (message.type === 'log' ? [message.message] : [])).join('\n');
		t.regex(warnings, /install nftables/);
		t.regex(warnings, /install iputils-arping/);
	}),
);

/**
 * `hapair doctor` in networks that are open and in networks that are not, named by what they do.
 *
 * The answers are read as JSON, since sentences are for people; a name in them is for both.
 */
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {isProcess, runHapair} from '../lab/daemon.ts';
import {Lab} from '../lab/lab.ts';
import {killPid, listPidsIn, runIn, spawnIn} from '../lab/namespaces.ts';
import {addresses, virtualAddress} from '../lab/network.ts';
import {pairConfig} from '../lab/pair-config.ts';
import {summarizeClients} from '../lab/probe.ts';
import {findTool, maybeFindTool} from '../lab/tools.ts';
import {monotonicMs, waitFor} from '../lab/wait.ts';
import {examine, mainProgram} from './examine.ts';
import {type HostileNetwork, impose} from './hostile-networks.ts';
import {endSharedPair, figure, withSharedPair} from './with-pair.ts';

async function withLab(t: ExecutionContext, body: (lab: Lab) => Promise<void>): Promise<void> {
	t.timeout(120_000);
	endSharedPair();
	const lab = new Lab();
	try {
		lab.writeConfig();
		await body(lab);
	} finally {
		lab.dispose();
	}
}

test.serial('No daemon anywhere, an open network: an announcement is accepted, and nothing fails', async t => {
	await withLab(t, async lab => {
		const seen = await examine(lab, 'lb1');
		t.is(seen.code, 0, JSON.stringify(seen.findings, undefined, 1));
		t.regex(seen.of('announcement'), /^ok: lb2 learned by gratuitous ARP that 10\.0\.0\.\d+ is here/);
		for (const check of [
			'programs',
			'capabilities',
			'kernel',
			'lease',
			'link',
			'mtu',
			'address',
			'pair-id',
			'conflicts',
		]) {
			t.regex(seen.of(check), /^ok: /, check);
		}
		t.regex(seen.of('unicast'), /^unknown: the machine of lb2 answers/);
		t.like(seen.drivers, [{driver: 'ip', grade: 'ok', message: 'will work'}]);
		t.deepEqual(
			seen.failovers.map(({node, longestMs}) => [node, longestMs]),
			[
				['lb1', 745],
				['lb2', 645],
			],
		);
	});
});

const hostile: readonly (readonly [HostileNetwork, RegExp, number])[] = [
	['no GARP', /^fail: no gratuitous ARP: eth0 passes ordinary ARP/, 1],
	['MAC lock', /^fail: MAC lock: .*, 10\.0\.0\.100 too$/, 1],
	['anti-spoof', /^fail: anti-spoof: .*, 10\.0\.0\.100 too$/, 1],
	['allowed address', /^ok: anti-spoof: .*, and lets 10\.0\.0\.100 through$/, 0],
	// The address moves with the interface's own hardware address: no reason for an alarm.
	['port security', /^ok: lb2 learned by gratuitous ARP/, 0],
];

test.serial('Hostile networks are named, and harmless ones raise no alarm', async t => {
	await withLab(t, async lab => {
		for (const [kind, expected, code] of hostile) {
			impose(lab.network, kind, 'lb1');
			const seen = await examine(lab, 'lb1');
			t.regex(seen.of('announcement'), expected, kind);
			t.is(seen.code, code, kind);
			t.is(seen.drivers[0]?.grade, code === 0 ? 'ok' : 'fail', kind);
			lab.network.healBetweenNodes();
		}
	});
});

test.serial('Large packets that vanish, a stranger on the address and a peer that is off are told', async t => {
	await withLab(t, async lab => {
		impose(lab.network, 'small MTU', 'lb1');
		runIn(lab.network.namespaceOf('client'), [findTool('ip'), 'addr', 'add', `${virtualAddress}/32`, 'dev', 'eth0']);
		const seen = await examine(lab, 'lb1');
		t.regex(seen.of('mtu'), /^warn: packets of 1500 bytes do not reach lb2/);
		t.regex(
			seen.of('address'),
			/^fail: 10\.0\.0\.100 is in use by (?:[0-9a-f]{2}:){5}[0-9a-f]{2} on eth0, which is neither/,
		);
		t.is(seen.code, 1);
		lab.network.healBetweenNodes();
		lab.network.cutLink('lb2');
		const alone = await examine(lab, 'lb1');
		t.regex(alone.of('announcement'), /^unknown: lb2 does not answer ARP on eth0/);
		t.regex(alone.of('unicast'), /^warn: nothing is heard of lb2 at 10\.0\.0\.12, not even an echo/);
	});
});

test.serial(
	'A running pair: both directions, the lease and the digest come from the daemon, and nobody notices the examination',
	async t => {
		await withSharedPair(t, {}, async lab => {
			const client = lab.network.namespaceOf('client');
			const clients = await lab.probeClients();
			const [master, backup] = [await examine(lab, 'lb1'), await examine(lab, 'lb2')];
			for (const seen of [master, backup]) {
				t.is(seen.code, 0, JSON.stringify(seen.findings, undefined, 1));
				t.regex(seen.of('announcement'), /^ok: lb[12] learned by gratuitous ARP/);
				t.regex(seen.of('lease'), /^ok: the kernel keeps the lease/);
				t.regex(seen.of('digest'), /^ok: lb[12] runs the same configuration/);
				t.true(seen.findings.some(({message}) => /^lb[12] says that it hears this node$/.test(message)));
			}
			const {requests, failedFresh, failedKept} = summarizeClients(await clients.stop());
			t.true(requests > 100);
			t.deepEqual([...failedFresh, ...failedKept], [], 'a client noticed');
			const {self, peer} = await lab.readStatus('lb1');
			t.true(self.holdsAddress && !peer.holdsAddress);
			t.true(runIn(client, [findTool('ip'), 'neigh', 'show', virtualAddress]).includes('lladdr'));

			lab.network.cutOneWay('lb1', 'lb2');
			await waitFor('lb1 to see that lb2 does not hear it', async () =>
				/^fail/.test(
					(await examine(lab, 'lb1')).findings.find(({message}) => message.startsWith('one-way'))?.grade ?? '',
				),
			);
			t.is((await examine(lab, 'lb1')).code, 1);
		});
	},
);

test.serial('On the backup of a network that filters: the virtual address is not used for a trial', async t => {
	await withSharedPair(t, {}, async lab => {
		impose(lab.network, 'allowed address', 'lb2');
		t.regex((await examine(lab, 'lb2')).of('announcement'), /^warn: anti-spoof: .*cannot be tried here/);
		lab.network.healBetweenNodes();
		impose(lab.network, 'allowed address', 'lb1');
		t.regex((await examine(lab, 'lb1')).of('announcement'), /^ok: anti-spoof: .*lets 10\.0\.0\.100 through/);
	});
});

test.serial(
	'Without a daemon here the advertisements of the peer are heard: its key and its configuration',
	async t => {
		await withSharedPair(t, {}, async lab => {
			await lab.daemon('lb2').stop();
			const seen = await examine(lab, 'lb2');
			t.regex(seen.of('unicast'), /^ok: advertisements of lb1 arrive here/);
			t.regex(seen.of('digest'), /^ok: lb1 runs the same configuration/);
			writeFileSync(lab.configPath, '\n# another line\n', {flag: 'a'});
			t.regex((await examine(lab, 'lb2')).of('digest'), /^warn: drift: lb1 runs another configuration/);
			writeFileSync(join(lab.directory, 'pair.key'), 'another key of another pair\n');
			const foreign = await examine(lab, 'lb2');
			t.regex(foreign.of('unicast'), /^fail: advertisements of lb1 arrive here, signed with another key/);
		});
	},
);

test.serial('Another pair of the same name on the segment is found by what its master says', async t => {
	await withLab(t, async lab => {
		// A copied configuration whose nodes and address were changed, its name and key not.
		const path = join(lab.directory, 'copy.cfg');
		const text = pairConfig({secretFile: join(lab.directory, 'pair.key')})
			.replace(`node lb1 ${addresses.lb1}`, `node lb1 ${addresses.client}`)
			.replace(`node lb2 ${addresses.lb2}`, 'node lb2 10.0.0.51')
			.replace(virtualAddress, '10.0.0.101');
		writeFileSync(path, text);
		const socket = join(lab.directory, 'copy.sock');
		const argv = [process.execPath, mainProgram, 'run', '-f', path, '--node', 'lb1', '--socket', socket];
		argv.push('--state-dir', join(lab.directory, 'copy.state'));
		await Promise.all([lab.startWeb('web1'), lab.startWeb('web2'), lab.startWeb('web3')]);
		spawnIn(lab.network.namespaceOf('client'), argv, {stdio: 'ignore'});
		await waitFor(
			'the namesake to be master and to be heard',
			async () =>
				/^fail: 10\.0\.0\.50 is a third node of a pair named lab, with the same key/.test(
					(await examine(lab, 'lb1')).of('pair-id'),
				),
			{deadlineMs: 40_000},
		);
		t.pass();
	});
});

test.serial('keepalived with the same address is a rival, one in another network is not', async t => {
	const keepalived = maybeFindTool('keepalived');
	if (keepalived === undefined) return t.pass('keepalived is not installed here');
	await withLab(t, async lab => {
		const path = join(lab.directory, 'keepalived.conf');
		const instance = `vrrp_instance v { interface eth0\n virtual_router_id 51\n priority 10\n state BACKUP\n virtual_ipaddress {\n ${virtualAddress}/24\n } }\n`;
		writeFileSync(path, instance);
		const pids = ['-p', join(lab.directory, 'k.pid'), '-r', join(lab.directory, 'v.pid')];
		spawnIn(lab.network.namespaceOf('lb1'), [keepalived, '-n', '-l', '-f', path, ...pids], {stdio: 'ignore'});
		await waitFor('keepalived to be seen', async () =>
			/^fail: keepalived \(pid \d+\) runs here and its configuration names/.test(
				(await examine(lab, 'lb1')).of('conflicts'),
			),
		);
		t.regex((await examine(lab, 'lb2')).of('conflicts'), /^ok: /);
	});
});

/** `ip netns exec` gives each program its own view of the mounts, so nothing else sees this. */
const withoutNft = ['/bin/sh', '-c', `mount --bind /dev/null "$0" && exec "$@"`, findTool('nft')];

test.serial(
	'Without nftables doctor and status say what that costs, and the kernel ends the address of a frozen heartbeat as they say',
	async t => {
		await withLab(t, async lab => {
			t.regex((await examine(lab, 'lb1', withoutNft)).of('lease'), /^warn: nft is not installed: .* up to 6 s/);
			const {network, configPath, directory} = lab;
			const namespace = network.namespaceOf('lb1');
			await Promise.all([lab.startWeb('web1'), lab.startWeb('web2'), lab.startWeb('web3')]);
			const argv = [...withoutNft, process.execPath, mainProgram, 'run', '-f', configPath, '--node', 'lb1'];
			argv.push('--socket', lab.socketPathOf('lb1'), '--state-dir', join(directory, 'state'));
			const daemon = spawnIn(namespace, argv, {stdio: 'ignore'});
			await lab.waitForMaster('lb1', 30_000);
			t.regex((await examine(lab, 'lb1', withoutNft)).of('lease'), /^warn: nft is not installed/);
			const {stdout} = await runHapair(['status', '--socket', lab.socketPathOf('lb1')]);
			t.regex(stdout, /lease none \(nft is missing or refused it\): .* up to 6 s/);
			const heartbeat = listPidsIn(namespace).find(pid => isProcess('heartbeat', commandOf(pid)));
			t.truthy(heartbeat);
			killPid(heartbeat ?? 0, 'SIGSTOP');
			const frozenMs = monotonicMs();
			await waitFor('the kernel to end the address', () => {
				return !runIn(namespace, [findTool('ip'), '-o', 'addr', 'show', 'dev', 'eth0']).includes(virtualAddress);
			});
			const tookMs = Math.round(monotonicMs() - frozenMs);
			figure(t, 'the address of a frozen heartbeat without nftables stayed for', tookMs);
			t.true(tookMs < 7000);
			daemon.kill('SIGKILL');
		});
	},
);

function commandOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
	} catch {
		return '';
	}
}

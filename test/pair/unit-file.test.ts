import {execFileSync, spawnSync} from 'node:child_process';
import {chownSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {isProcess} from '../lab/daemon.ts';
import {Lab} from '../lab/lab.ts';
import {isAlive, runIn, spawnIn} from '../lab/namespaces.ts';
import {addresses, virtualAddress} from '../lab/network.ts';
import {askStatus} from '../lab/status.ts';
import {findTool, tryTool} from '../lab/tools.ts';
import {letPassMs, waitFor} from '../lab/wait.ts';

const unitFile = fileURLToPath(new URL('../../deploy/systemd/hapair.service', import.meta.url));
const mainProgram = fileURLToPath(new URL('../../packages/cli/bin/hapair.mjs', import.meta.url));
const netBindService = 1n << 10n;
const netAdmin = 1n << 12n;
const netRaw = 1n << 13n;

const unit = readFileSync(unitFile, 'utf8');
/** Stands for the package's user: no account of this machine. */
const serviceId = 64_207;

/** Some machines keep CAP_SYS_RESOURCE from their root; there the heartbeat has no priority. */
const mayRaiseLimits = tryTool('prlimit', ['--nice=35:35', '/bin/true']).status === 0;

/** The command that runs `argv` as the unit file does: a user, its ambient capabilities, its limit of niceness, no new privileges. */
function confine(argv: readonly string[]): string[] {
	const line = /^AmbientCapabilities=(.*)$/m.exec(unit)?.[1] ?? '';
	const kept = ['-all', ...line.split(' ').map(name => name.replace(/^CAP_/, '+').toLowerCase())].join(',');
	const niceness = 20 - Number(/^LimitNICE=(.*)$/m.exec(unit)?.[1]);
	const user = ['--reuid', String(serviceId), '--regid', String(serviceId), '--clear-groups'];
	const capabilities = ['--bounding-set', kept, '--inh-caps', kept, '--ambient-caps', kept, '--no-new-privs'];
	const limit = mayRaiseLimits ? [findTool('prlimit'), `--nice=${niceness}:${niceness}`] : [];
	return [...limit, findTool('setpriv'), ...user, ...capabilities, ...argv];
}

interface Node {
	readonly lab: Lab;
	readonly child: ReturnType<typeof spawnIn>;
	readonly socketPath: string;
	output(): string;
}

/** Starts `lb1` with what the unit file allows, alone with two web servers, and waits until it holds the address. */
async function withConfinedNode(t: ExecutionContext, body: (node: Node) => Promise<void>): Promise<void> {
	t.timeout(120_000);
	const lab = new Lab();
	let output = '';
	try {
		lab.writeConfig();
		for (const path of [lab.directory, join(lab.directory, 'pair.key')]) chownSync(path, serviceId, serviceId);
		await Promise.all([lab.startWeb('web1'), lab.startWeb('web2')]);
		// A client that takes a neighbour from an announcement, so that it knows the address without having asked.
		lab.network.setKernel('client', 'net/ipv4/conf/eth0/arp_accept', '1');
		const socketPath = lab.socketPathOf('lb1');
		const run = [
			'run',
			'-f',
			lab.configPath,
			'--node',
			'lb1',
			'--socket',
			socketPath,
			'--state-dir',
			`${socketPath}.state`,
		];
		const argv = confine([process.execPath, mainProgram, ...run]);
		const child = spawnIn(lab.network.namespaceOf('lb1'), argv, {stdio: ['ignore', 'pipe', 'pipe']});
		for (const stream of [child.stdout, child.stderr]) {
			stream?.on('data', chunk => {
				output += chunk;
			});
		}
		const isMaster = async () => {
			const {self} = await askStatus(socketPath);
			return self.state === 'master' && self.holdsAddress;
		};
		await waitFor('the node to be master', isMaster, {deadlineMs: 20_000, everyMs: 50});
		await body({lab, child, socketPath, output: () => output});
	} catch (error) {
		t.log(`lb1 said:\n${output.slice(-3000)}`);
		throw error;
	} finally {
		lab.dispose();
	}
}

function effectiveCapabilities(pid: number): bigint {
	return BigInt(`0x${/^CapEff:\s+(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0'}`);
}

/** Real, effective, saved, of files. */
function userIds(pid: number | undefined): number[] {
	const line = /^Uid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
	return line.split('\t').map(Number);
}

/** Field 19 of proc_pid_stat(5). */
function niceness(pid: number): number {
	return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[16]);
}

function findHeartbeat(daemon: number): number {
	const children = readFileSync(`/proc/${daemon}/task/${daemon}/children`, 'utf8').trim().split(' ').map(Number);
	return children.find(pid => isProcess('heartbeat', readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) ?? 0;
}

test.serial(
	'A node with the capabilities of the unit file takes the address, announces it, serves and leaves in order',
	async t => {
		await withConfinedNode(t, async ({lab, child, socketPath, output}) => {
			const status = [mainProgram, 'status', '--json', '--socket', socketPath];
			const {pair, proxy} = JSON.parse(execFileSync(process.execPath, status, {encoding: 'utf8'}));
			t.is(pair.lease, 'kernel');
			t.is(niceness(findHeartbeat(child.pid ?? 0)), mayRaiseLimits ? -15 : 0, 'the heartbeat has its priority');
			const heartbeat = findHeartbeat(child.pid ?? 0);
			t.is(effectiveCapabilities(proxy.pid), netBindService, 'the proxy may bind low ports and nothing else');
			t.is(effectiveCapabilities(heartbeat), netAdmin | netRaw, 'the heartbeat has the network and nothing else');
			for (const pid of [child.pid, heartbeat]) t.deepEqual(userIds(pid), Array(4).fill(serviceId));
			const [proxyId = 0] = userIds(proxy.pid);
			t.deepEqual(userIds(proxy.pid), Array(4).fill(proxyId));
			t.false([0, serviceId].includes(proxyId), 'the proxy is somebody else');
			const asProxy = (...argv: string[]) =>
				spawnSync(findTool('setpriv'), ['--reuid', String(proxyId), '--clear-groups', '--inh-caps=-all', ...argv], {
					encoding: 'utf8',
				}).stderr;
			t.regex(asProxy('cat', join(lab.directory, 'pair.key')), /Permission denied/);
			t.regex(asProxy('sh', '-c', `kill -0 ${child.pid}`), /not permitted/);
			t.regex(asProxy('cat', `/proc/${heartbeat}/environ`), /Permission denied/);
			t.regex(readFileSync(`/proc/${child.pid}/status`, 'utf8'), /^Seccomp_filters:\s+[1-9]/m);
			const listening = runIn(lab.network.namespaceOf('lb1'), ['ss', '-Hlntu']).trim().split('\n');
			// Ports of the kernel's own choice are those from which log lines are sent.
			const open = listening.map(line => line.split(/\s+/)).map(([kind, , , , local = '']) => `${kind} ${local}`);
			const chosen = open.filter(each => !(each.startsWith('udp') && Number(each.split(':').at(-1)) >= 32_768));
			t.deepEqual([...new Set(chosen)].sort(), [
				`tcp 0.0.0.0:80`,
				`tcp ${addresses.lb1}:3695`,
				'tcp 127.0.0.1:8404',
				`udp ${addresses.lb1}:3694`,
			]);
			const client = lab.network.namespaceOf('client');
			const announced = () => runIn(client, ['ip', 'neigh', 'show', virtualAddress]).includes('lladdr');
			await waitFor('the client to learn the address by its announcement', announced);

			const clients = await lab.probeClients({perSecond: 20});
			await letPassMs(500);
			const {fresh} = await clients.stop();
			t.true(fresh.length > 0);
			t.deepEqual(
				fresh.flatMap(({error}) => error ?? []),
				[],
			);
			child.kill('SIGTERM');
			await waitFor('the daemon to end', () => child.exitCode !== null || child.signalCode !== null);
			t.is(child.exitCode, 0, output().slice(-2000));
			t.notRegex(runIn(lab.network.namespaceOf('lb1'), ['ip', 'addr']), new RegExp(virtualAddress));
			t.regex(runIn(lab.network.namespaceOf('lb1'), ['ip', 'addr']), new RegExp(addresses.lb1));
		});
	},
);

test.serial('A proxy that hangs is ended all the same', async t => {
	await withConfinedNode(t, async ({child, socketPath}) => {
		const {proxyPid = 0} = await askStatus(socketPath);
		process.kill(proxyPid, 'SIGSTOP');
		child.kill('SIGTERM');
		await letPassMs(100);
		child.kill('SIGTERM');
		await waitFor('the daemon to end', () => child.exitCode !== null || child.signalCode !== null);
		t.is(child.exitCode, 0);
		t.false(isAlive(proxyPid));
	});
});

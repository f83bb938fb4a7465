import {existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {Lab} from '../lab/lab.ts';
import {killPid, spawnIn} from '../lab/namespaces.ts';
import {runTool} from '../lab/tools.ts';
import {waitFor} from '../lab/wait.ts';
import {examine} from './examine.ts';
import {figure, waitForPair} from './with-pair.ts';

const program = fileURLToPath(new URL('../lab/fake-provider.ts', import.meta.url));
const provider = '169.254.10.1';
const server = {lb1: '11', lb2: '12'} as const;

interface Stage {
	readonly lab: Lab;
	readonly tokenFile: string;
	/** Waits until the provider delivers to this node; how long that took, ms. */
	readonly delivered: (to: 'lb1' | 'lb2') => Promise<number>;
}

/** A pair whose floating IP is at a provider; the provider's way to the nodes is not the one that is cut. */
async function withProvider(t: ExecutionContext, body: (stage: Stage) => Promise<void>): Promise<void> {
	t.timeout(120_000);
	const lab = new Lab();
	try {
		const {network, directory} = lab;
		const hosts = {web3: provider, lb1: '169.254.10.11', lb2: '169.254.10.12'} as const;
		for (const [role, address] of Object.entries(hosts)) {
			runTool('ip', [
				'-n',
				network.namespaceOf(role as keyof typeof hosts),
				'addr',
				'add',
				`${address}/16`,
				'dev',
				'eth0',
			]);
		}
		spawnIn(network.namespaceOf('web3'), [process.execPath, program, provider, directory], {stdio: 'inherit'});
		const tokenFile = join(directory, 'token');
		writeFileSync(tokenFile, 'token-of-a-project\n', {mode: 0o600});
		const members = `server lb1 ${server.lb1} server lb2 ${server.lb2}`;
		const line = `takeover hetzner-cloud token-file ${tokenFile} ${members} floating-ip 203.0.113.7 api http://${provider}:8080/v1`;
		const holder = join(directory, 'holder');
		const delivered = async (to: 'lb1' | 'lb2') => {
			const beganMs = performance.now();
			await waitFor(
				`the provider to deliver to ${to}`,
				() => existsSync(holder) && readFileSync(holder, 'utf8') === server[to],
			);
			return Math.round(performance.now() - beganMs);
		};
		await waitFor('the provider', () => existsSync(holder));
		await lab.startPair({lines: [line]});
		await delivered('lb1');
		await body({lab, tokenFile, delivered});
	} catch (error) {
		for (const node of ['lb1', 'lb2'] as const) t.log(`${node} said:\n${lab.maybeDaemon(node)?.output.slice(-3000)}`);
		throw error;
	} finally {
		lab.dispose();
	}
}

test.serial('the provider delivers to the master: after a failover, a kill and a power cut', async t => {
	await withProvider(t, async ({lab, delivered}) => {
		const result = await lab.daemon('lb1').command(['failover']);
		t.is(result.code, 0, result.stdout + result.stderr);
		figure(t, 'after a failover', await delivered('lb2'));
		killPid(lab.daemon('lb2').pid, 'SIGKILL');
		figure(t, 'after kill -9 of the daemon', await delivered('lb1'));
		lab.startDaemon('lb2');
		t.is(await waitForPair(lab), 'lb1');
		lab.cutPower('lb1');
		figure(t, 'after a power cut', await delivered('lb2'));
		const {takeover} = await lab.readStatus('lb2');
		await waitFor('the status to say so', async () => (await lab.readStatus('lb2')).takeover[0]?.at === 'here');
		t.like(takeover[0], {driver: 'hetzner-cloud', target: '203.0.113.7'});
		t.is(await lab.daemon('lb2').stop(), 0, 'a connection to the provider keeps nobody from ending');
	});
});

test.serial('a driver whose token is lost is a trouble with a name, and the pair keeps its master', async t => {
	await withProvider(t, async ({lab, tokenFile, delivered}) => {
		rmSync(tokenFile);
		const trouble = async () => (await lab.readStatus('lb1')).takeover[0]?.trouble ?? '';
		await waitFor('the trouble', async () => (await trouble()).endsWith(`${tokenFile}: there is no such file`));
		t.is(await waitForPair(lab), 'lb1');
		const status = await lab.daemon('lb1').command(['status']);
		t.regex(status.stdout, /! takeover hetzner-cloud 203\.0\.113\.7: read failed.*there is no such file/);
		writeFileSync(tokenFile, 'token-of-a-project\n', {mode: 0o600});
		await waitFor('no trouble', async () => (await trouble()) === '', {deadlineMs: 40_000});
		t.is((await lab.daemon('lb1').command(['failover'])).code, 0);
		await delivered('lb2');
	});
});

test.serial(
	'doctor reads the address at the provider, tells that the token may move it, and names a wrong token',
	async t => {
		await withProvider(t, async ({lab, tokenFile}) => {
			const seen = await examine(lab, 'lb2');
			t.is(seen.code, 0, JSON.stringify(seen.findings, undefined, 1));
			t.is(seen.of('hetzner-cloud'), 'ok: 203.0.113.7 is at the peer, and the token may move it');
			t.like(seen.drivers[1], {driver: 'hetzner-cloud', grade: 'ok'});
			writeFileSync(tokenFile, 'token-of-another-project\n', {mode: 0o600});
			const refused = await examine(lab, 'lb2');
			t.regex(refused.of('hetzner-cloud'), /^fail: 203\.0\.113\.7: the Hetzner Cloud API answered 401/);
			t.is(refused.code, 1);
		});
	},
);

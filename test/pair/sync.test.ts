import {randomBytes} from 'node:crypto';
import {appendFileSync, copyFileSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {Daemon} from '../lab/daemon.ts';
import {Lab} from '../lab/lab.ts';
import {runIn} from '../lab/namespaces.ts';
import {addresses, type NodeRole} from '../lab/network.ts';
import {waitFor} from '../lab/wait.ts';
import {waitForPair} from './with-pair.ts';

test.serial(
	'hapair sync shows what differs and makes both nodes agree; strangers at the channel are counted',
	async t => {
		t.timeout(120_000);
		const lab = new Lab();
		const lb2Config = join(lab.directory, 'lb2.cfg');
		try {
			lab.writeConfig();
			copyFileSync(lab.configPath, lb2Config);
			const lb1 = lab.startDaemon('lb1');
			const socketPath = lab.socketPathOf('lb2');
			const lb2 = new Daemon(lab.network.namespaceOf('lb2'), {node: 'lb2', configPath: lb2Config, socketPath});
			const master = await waitForPair(lab);
			const same = await lb1.command(['sync']);
			t.is(same.stdout, 'lb1 and lb2 have the same files\n', same.stderr);

			writeFileSync(lab.configPath, readFileSync(lab.configPath, 'utf8').replace('retries 3', 'retries 5'));
			const shown = await lb2.command(['sync']);
			t.is(shown.code, 1);
			t.regex(shown.stdout, /^--- lb2:.*lb2\.cfg\n\+\+\+ lb1:.*pair\.cfg\n@@ .*\n(?: .*\n)+-retries 3\n\+retries 5\n/m);
			const pushed = await lb1.command(['sync', '--push', '--json']);
			t.is(pushed.code, 0, pushed.stdout + pushed.stderr);
			t.is(readFileSync(lb2Config, 'utf8'), readFileSync(lab.configPath, 'utf8'));
			t.regex(readFileSync(`${lb2Config}.previous`, 'utf8'), /retries 3/);
			t.regex(pushed.stdout, /lb1 runs them, lb2 runs them/, 'both have reloaded');
			t.is(await waitForPair(lab), master, 'and the address has not moved');

			const next = join(lab.directory, 'next.key');
			writeFileSync(next, randomBytes(32).toString('base64'), {mode: 0o600});
			const written = readFileSync(lab.configPath, 'utf8');
			const [old = ''] = /^ *secret file .*$/m.exec(written) ?? [];
			const young = `    secret file ${next}`;
			const rotate = async (...lines: string[]) => {
				writeFileSync(lab.configPath, written.replace(old, lines.join('\n')));
				return lb1.command(['sync', '--push']);
			};
			t.regex((await rotate(young)).stdout, /lb1 needs a restart/, 'two nodes would not hear each other meanwhile');
			writeFileSync(lab.configPath, written);
			await lb1.command(['sync', '--push']);
			for (const lines of [[old, young], [young, old], [young]]) {
				const {code, stdout, stderr} = await rotate(...lines);
				t.is(code, 0, stdout + stderr);
				t.regex(stdout, /lb1 runs them, lb2 runs them/);
				t.is(await waitForPair(lab), master);
			}
			const {counters} = JSON.parse((await lb1.command(['status', '--json'])).stdout).pair;
			t.is(counters?.refusedForeignKey ?? 0, 0, 'at no moment has a node met a key that it does not know');

			const program = `require('node:net').connect(3695, '${addresses.lb1}').on('error', () => {}).on('close', () => process.exit(0))`;
			runIn(lab.network.namespaceOf('client'), [process.execPath, '-e', program]);
			const refused = await waitFor('the count', async () => {
				const {stdout} = await lb1.command(['status', '--json']);
				const {channel} = JSON.parse(stdout).pair;
				return channel.refused.stranger === 1 ? channel : undefined;
			});
			t.like(refused, {address: addresses.lb1, port: 3695, listening: true});
			t.is(await lb2.stop(), 0);
		} finally {
			lab.dispose();
		}
	},
);

/** Asks the stats socket of a node. */
function askStats(lab: Lab, node: NodeRole, command: string): string {
	const program = `require('node:net').connect(9999, '127.0.0.1', function () { this.end(${JSON.stringify(`${command}\n`)}); }).pipe(process.stdout)`;
	return runIn(lab.network.namespaceOf(node), [process.execPath, '-e', program]);
}

test.serial('orders and tables of the master are known to the standby, and hold when it takes over', async t => {
	t.timeout(120_000);
	const lab = new Lab();
	try {
		const refused = join(lab.directory, 'refused.lst');
		writeFileSync(refused, '10.9.0.0/16\n10.8.0.0/16\n');
		lab.writeConfig({globalLines: ['stats socket ipv4@127.0.0.1:9999 level admin'], interMs: 500});
		appendFileSync(
			lab.configPath,
			`backend counts
    stick-table type string len 32 size 1k expire 10m store gpc0,http_req_rate(10s)
    acl refused src -f ${refused}
    http-request deny if refused
`,
		);
		await Promise.all([lab.startWeb('web1'), lab.startWeb('web2'), lab.startWeb('web3')]);
		lab.startDaemon('lb1');
		await lab.waitForMaster('lb1', 60_000);
		askStats(lab, 'lb1', 'set table counts key early data.gpc0 3');
		askStats(lab, 'lb1', `del acl ${refused} 10.8.0.0/16`);
		lab.startDaemon('lb2');
		await waitForPair(lab, 60_000);
		askStats(lab, 'lb1', 'set server web_servers/web1 state maint');
		askStats(lab, 'lb1', 'set weight web_servers/web2 7');
		askStats(lab, 'lb1', 'set table counts key late data.gpc0 5');
		askStats(lab, 'lb1', `add acl ${refused} 10.7.7.7`);
		askStats(lab, 'lb1', 'set maxconn server web_servers/web3 40');
		const known = (node: NodeRole): boolean => {
			const table = askStats(lab, node, 'show table counts');
			const stat = askStats(lab, node, 'show stat')
				.split('\n')
				.map(line => line.split(','));
			const row = (server: string): string[] =>
				stat.find(([proxy, name]) => proxy === 'web_servers' && name === server) ?? [];
			return (
				/key=early .*gpc0=3/.test(table) &&
				/key=late .*gpc0=5/.test(table) &&
				row('web1')[17] === 'MAINT' &&
				row('web2')[18] === '7' &&
				row('web3')[6] === '40' &&
				/^\S+ 10\.9\.0\.0\/16\n\S+ 10\.7\.7\.7\n*$/.test(askStats(lab, node, `show acl ${refused}`))
			);
		};
		t.true(known('lb1'));
		await waitFor('the standby to know', () => known('lb2'), {deadlineMs: 20_000, everyMs: 200});
		for (const [node, role] of [
			['lb1', 'tells'],
			['lb2', 'learns'],
		] as const) {
			const {warm} = JSON.parse((await lab.daemon(node).command(['status', '--json'])).stdout).pair;
			t.is(warm.role, role);
			t.true(warm.lagMs < 10_000, `${node}: ${warm.lagMs} ms`);
		}
		lab.cutPower('lb1');
		await lab.waitForMaster('lb2');
		t.true(known('lb2'), 'the takeover forgets nothing');
	} finally {
		lab.dispose();
	}
});

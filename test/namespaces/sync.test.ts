import {copyFileSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {Daemon} from '../lab/daemon.ts';
import {Lab} from '../lab/lab.ts';
import {runIn} from '../lab/namespaces.ts';
import {addresses} from '../lab/network.ts';
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

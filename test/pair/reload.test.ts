import {readFileSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {summarizeClients} from '../lab/probe.ts';
import {letPassMs} from '../lab/wait.ts';
import {figure, waitForPair, withPair} from './with-pair.ts';

test.serial('A reload of the master, then of the backup: the address stays, and no request is lost', async t => {
	await withPair(t, {lines: ['track frontend http-in']}, async lab => {
		const clients = await lab.probeClients({perSecond: 100, keepAliveClients: 10});
		const before = await lab.readStatus('lb1');
		const heartbeats = (['lb1', 'lb2'] as const).map(node => lab.daemon(node).findPids().heartbeat);
		const text = readFileSync(lab.configPath, 'utf8');
		writeFileSync(lab.configPath, text.replace('priority 150', 'priority 200'));
		for (const node of ['lb1', 'lb2'] as const) {
			const result = await lab.daemon(node).command(['reload', '--json']);
			t.is(result.code, 0, `reload said: ${result.stdout}${result.stderr}`);
		}
		await letPassMs(1000);
		t.is(await waitForPair(lab), 'lb1');
		const after = await lab.readStatus('lb1');
		t.is(after.self.term, before.self.term, 'nobody has claimed');
		t.deepEqual(
			(['lb1', 'lb2'] as const).map(node => lab.daemon(node).findPids().heartbeat),
			heartbeats,
			'the heartbeats are the same processes',
		);
		const {stdout} = await lab.daemon('lb2').command(['status', '--json']);
		const {drift, nodes} = JSON.parse(stdout).pair;
		t.false(drift, 'both have the new file');
		t.is(nodes[1].priority, 200, 'the peer has heard the new priority');
		const {gapMs, failedFresh, failedKept} = summarizeClients(await clients.stop());
		figure(t, 'longest pause', gapMs);
		t.deepEqual(
			[...failedFresh, ...failedKept].map(({error}) => error),
			[],
		);
	});
});

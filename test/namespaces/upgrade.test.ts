import {readFileSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {watchAdvertisements} from '../lab/advertisement-watch.ts';
import {addresses, type NodeRole} from '../lab/network.ts';
import {summarizeClients} from '../lab/probe.ts';
import {letPassMs} from '../lab/wait.ts';
import {figure, waitForPair, withPair} from './with-pair.ts';

/** At 200 ms, of the preferred node: the shortest silence that a peer takes for death. */
const patienceMs = 625;

test.serial(
	'An upgrade of the master: every process is another one, the address stays, no request is lost, the peer notices nothing',
	async t => {
		await withPair(t, {lines: ['track frontend http-in'], upgrades: true}, async lab => {
			const daemon = lab.daemon('lb1');
			const before = await lab.readStatus('lb1');
			const pidsBefore = daemon.findPids(before.pid);
			const clients = await lab.probeClients({perSecond: 100, keepAliveClients: 10});
			const endWatch = await watchAdvertisements(lab.network.namespaceOf('lb2'), addresses.lb1);

			const readHistory = (node: NodeRole): string =>
				readFileSync(`${lab.socketPathOf(node)}.state/lab.${node}.history.jsonl`, 'utf8');
			const histories = (['lb1', 'lb2'] as const).map(readHistory);

			const program = readFileSync(daemon.program, 'utf8');
			writeFileSync(daemon.program, 'process.exit(7);\n');
			const broken = await daemon.command(['upgrade', '--json']);
			t.is(broken.code, 1, broken.stdout);
			t.regex(broken.stdout, /nothing was changed/);
			t.deepEqual(daemon.findPids((await lab.readStatus('lb1')).pid), pidsBefore, 'a broken program changes nothing');

			writeFileSync(daemon.program, program);
			const result = await daemon.command(['upgrade', '--json']);
			t.is(result.code, 0, `${result.stdout}${result.stderr}`);
			await letPassMs(1000);
			t.is(await waitForPair(lab), 'lb1');
			const after = await lab.readStatus('lb1');
			const pidsAfter = daemon.findPids(after.pid);
			t.is(after.self.term, before.self.term, 'nobody has claimed');
			t.is(after.lease, before.lease);
			for (const which of ['daemon', 'heartbeat', 'proxy'] as const) {
				t.truthy(pidsAfter[which]);
				t.not(pidsAfter[which], pidsBefore[which], `the ${which} is another process`);
			}

			const {count, longestGapMs} = await endWatch();
			figure(t, 'longest time between two advertisements', Math.round(longestGapMs));
			t.true(count > 10 && longestGapMs < patienceMs, `${count} advertisements, ${longestGapMs} ms`);
			const {gapMs, failedFresh, failedKept} = summarizeClients(await clients.stop());
			figure(t, 'longest pause of the clients', gapMs);
			t.deepEqual(
				[...failedFresh, ...failedKept].map(({error}) => error),
				[],
			);
			t.deepEqual((['lb1', 'lb2'] as const).map(readHistory), histories, 'nothing has happened');
		});
	},
);

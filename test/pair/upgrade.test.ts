import {readFileSync, writeFileSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import {watchAdvertisements} from '../lab/advertisement-watch.ts';
import {addresses6, virtualAddress6} from '../lab/families.ts';
import type {Lab} from '../lab/lab.ts';
import {addresses, type NodeRole} from '../lab/network.ts';
import {summarizeClients} from '../lab/probe.ts';
import {letPassMs, waitFor} from '../lab/wait.ts';
import {figure, waitForPair, withPair} from './with-pair.ts';

/** At 200 ms, of the preferred node: the shortest silence that a peer takes for death. */
const patienceMs = 625;

/** Every process is another one, and nothing else has changed. */
async function upgrade(t: ExecutionContext, lab: Lab, node: NodeRole): Promise<void> {
	const daemon = lab.daemon(node);
	const before = await lab.readStatus(node);
	const pidsBefore = daemon.findPids(before.pid);
	const result = await daemon.command(['upgrade', '--json']);
	t.is(result.code, 0, `${node}: ${result.stdout}${result.stderr}`);
	const after = await lab.readStatus(node);
	const pidsAfter = daemon.findPids(after.pid);
	t.is(after.self.term, before.self.term, 'nobody has claimed');
	t.is(after.self.state, before.self.state);
	t.is(after.lease, before.lease);
	for (const which of ['daemon', 'heartbeat', 'proxy'] as const) {
		t.truthy(pidsAfter[which]);
		t.not(pidsAfter[which], pidsBefore[which], `the ${which} of ${node} is another process`);
	}
}

test.serial(
	'Upgrades of the master, then of the backup, both families and a witness: every process is another one, the address stays, no request is lost, the peer notices nothing',
	async t => {
		const lines = ['track frontend http-in', `path ${addresses6.lb1} ${addresses6.lb2}`];
		await withPair(t, {family: 'dual', witness: true, lines, upgrades: true}, async lab => {
			const daemon = lab.daemon('lb1');
			const {pid} = await lab.readStatus('lb1');
			const pidsBefore = daemon.findPids(pid);
			const clients = await lab.probeClients({perSecond: 100, keepAliveClients: 10});
			const clients6 = await lab.probeClients({perSecond: 20, address: virtualAddress6});
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
			await upgrade(t, lab, 'lb1');
			await letPassMs(1000);
			t.is(await waitForPair(lab), 'lb1');

			const {count, longestGapMs} = await endWatch();
			figure(t, 'longest time between two advertisements', Math.round(longestGapMs));
			t.true(count > 10 && longestGapMs < patienceMs, `${count} advertisements, ${longestGapMs} ms`);
			await upgrade(t, lab, 'lb2');
			t.is(await waitForPair(lab), 'lb1');
			const {gapMs, failedFresh, failedKept} = summarizeClients(await clients.stop());
			const failed6 = summarizeClients(await clients6.stop()).failedFresh;
			figure(t, 'longest pause of the clients', gapMs);
			t.deepEqual(
				[...failedFresh, ...failedKept, ...failed6].map(({error}) => error),
				[],
			);
			t.deepEqual((['lb1', 'lb2'] as const).map(readHistory), histories, 'nothing has happened');

			lab.network.cutBetweenNodes();
			await waitFor('the witness to stand by the new process', async () => (await lab.readStatus('lb1')).consentMs > 0);
			t.is((await lab.readStatus('lb1')).self.state, 'master');
		});
	},
);

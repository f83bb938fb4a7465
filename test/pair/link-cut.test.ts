import test from 'ava';
import {runHapair} from '../lab/daemon.ts';
import {summarizeClients} from '../lab/probe.ts';
import {letPassMs, monotonicMs, waitFor} from '../lab/wait.ts';
import {assertNeverTwo, figure, waitForPair, withPair, withSharedPair} from './with-pair.ts';

const told = {lines: ['on master only master exec /bin/echo told again']};

test.serial('Link between the nodes cut and healed: one master again, and clients reach it', async t => {
	await withSharedPair(t, told, async lab => {
		const before = await lab.readStatus('lb1');
		const clients = await lab.probeClients({perSecond: 100});
		await letPassMs(500);
		lab.network.cutBetweenNodes();
		// Alone and without a witness each node claims: the documented default. The higher term wins afterwards.
		await lab.waitForMaster('lb2');
		await letPassMs(2000);
		lab.network.healBetweenNodes();
		const healedMs = monotonicMs();
		const master = await waitForPair(lab);
		figure(t, 'one master after the heal', Math.round(monotonicMs() - healedMs));
		// What the other master's hooks did elsewhere has to be done again.
		await waitFor('the hook of the one that stays', () => lab.daemon(master).output.includes('output: told again'));
		const eyes = await lab.probeEyes();
		await letPassMs(2000);
		const {gapMs, failedFresh, requests} = summarizeClients(await clients.stop());
		figure(t, 'clients without service, cut and heal', gapMs);
		figure(t, 'requests', `${requests}, failed ${failedFresh.length}`, '');
		const after = await lab.readStatus(master);
		t.true(after.self.term > before.self.term, 'the survivor has the higher term');
		t.true(gapMs < 2500, `without service for ${gapMs} ms`);
		await assertNeverTwo(t, eyes);
		const why = () => runHapair(['why', '--state-dir', `${lab.socketPathOf('lb2')}.state`]);
		const told = async () => (await why()).stdout.split('\n').filter(line => line.includes("both nodes' recordings: "));
		const findings = await waitFor('the comparison of both recordings', async () => {
			const lines = await told();
			return lines.length > 0 ? lines : undefined;
		});
		t.regex(findings[0] ?? '', /none of \d+ advertisements from lb1 to lb2 arrived in .* lost between the two/);
		t.regex(findings[1] ?? '', / of \d+ advertisements from lb2 to lb1 .*lost/);
		t.log(findings.map(line => line.trim()).join('\n'));
	});
});

test.serial('Master deaf to the backup: the address stays and nobody is without service', async t => {
	await withSharedPair(t, told, async lab => {
		const clients = await lab.probeClients({perSecond: 100});
		const eyes = await lab.probeEyes();
		lab.network.cutOneWay('lb2', 'lb1');
		await letPassMs(3000);
		t.is((await lab.readStatus('lb1')).self.state, 'master');
		t.is((await lab.readStatus('lb2')).self.state, 'backup');
		lab.network.healBetweenNodes();
		t.is(await waitForPair(lab), 'lb1');
		const {gapMs, failedFresh} = summarizeClients(await clients.stop());
		figure(t, 'longest pause of clients', gapMs);
		t.deepEqual(failedFresh, []);
		await assertNeverTwo(t, eyes);
	});
});

test.serial(
	"The master's cable is pulled: it gives the address up, and plugged in again it disturbs nobody",
	async t => {
		await withSharedPair(t, told, async lab => {
			const clients = await lab.probeClients({perSecond: 100});
			const eyes = await lab.probeEyes();
			lab.network.cutLink('lb1');
			await lab.waitForMaster('lb2');
			await waitFor('lb1 to give the address up', async () => !(await lab.readStatus('lb1')).self.holdsAddress);
			const alone = await lab.readStatus('lb1');
			t.is(alone.self.state, 'fault');
			t.regex(alone.self.reason ?? '', /no interface with a virtual address has a carrier/);
			const term = (await lab.readStatus('lb2')).self.term;
			lab.network.restoreLink('lb1');
			await lab.waitForBackup('lb1');
			await letPassMs(1500);
			t.is((await lab.readStatus('lb2')).self.term, term, 'nobody has claimed since');
			figure(t, 'clients without service', summarizeClients(await clients.stop()).gapMs);
			await assertNeverTwo(t, eyes);
		});
	},
);

test.serial('Link between the nodes cut with "on isolation hold": the backup does not claim', async t => {
	await withPair(t, {lines: ['on isolation hold']}, async lab => {
		const clients = await lab.probeClients({perSecond: 100});
		const eyes = await lab.probeEyes();
		lab.network.cutBetweenNodes();
		await waitFor('the backup to notice the silence', async () => !(await lab.readStatus('lb2')).peer.alive);
		await letPassMs(2000);
		t.false((await lab.readStatus('lb2')).self.holdsAddress);
		lab.network.healBetweenNodes();
		t.is(await waitForPair(lab), 'lb1');
		const {gapMs, failedFresh} = summarizeClients(await clients.stop());
		figure(t, 'longest pause of clients', gapMs);
		t.deepEqual(failedFresh, []);
		await assertNeverTwo(t, eyes);
	});
});

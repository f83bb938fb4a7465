/** With a witness: no single cut or loss gives two masters, and none leaves the pair without one. */
import test from 'ava';
import {summarizeClients} from '../lab/probe.ts';
import {letPassMs, monotonicMs, waitFor} from '../lab/wait.ts';
import {assertNeverTwo, figure, waitForPair, withSharedPair} from './with-pair.ts';

test.serial('Link between the nodes cut, wholly or one way: the master stays, nobody is without service', async t => {
	await withSharedPair(t, {witness: true}, async lab => {
		const clients = await lab.probeClients({perSecond: 100});
		const eyes = await lab.probeEyes();
		lab.network.cutBetweenNodes();
		await waitFor('lb1 to have the consent', async () => (await lab.readStatus('lb1')).consentMs > 0);
		await waitFor('lb2 to be refused', async () => (await lab.readStatus('lb2')).witnessRefusal !== '');
		await letPassMs(1500);
		t.is((await lab.readStatus('lb1')).self.state, 'master');
		t.is((await lab.readStatus('lb2')).self.state, 'backup');
		lab.network.healBetweenNodes();
		t.is(await waitForPair(lab), 'lb1');
		for (const [from, to] of [
			['lb2', 'lb1'],
			['lb1', 'lb2'],
		] as const) {
			lab.network.cutOneWay(from, to);
			await letPassMs(1500);
			t.is((await lab.readStatus('lb1')).self.state, 'master', `${from} to ${to}`);
			t.is((await lab.readStatus('lb2')).self.state, 'backup', `${from} to ${to}`);
			lab.network.healBetweenNodes();
			t.is(await waitForPair(lab), 'lb1');
		}
		await waitFor('the consent to be given back', async () => (await lab.readStatus('lb1')).consentMs === 0);
		const {gapMs, failedFresh} = summarizeClients(await clients.stop());
		figure(t, 'longest pause of clients', gapMs);
		t.deepEqual(failedFresh, []);
		await assertNeverTwo(t, eyes);
	});
});

test.serial(
	'The master is cut off from its peer and the witness at once: it falls mute before the backup takes over',
	async t => {
		await withSharedPair(t, {witness: true}, async lab => {
			const eyes = await lab.probeEyes();
			const clients = await lab.probeClients({perSecond: 100});
			lab.network.cutFromClient('lb1');
			lab.network.cutBetweenNodes();
			const cutMs = monotonicMs();
			await lab.waitForMaster('lb2');
			figure(t, 'lb2 is master after the cut', Math.round(monotonicMs() - cutMs));
			await letPassMs(500);
			t.is((await lab.readStatus('lb1')).self.state, 'backup');
			lab.network.healBetweenNodes();
			t.is(await waitForPair(lab), 'lb2');
			figure(t, 'clients without service', summarizeClients(await clients.stop()).gapMs);
			await assertNeverTwo(t, eyes);
		});
	},
);

test.serial(
	'The witness dies: a healthy pair goes on. The nodes lose each other too: nobody has the address until they meet',
	async t => {
		await withSharedPair(t, {witness: true}, async lab => {
			const clients = await lab.probeClients({perSecond: 100});
			const eyes = await lab.probeEyes();
			await lab.killWitness();
			await letPassMs(1500);
			t.is((await lab.readStatus('lb1')).self.state, 'master');
			const {failedFresh} = summarizeClients(await clients.stop());
			t.deepEqual(failedFresh, []);
			lab.network.cutBetweenNodes();
			await waitFor('lb1 to give the address up', async () => !(await lab.readStatus('lb1')).self.holdsAddress);
			await letPassMs(1000);
			t.false((await lab.readStatus('lb2')).self.holdsAddress);
			lab.network.healBetweenNodes();
			await waitForPair(lab);
			await assertNeverTwo(t, eyes);
		});
	},
);

test.serial('Power cut of the master: the backup takes over as fast as without a witness', async t => {
	await withSharedPair(t, {witness: true}, async lab => {
		const eyes = await lab.probeEyes();
		const clients = await lab.probeClients({perSecond: 100});
		lab.cutPower('lb1');
		await lab.waitForMaster('lb2');
		await letPassMs(500);
		const {gapMs} = summarizeClients(await clients.stop());
		figure(t, 'clients without service', gapMs);
		t.true(gapMs < 2500, `without service for ${gapMs} ms`);
		await assertNeverTwo(t, eyes);
	});
});

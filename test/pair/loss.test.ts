import test from 'ava';
import {summarizeClients} from '../lab/probe.ts';
import {letPassMs} from '../lab/wait.ts';
import {assertNeverTwo, figure, withPair} from './with-pair.ts';

test.serial('Three of ten frames between the nodes are lost: nobody claims, and clients notice nothing', async t => {
	await withPair(t, {}, async lab => {
		const before = await lab.readStatus('lb1');
		const clients = await lab.probeClients({perSecond: 100});
		const eyes = await lab.probeEyes();
		lab.network.loseBetweenNodes(30);
		await letPassMs(20_000);
		const [one, other] = await Promise.all([lab.readStatus('lb1'), lab.readStatus('lb2')]);
		t.is(one.self.state, 'master');
		t.is(other.self.state, 'backup');
		t.is(one.self.term, before.self.term, 'nobody has claimed');
		lab.network.healBetweenNodes();
		const {gapMs, failedFresh} = summarizeClients(await clients.stop());
		figure(t, 'longest pause of clients', gapMs);
		t.deepEqual(failedFresh, []);
		await assertNeverTwo(t, eyes);
	});
});

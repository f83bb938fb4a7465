import test from 'ava';
import {killPid} from '../lab/namespaces.ts';
import {summarizeClients} from '../lab/probe.ts';
import {letPassMs} from '../lab/wait.ts';
import {assertNeverTwo, figure, waitForPair, withPair} from './with-pair.ts';

for (const [advertise, boundMs] of [
	['200ms', 2500],
	['fast', 1500],
] as const) {
	test.serial(`SIGSTOP of the master's heartbeat for 5 s: never two answer (advertise ${advertise})`, async t => {
		await withPair(t, {advertise}, async lab => {
			const {heartbeat} = lab.daemon('lb1').findPids();
			if (heartbeat === undefined) throw new Error('The heartbeat process was not found');
			const clients = await lab.probeClients({perSecond: 100});
			const eyes = await lab.probeEyes();
			await letPassMs(500);
			killPid(heartbeat, 'SIGSTOP');
			await letPassMs(5000);
			killPid(heartbeat, 'SIGCONT');
			await waitForPair(lab);
			await letPassMs(1000);
			const {gapMs, failedFresh} = summarizeClients(await clients.stop());
			figure(t, `clients without service, heartbeat frozen for 5 s, advertise ${advertise}`, gapMs);
			figure(t, 'failed requests', failedFresh.length, '');
			t.true(gapMs < boundMs, `without service for ${gapMs} ms`);
			await assertNeverTwo(t, eyes);
		});
	});
}

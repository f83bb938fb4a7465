import test from 'ava';
import {killPid} from '../lab/namespaces.ts';
import {summarizeClients} from '../lab/probe.ts';
import {letPassMs, monotonicMs, waitFor} from '../lab/wait.ts';
import {assertNeverTwo, figure, readProbes, waitForPair, withPair} from './with-pair.ts';

const boundMs = 2500;

test.serial('IPv6 alone: planned failover, a frozen heartbeat, a power cut, and never two answer', async t => {
	await withPair(t, {family: 'ipv6'}, async lab => {
		const clients = await lab.probeClients({perSecond: 100, keepAliveClients: 5});
		const eyes = await lab.probeEyes();
		t.regex((await lab.readStatus('lb1')).lease, /kernel/);
		await letPassMs(500);
		const fromMs = monotonicMs();
		const planned = await lab.daemon('lb1').command(['failover', '--json']);
		t.is(planned.code, 0, planned.stdout + planned.stderr);
		t.is(await waitForPair(lab), 'lb2');
		// A SYN that knocks at the shut door is repeated after 1 s: the sampling must not end just then.
		await letPassMs(1100);
		const whole = await clients.stop();
		const {failedFresh, failedKept} = summarizeClients(whole);
		// The first answers of a fresh pair are slow.
		const {gapMs: plannedMs} = summarizeClients({
			...whole,
			fresh: whole.fresh.filter(({startMs}) => startMs >= fromMs),
		});
		figure(t, 'clients without service, planned failover', plannedMs);
		t.deepEqual([...failedFresh, ...failedKept], []);

		await waitFor('lb1 to hear the address answered by lb2', async () => {
			return (await readProbes(lab, 'lb1')).join() === 'confirmed';
		});
		const {heartbeat} = lab.daemon('lb2').findPids();
		if (heartbeat === undefined) throw new Error('The heartbeat process was not found');
		const others = await lab.probeClients({perSecond: 100});
		killPid(heartbeat, 'SIGSTOP');
		await lab.waitForMaster('lb1');
		await letPassMs(400);
		killPid(heartbeat, 'SIGCONT');
		t.is(await waitForPair(lab), 'lb1');
		lab.cutPower('lb1');
		await lab.waitForMaster('lb2');
		await letPassMs(500);
		const {gapMs} = summarizeClients(await others.stop());
		figure(t, 'clients without service, heartbeat frozen and then a power cut', gapMs);
		t.true(gapMs < boundMs, `without service for ${gapMs} ms`);
		await assertNeverTwo(t, eyes);
	});
});

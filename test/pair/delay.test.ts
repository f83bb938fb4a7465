import test from 'ava';
import {summarizeClients} from '../lab/probe.ts';
import {Relay} from '../lab/relay.ts';
import {letPassMs, monotonicMs} from '../lab/wait.ts';
import {assertNeverTwo, figure, withPair} from './with-pair.ts';

/** Of the figures below and of nothing else: another seed is as good. */
const seed = 20;
/** The master-down interval of lb2 at 200 ms, the longest delay, and what a busy machine needs. */
const failoverBoundMs = 2500;

test.serial(
	'Advertisements up to 80 ms late, one in ten overtaken, one in ten twice: nobody claims, and a power cut still fails over',
	async t => {
		await withPair(t, {}, async lab => {
			const before = await lab.readStatus('lb2');
			const clients = await lab.probeClients({perSecond: 100});
			const eyes = await lab.probeEyes();
			const relay = await Relay.start(lab.network, {seed, delayMs: 80, reorderPercent: 10, duplicatePercent: 10});
			await letPassMs(8000);
			const [one, other] = await Promise.all([lab.readStatus('lb1'), lab.readStatus('lb2')]);
			t.is(one.self.state, 'master');
			t.is(other.self.state, 'backup');
			t.is(other.self.term, before.self.term, 'somebody has claimed');
			// What the network does is seen by whoever asks the node.
			const counted = (name: string) => (other.counters[name] ?? 0) - (before.counters[name] ?? 0);
			for (const name of ['received', 'late', 'duplicate']) figure(t, `lb2 counted ${name}`, counted(name), '');
			t.true(counted('late') > 0, 'none came late');
			t.true(counted('duplicate') > 0, 'none came twice');
			const [path] = other.paths;
			figure(t, 'lb2 shows the round trip', path?.roundTripMs ?? 'none');
			// Twice 0 to 80 ms are 80 in the middle; without the relay it is below 5.
			t.true((path?.roundTripMs ?? 0) > 20, 'the delay does not show');
			t.true((path?.lossPercent ?? 100) < 10, 'late is not lost');
			t.deepEqual(
				Object.entries(other.counters).filter(([name, count]) => name.startsWith('refused') && count > 0),
				Object.entries(before.counters).filter(([name, count]) => name.startsWith('refused') && count > 0),
				'nothing of it is refused',
			);

			const cutMs = monotonicMs();
			lab.cutPower('lb1');
			await lab.waitForMaster('lb2');
			await letPassMs(500);
			const counts = await relay.stop();
			figure(t, 'relayed', `${counts.relayed}, held back ${counts.reordered}, doubled ${counts.duplicated}`, '');
			const {gapMs, failedFresh} = summarizeClients(await clients.stop());
			figure(t, 'clients without service after the power cut', gapMs);
			t.true(gapMs < failoverBoundMs, `without service for ${gapMs} ms`);
			// A request that lb1 had accepted ends with it.
			t.deepEqual(
				failedFresh.filter(({endMs}) => endMs < cutMs),
				[],
			);
			await assertNeverTwo(t, eyes);
		});
	},
);

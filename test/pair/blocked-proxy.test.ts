import test from 'ava';
import {blockLoop} from '../lab/block-loop.ts';
import {summarizeClients} from '../lab/probe.ts';
import {letPassMs} from '../lab/wait.ts';
import {figure, withPair} from './with-pair.ts';

/** Longer than the three seconds after which a silent proxy is not fit; ten with HAPAIR_BLOCK=10000. */
const blockedMs = Number(process.env.HAPAIR_BLOCK ?? 4500);

test.serial(
	'The main thread of the proxy is blocked: its workers serve on and nothing moves; all workers blocked: the address moves',
	async t => {
		await withPair(t, {lines: ['track frontend http-in']}, async lab => {
			const {proxy} = lab.daemon('lb1').findPids();
			if (proxy === undefined) throw new Error('The proxy process was not found');
			const namespace = lab.network.namespaceOf('lb1');
			const before = await lab.readStatus('lb1');
			const clients = await lab.probeClients({perSecond: 100, keepAliveClients: 5});
			await blockLoop(namespace, proxy, 'main', blockedMs);
			await letPassMs(blockedMs + 500);
			const after = await lab.readStatus('lb1');
			const {gapMs, failedFresh, failedKept} = summarizeClients(await clients.stop());
			figure(t, `clients without service, main thread blocked for ${blockedMs} ms`, gapMs);
			t.is(after.self.term, before.self.term, 'the address has moved');
			t.is(after.proxyPid, proxy, 'the proxy was restarted');
			t.deepEqual([...failedFresh, ...failedKept], []);

			await blockLoop(namespace, proxy, 'workers', 10_000);
			await lab.waitForMaster('lb2', 8000);
		});
	},
);

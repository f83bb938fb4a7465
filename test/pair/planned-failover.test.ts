import {spawn} from 'node:child_process';
import {once} from 'node:events';
import test from 'ava';
import {virtualAddress} from '../lab/network.ts';
import {summarizeClients} from '../lab/probe.ts';
import {findTool} from '../lab/tools.ts';
import {letPassMs, waitFor} from '../lab/wait.ts';
import {assertNeverTwo, figure, readProbes, waitForPair, withPair, withSharedPair} from './with-pair.ts';

/** What lives on after a move is in `second-chance.test.ts`. */
const drained = ['second-chance off'];

test.serial(
	'Planned failover there and back under 200 new requests a second and 20 keep-alive clients loses none',
	async t => {
		await withSharedPair(t, {lines: drained}, async lab => {
			const clients = await lab.probeClients({perSecond: 200, keepAliveClients: 20});
			const eyes = await lab.probeEyes();
			await letPassMs(1000);
			for (const [from, to] of [
				['lb1', 'lb2'],
				['lb2', 'lb1'],
			] as const) {
				const result = await lab.daemon(from).command(['failover', '--json']);
				t.is(result.code, 0, `failover said: ${result.stdout}${result.stderr}`);
				t.is(await waitForPair(lab), to);
				await letPassMs(1500);
			}

			const report = await clients.stop();
			const {gapMs, failedFresh, failedKept} = summarizeClients(report);
			figure(t, 'longest pause, planned failover', gapMs);
			figure(t, 'requests', `${report.fresh.length} new and ${report.kept.length} on kept connections`, '');
			figure(t, 'failed', `${failedFresh.length} new and ${failedKept.length} on kept connections`, '');
			const errors = [...failedFresh, ...failedKept].map(({error}) => error);
			t.deepEqual(errors, []);
			await waitFor('lb2 to hear the address answered by lb1', async () => {
				return (await readProbes(lab, 'lb2')).join() === 'confirmed';
			});
			const nodes = new Set(report.fresh.map(({via}) => via));
			t.deepEqual([...nodes].sort(), ['10.0.0.11', '10.0.0.12'], 'both nodes have served');
			await assertNeverTwo(t, eyes);
		});
	},
);

test.serial(
	'A failover asked on the backup that the master refuses ends at once with the reason of the master',
	async t => {
		await withSharedPair(t, {lines: drained}, async lab => {
			// A connection without a request keeps the master draining.
			const program = `require('node:net').connect(80, '${virtualAddress}', () => console.log('connected'))`;
			const inClient = ['netns', 'exec', lab.network.namespaceOf('client'), process.execPath, '-e', program];
			const idle = spawn(findTool('ip'), inClient, {stdio: ['ignore', 'pipe', 'inherit']});
			await once(idle.stdout, 'data');
			const first = lab.daemon('lb1').command(['failover', '--drain', '8s', '--json']);
			await letPassMs(2000);
			const begunMs = performance.now();
			const second = await lab.daemon('lb2').command(['failover']);
			figure(t, 'until the refusal, start of the command included', Math.round(performance.now() - begunMs));
			t.is(second.code, 4, `failover said: ${second.stdout}${second.stderr}`);
			t.regex(second.stdout + second.stderr, /lb1 did not hand over: a failover is already under way/);
			const {code, stdout, stderr} = await first;
			t.is(code, 0, `the first failover said: ${stdout}${stderr}`);
		});
	},
);

test.serial('A failover asked on the backup moves the address too', async t => {
	await withSharedPair(t, {}, async lab => {
		const result = await lab.daemon('lb2').command(['failover', '--json']);
		t.is(result.code, 0, `failover said: ${result.stdout}${result.stderr}`);
		t.is(await waitForPair(lab), 'lb2');
	});
});

test.serial('A failover without a living peer is refused and says why', async t => {
	await withSharedPair(t, {asLeft: true}, async lab => {
		const master = await waitForPair(lab);
		const peer = master === 'lb1' ? 'lb2' : 'lb1';
		lab.cutPower(peer);
		await waitFor('the master to miss its peer', async () => !(await lab.readStatus(master)).peer.alive);
		const result = await lab.daemon(master).command(['failover']);
		t.not(result.code, 0);
		t.regex(result.stdout + result.stderr, new RegExp(`peer|${peer}`, 'i'));
		await lab.waitForMaster(master);
	});
});

test.serial('SIGTERM of the master resigns: the backup takes over faster than by silence', async t => {
	await withPair(t, {advertise: '1s'}, async lab => {
		const clients = await lab.probeClients({perSecond: 100});
		const eyes = await lab.probeEyes();
		await letPassMs(300);
		t.is(await lab.daemon('lb1').stop(), 0);
		await lab.waitForMaster('lb2');
		await letPassMs(500);
		const {gapMs} = summarizeClients(await clients.stop());
		figure(t, 'clients without service, SIGTERM at advertise 1s', gapMs);
		// By silence it would take 3 to 3.6 s.
		t.true(gapMs < 2000, `without service for ${gapMs} ms`);
		await assertNeverTwo(t, eyes);
	});
});

import test, {type ExecutionContext} from 'ava';
import type {DaemonPids} from '../lab/daemon.ts';
import type {Lab} from '../lab/lab.ts';
import {killPid} from '../lab/namespaces.ts';
import type {NodeRole} from '../lab/network.ts';
import {summarizeClients} from '../lab/probe.ts';
import {letPassMs} from '../lab/wait.ts';
import {assertNeverTwo, figure, waitForPair, withPair, withSharedPair} from './with-pair.ts';

const serviceBoundMs = 2500;

/** Kills one process with -9 under load and waits until `recovered`; the clients' gap is the result. */
async function killUnderLoad(
	t: ExecutionContext,
	lab: Lab,
	node: NodeRole,
	which: keyof DaemonPids,
	recovered: () => Promise<unknown>,
): Promise<number> {
	const pid = lab.daemon(node).findPids()[which];
	if (pid === undefined) throw new Error(`The ${which} process of ${node} was not found`);
	const clients = await lab.probeClients({perSecond: 100});
	const eyes = await lab.probeEyes();
	await letPassMs(500);
	killPid(pid, 'SIGKILL');
	await letPassMs(200);
	await recovered();
	await letPassMs(1000);
	const {gapMs, failedFresh} = summarizeClients(await clients.stop());
	figure(t, `clients without service after kill -9 of the ${which} of ${node}`, gapMs);
	figure(t, 'failed requests', failedFresh.length, '');
	await assertNeverTwo(t, eyes);
	return gapMs;
}

// At `fast` the new life of the killed heartbeat begins when the peer has long claimed: what it finds must stay mute.
for (const advertise of ['200ms', 'fast'] as const) {
	test.serial(
		`kill -9 of the heartbeat of the master: never two answer, the pair is whole again (advertise ${advertise})`,
		async t => {
			await withPair(t, {advertise}, async lab => {
				const gapMs = await killUnderLoad(t, lab, 'lb1', 'heartbeat', () => waitForPair(lab));
				t.true(gapMs < serviceBoundMs, `without service for ${gapMs} ms`);
			});
		},
	);
}

test.serial('kill -9 of the proxy of the master: back without failover, or failover', async t => {
	await withPair(t, {lines: ['track frontend http-in']}, async lab => {
		const gapMs = await killUnderLoad(t, lab, 'lb1', 'proxy', () => waitForPair(lab));
		t.true(gapMs < serviceBoundMs, `without service for ${gapMs} ms`);
	});
});

test.serial('kill -9 of the daemon of the master: its heartbeat and proxy end, the backup takes over', async t => {
	await withPair(t, {}, async lab => {
		const gapMs = await killUnderLoad(t, lab, 'lb1', 'daemon', () => lab.waitForMaster('lb2'));
		t.true(gapMs < serviceBoundMs, `without service for ${gapMs} ms`);
		lab.startDaemon('lb1');
		t.is(await waitForPair(lab), 'lb2');
	});
});

for (const which of ['heartbeat', 'proxy', 'daemon'] as const) {
	test.serial(`kill -9 of the ${which} of the backup is not felt by clients`, async t => {
		await withSharedPair(t, {}, async lab => {
			const before = await lab.readStatus('lb1');
			const gapMs = await killUnderLoad(t, lab, 'lb2', which, async () => {
				if (which === 'daemon') lab.startDaemon('lb2');
				return waitForPair(lab);
			});
			t.true(gapMs < 1000, `without service for ${gapMs} ms`);
			const after = await lab.readStatus('lb1');
			t.is(after.self.term, before.self.term, 'the address moved');
		});
	});
}

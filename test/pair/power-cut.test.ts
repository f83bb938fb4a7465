import test from 'ava';
import {runHapair} from '../lab/daemon.ts';
import {virtualAddresses} from '../lab/families.ts';
import type {Lab} from '../lab/lab.ts';
import {summarizeClients} from '../lab/probe.ts';
import {letPassMs, waitFor} from '../lab/wait.ts';
import {assertNeverTwo, figure, waitForPair, withSharedPair} from './with-pair.ts';

for (const {advertise, family, boundMs} of [
	{advertise: 'fast', family: 'dual', boundMs: 1500},
	{advertise: '200ms', family: 'ipv4', boundMs: 2500},
] as const) {
	test.serial(
		`A power cut of the master moves the address to the backup (advertise ${advertise}, ${family})`,
		async t => {
			await withSharedPair(t, {advertise, family}, async lab => {
				const addresses = virtualAddresses(family).map(address => address.split('/')[0]!);
				const probes = await Promise.all(addresses.map(address => lab.probeClients({perSecond: 100, address})));
				// The address of IPv4 has its eyes in every other test.
				const eyes = await lab.probeEyes(addresses.at(-1));
				await letPassMs(500);
				lab.cutPower('lb1');
				await lab.waitForMaster('lb2');
				await letPassMs(500);
				const reports = await Promise.all(probes.map(clients => clients.stop()));
				for (const [index, report] of reports.entries()) {
					const {gapMs, requests, failedFresh} = summarizeClients(report);
					figure(t, `clients of ${addresses[index]} without service, advertise ${advertise}`, gapMs);
					figure(t, 'requests', `${requests}, failed ${failedFresh.length}`, '');
					t.true(gapMs < boundMs, `without service for ${gapMs} ms`);
				}
				await assertNeverTwo(t, eyes);
			});
		},
	);
}

/** The pair of the test before, as it left it: without `lb1`. */
const afterwards = {advertise: '200ms', family: 'ipv4', asLeft: true} as const;

async function cutPowerOnce(lab: Lab): Promise<void> {
	if (lab.daemon('lb1').running) lab.cutPower('lb1');
	await lab.waitForMaster('lb2');
}

test.serial('Afterwards the survivor tells why', async t => {
	await withSharedPair(t, afterwards, async lab => {
		await cutPowerOnce(lab);
		const state = `${lab.socketPathOf('lb2')}.state`;
		const why = await waitFor('the history to be written', async () => {
			const {code, stdout} = await runHapair(['why', '--state-dir', state, '--json']);
			const record = code === 0 ? JSON.parse(stdout) : undefined;
			return record?.to === 'master' ? record : undefined;
		});
		t.is(why.cause, 'peer silent');
		t.true(
			why.evidence.some((fact: string) => /path 10\.0\.0\.12 to 10\.0\.0\.11: last heard \d+ ms before/.test(fact)),
		);
		const {stdout} = await runHapair(['why', '--state-dir', state]);
		t.regex(stdout, /lb2: backup → master .* term \d+, the takeover took/);
		t.regex(stdout, /cause: peer silent/);
		t.regex((await runHapair(['history', '--state-dir', state])).stdout, /initialize → [\s\S]*backup → master/);
	});
});

test.serial('A node that comes back after a power cut becomes backup and does not take the address', async t => {
	await withSharedPair(t, afterwards, async lab => {
		await cutPowerOnce(lab);
		const eyes = await lab.probeEyes();
		const clients = await lab.probeClients({perSecond: 50});
		lab.restorePower('lb1');
		await lab.waitForBackup('lb1');
		t.is(await waitForPair(lab), 'lb2');
		await letPassMs(1000);
		const {gapMs, failedFresh} = summarizeClients(await clients.stop());
		figure(t, 'longest pause while the peer came back', gapMs);
		t.deepEqual(failedFresh, []);
		await assertNeverTwo(t, eyes);
	});
});

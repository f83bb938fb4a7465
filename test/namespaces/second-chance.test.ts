import test from 'ava';
import type {Lab} from '../lab/lab.ts';
import {summarizeClients} from '../lab/probe.ts';
import {letPassMs} from '../lab/wait.ts';
import {assertNeverTwo, figure, waitForPair, withPair} from './with-pair.ts';

async function moveTo(lab: Lab, to: 'lb1' | 'lb2'): Promise<string> {
	const from = to === 'lb1' ? 'lb2' : 'lb1';
	const {code, stdout, stderr} = await lab.daemon(from).command(['failover', '--json']);
	if (code !== 0) throw new Error(`failover said: ${stdout}${stderr}`);
	const is = await waitForPair(lab);
	if (is !== to) throw new Error(`the address is on ${is}`);
	return JSON.parse(stdout).message;
}

test.serial('A download and a WebSocket live through a planned failover, and back, and no new request waits', async t => {
	await withPair(t, {}, async lab => {
		const long = await lab.probeLong({downloads: 5, echoes: 5});
		const clients = await lab.probeClients({perSecond: 100, keepAliveClients: 5});
		const eyes = await lab.probeEyes();
		await letPassMs(500);
		t.log(await moveTo(lab, 'lb2'));
		await letPassMs(1200);
		t.log(await moveTo(lab, 'lb1'));
		await letPassMs(1200);

		const {sessions} = await long.stop();
		const report = await clients.stop();
		const {failedFresh, failedKept} = summarizeClients(report);
		const slowest = Math.max(...[...report.fresh, ...report.kept].map(({startMs, endMs}) => endMs - startMs));
		figure(t, 'slowest request', Math.round(slowest));
		figure(t, 'longest stall of a long connection', Math.round(Math.max(...sessions.map(s => s.longestStallMs))));
		figure(t, 'requests', `${report.fresh.length} new and ${report.kept.length} on kept connections`, '');
		t.deepEqual(
			sessions.map(({error}) => error).filter(error => error !== ''),
			[],
		);
		t.deepEqual(
			[...failedFresh, ...failedKept].map(({error}) => error),
			[],
		);
		t.true(slowest < 900, `a request took ${slowest} ms: its first segment was lost`);
		await assertNeverTwo(t, eyes);
	});
});

import test from 'ava';
import type {Lab} from '../lab/lab.ts';
import type {WebRole} from '../lab/network.ts';
import {type ProbeReport, summarizeClients} from '../lab/probe.ts';
import {letPassMs, waitFor} from '../lab/wait.ts';
import {figure, withSharedPair} from './with-pair.ts';

async function waitForServer(lab: Lab, server: WebRole, pattern: RegExp): Promise<void> {
	const matches = async () => pattern.test((await lab.serverStatus('lb1', server)) ?? '');
	await waitFor(`${server} to be ${pattern}`, matches, {deadlineMs: 15_000});
}

/** The servers that answered the last requests of new clients. */
function lastServers(report: ProbeReport, count: number): string[] {
	return [...new Set(report.fresh.slice(-count).map(({web}) => web ?? 'none'))].sort();
}

test.serial('A web server that dies costs no request, and comes back into rotation', async t => {
	await withSharedPair(t, {interMs: 300}, async lab => {
		const clients = await lab.probeClients({perSecond: 100, keepAliveClients: 5});
		await letPassMs(500);
		lab.killWeb('web2');
		await waitForServer(lab, 'web2', /^DOWN/);
		await lab.startWeb('web2');
		await waitForServer(lab, 'web2', /^UP$/);
		await letPassMs(500);
		const report = await clients.stop();
		const {gapMs, failedFresh, failedKept} = summarizeClients(report);
		figure(t, 'longest pause, web server killed', gapMs);
		figure(t, 'failed', `${failedFresh.length} new and ${failedKept.length} on kept connections`, '');
		// A request that the server had read when it was killed has no answer: nobody may send it twice.
		const lost = [...failedFresh, ...failedKept].filter(({error}) => error !== 'status 502');
		t.deepEqual(lost, []);
		t.true(failedFresh.length + failedKept.length <= 5, 'more requests lost than were under way');
		t.deepEqual(lastServers(report, 30), ['web1', 'web2', 'web3']);
	});
});

test.serial('A failing health URL takes the server out and no request fails', async t => {
	await withSharedPair(t, {interMs: 300}, async lab => {
		const clients = await lab.probeClients({perSecond: 100, keepAliveClients: 5});
		lab.setHealth('web1', 500);
		await waitForServer(lab, 'web1', /^DOWN/);
		await letPassMs(500);
		const report = await clients.stop();
		const {failedFresh, failedKept} = summarizeClients(report);
		t.deepEqual([...failedFresh, ...failedKept], []);
		t.deepEqual(lastServers(report, 30), ['web2', 'web3']);
		lab.setHealth('web1', 200);
		await waitForServer(lab, 'web1', /^UP$/);
	});
});

test.serial('A client with the cookie of a server stays with it', async t => {
	await withSharedPair(t, {interMs: 300}, async lab => {
		const first = await lab.probeClients({perSecond: 20});
		await letPassMs(500);
		const {fresh} = await first.stop();
		for (const {cookie, web} of fresh) t.regex(cookie ?? 'no cookie', new RegExp(`^SERVERID=${web}\\b`));
		t.true(fresh.length > 5);
	});
});

test.serial('No server left: the master answers 503 and keeps the address', async t => {
	await withSharedPair(t, {interMs: 300}, async lab => {
		for (const web of ['web1', 'web2', 'web3'] as const) lab.killWeb(web);
		for (const web of ['web1', 'web2', 'web3'] as const) await waitForServer(lab, web, /^DOWN/);
		const clients = await lab.probeClients({perSecond: 20});
		await letPassMs(500);
		const {fresh} = await clients.stop();
		t.true(fresh.length > 0);
		t.deepEqual([...new Set(fresh.map(({error}) => error))], ['status 503']);
		t.true((await lab.readStatus('lb1')).self.holdsAddress);
	});
});

import test from 'ava';
import {addresses6, virtualAddress6} from '../lab/families.ts';
import type {Lab} from '../lab/lab.ts';
import {runIn} from '../lab/namespaces.ts';
import {type NodeRole, virtualAddress} from '../lab/network.ts';
import {summarizeClients} from '../lab/probe.ts';
import {letPassMs, waitFor} from '../lab/wait.ts';
import {assertNeverTwo, figure, waitForPair, withPair} from './with-pair.ts';

async function moveTo(lab: Lab, to: NodeRole, ...options: string[]): Promise<string> {
	const from = to === 'lb1' ? 'lb2' : 'lb1';
	const {code, stdout, stderr} = await lab.daemon(from).command(['failover', '--json', ...options]);
	if (code !== 0) throw new Error(`failover said: ${stdout}${stderr}`);
	const is = await waitForPair(lab);
	if (is !== to) throw new Error(`the address is on ${is}`);
	return JSON.parse(stdout).message;
}

/** Each node looks at its start and then each second; the other one has to hear of it. */
async function waitUntilAble(lab: Lab): Promise<void> {
	const isAble = async (node: NodeRole) => {
		const {stdout} = await lab.daemon(node).command(['status', '--json']);
		return JSON.parse(stdout).pair?.secondChance?.why === '';
	};
	for (const node of ['lb1', 'lb2'] as const)
		await waitFor(`${node} to say that connections can live on`, () => isAble(node));
}

const errorsOf = (sessions: readonly {readonly error?: string | undefined}[]) =>
	sessions.map(({error}) => error).filter(Boolean);
const longestOf = (sessions: readonly {readonly longestStallMs: number}[]) =>
	Math.round(Math.max(...sessions.map(({longestStallMs}) => longestStallMs)));

const long4 = {downloads: 5, echoes: 5} as const;
/** So many at once make a batch. */
const long6 = {downloads: 2, echoes: 30, inStep: true, address: virtualAddress6} as const;

/** A request whose connection the proxy closes, from a port of the client: it stays in TIME_WAIT at the node that has the address. */
function askFrom(lab: Lab, port: number): void {
	const options = `{agent: false, localPort: ${port}, headers: {connection: 'close'}}`;
	const program = `require('node:http').get('http://${virtualAddress}/', ${options}, answer => answer.resume())`;
	runIn(lab.network.namespaceOf('client'), [process.execPath, '-e', program]);
}

test.serial(
	'Downloads and WebSockets of both families live through planned failovers, there and back, until their time is over',
	async t => {
		const lines = [`path ${addresses6.lb1} ${addresses6.lb2}`];
		await withPair(t, {family: 'dual', lines}, async lab => {
			await waitUntilAble(lab);
			for (const node of ['lb1', 'lb2'] as const) lab.network.receiveInBatches(node);
			const long = await Promise.all([lab.probeLong(long4), lab.probeLong(long6)]);
			const clients = await lab.probeClients({perSecond: 100, keepAliveClients: 5});
			const eyes = await lab.probeEyes();
			askFrom(lab, 40_001);
			t.regex(await moveTo(lab, 'lb2'), /\d\d connections live on here for up to 1 min 0 s/);
			// For a while each handshake is answered by cookie: until its last segment has come nothing can be found of the connection.
			lab.network.setKernel('lb2', 'net/ipv4/tcp_syncookies', '2');
			const [old, now] = await Promise.all([
				lab.daemon('lb1').command(['status']),
				lab.daemon('lb2').command(['status']),
			]);
			t.regex(
				old.stdout,
				/\d\d connections live on here for up to (?:[45]\d.*|60|1 min 0) s: lb2 passes on what is theirs/,
			);
			t.regex(now.stdout, /passes on to lb1 what belongs to connections that live on there/);
			const own = runIn(lab.network.namespaceOf('lb1'), ['/bin/sh', '-c', `ip route get ${virtualAddress}`]);
			t.regex(own, /dev eth0/, 'the old master itself reaches the new one');
			lab.network.setKernel('lb2', 'net/ipv4/tcp_syncookies', '1');
			// The same client and port as what lb1 has in TIME_WAIT.
			const twin = await lab.probeLong({downloads: 1, echoes: 0, localPort: 40_001});
			await letPassMs(100);
			await moveTo(lab, 'lb1');
			await letPassMs(1500);

			const sessions = (await Promise.all([...long, twin].map(probe => probe.stop()))).flatMap(each => each.sessions);
			const report = await clients.stop();
			await assertNeverTwo(t, eyes);
			const {failedFresh, failedKept} = summarizeClients(report);
			const slowest = Math.max(...[...report.fresh, ...report.kept].map(({startMs, endMs}) => endMs - startMs));
			figure(t, 'slowest request', Math.round(slowest));
			figure(t, 'longest stall of a long connection', longestOf(sessions));
			figure(t, 'requests', `${report.fresh.length} new and ${report.kept.length} on kept connections`, '');
			t.deepEqual(errorsOf(sessions), []);
			t.true(longestOf(sessions) < 1000, 'nothing stood still');
			t.deepEqual(errorsOf([...failedFresh, ...failedKept]), []);
			// A client that has to repeat the first segment of a connection waits for a second (RFC 6298).
			t.true(slowest < 1000, `a request took ${slowest} ms`);
			const {stdout} = await lab.daemon('lb2').command(['status', '--json']);
			const {passedOn, passingStopped} = JSON.parse(stdout).pair.counters;
			t.true(passedOn > 0, 'counted');
			t.is(passingStopped, 0, 'nothing went round');

			const last = await lab.probeLong({downloads: 2, echoes: 2});
			await moveTo(lab, 'lb2', '--drain', '1s');
			await letPassMs(2500);
			const ended = await last.stop();
			t.is(errorsOf(ended.sessions).length, 4, 'who lives longer than --drain is told so');

			const orphans = await lab.probeLong({downloads: 0, echoes: 3});
			await moveTo(lab, 'lb1');
			lab.cutPower('lb2');
			await letPassMs(4500);
			const {sessions: orphaned} = await orphans.stop();
			t.is(errorsOf(orphaned).length, 3, 'when the node where they live dies, the master tells who still sends');
		});
	},
);

test.serial('The new master dies while connections live on the old one: it takes over, and they go on', async t => {
	await withPair(t, {family: 'ipv6'}, async lab => {
		await waitUntilAble(lab);
		const long = await lab.probeLong({downloads: 3, echoes: 3});
		await moveTo(lab, 'lb2');
		lab.cutPower('lb2');
		await lab.waitForMaster('lb1');
		await letPassMs(500);
		const {sessions} = await long.stop();
		figure(t, 'longest stall', longestOf(sessions));
		t.deepEqual(errorsOf(sessions), []);
	});
});

test.serial('SIGTERM of the master under load: no request fails, and what lives long is given its time', async t => {
	await withPair(t, {}, async lab => {
		await waitUntilAble(lab);
		const clients = await lab.probeClients({perSecond: 100, keepAliveClients: 30});
		const long = await lab.probeLong({downloads: 1, echoes: 1});
		await letPassMs(500);
		const stopped = lab.daemon('lb1').stop(20_000);
		await lab.waitForMaster('lb2');
		await letPassMs(2500);
		const {sessions} = await long.stop();
		t.is(await stopped, 0);
		const {failedFresh, failedKept} = summarizeClients(await clients.stop());
		t.deepEqual(errorsOf([...failedFresh, ...failedKept]), []);
		t.deepEqual(errorsOf(sessions), []);
	});
});

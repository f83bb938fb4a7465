/**
 * Who answers for the virtual address, seen from outside by ARP and TCP every 10 ms, while heartbeats live, freeze and die.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {virtualAddress} from '../lab/network.ts';
import {type EyeReport, summarizeEyes} from '../lab/probe.ts';
import {findTool, runTool} from '../lab/tools.ts';
import {monotonicMs, waitFor} from '../lab/wait.ts';
import {HeartbeatNode, labPair} from './heartbeat-node.ts';
import {onStage} from './heartbeat-stage.ts';

function lastAnswerMs(report: EyeReport): number {
	return Math.max(0, ...report.samples.filter(sample => sample.arp || sample.tcp).map(sample => sample.startMs));
}

function answersBetween(report: EyeReport, fromMs: number, toMs: number): number {
	return report.samples.filter(({startMs, endMs, arp, tcp}) => startMs > fromMs && endMs < toMs && (arp || tcp)).length;
}

function assertNeverTwo(t: ExecutionContext, [one, other]: readonly [EyeReport, EyeReport]): void {
	t.deepEqual(summarizeEyes(one, other), {doubleArp: 0, doubleTcp: 0});
}

const leaseMs = 500;
/** What sampling and a busy machine may add to a measured time. */
const slackMs = 150;

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
	test.serial(`A master is mute within its lease after ${signal}, though its address is still there`, t =>
		onStage(async ({network, start, openEyes}) => {
			const eyes = await openEyes();
			const startedMs = monotonicMs();
			const node = start('lb1');
			const {lease} = await node.waitFor('master');
			const masterMs = monotonicMs();
			t.is(lease, 'kernel');
			await sleep(1000);
			const signalMs = monotonicMs();
			node.signal(signal);
			await sleep(1500);
			const shown = runTool('ip', ['-n', network.namespaceOf('lb1'), 'addr', 'show', 'dev', 'eth0']);
			const [one] = await eyes.close();
			t.is(answersBetween(one, 0, startedMs), 0, 'mute before');
			t.true(answersBetween(one, masterMs + 100, signalMs) > 30, 'answers while it advertises');
			t.true(shown.includes(`inet ${virtualAddress}/`), 'the address was not removed by anybody');
			const muteAfterMs = lastAnswerMs(one) - signalMs;
			t.log(`mute ${Math.round(muteAfterMs)} ms after ${signal}; the lease is ${leaseMs} ms`);
			t.true(muteAfterMs < leaseMs + slackMs);
		}),
	);
}

test.serial('SIGKILL of the master: the backup serves within its master-down interval, never both', t =>
	onStage(async ({startBoth, openEyes}) => {
		const [one, other] = await startBoth();
		const eyes = await openEyes();
		await sleep(300);
		const killedMs = monotonicMs();
		one.signal('SIGKILL');
		await other.waitFor('master');
		await sleep(500);
		const reports = await eyes.close();
		assertNeverTwo(t, reports);
		const first = reports[1].samples.find(sample => sample.startMs > killedMs && sample.tcp);
		t.log(`lb2 answers ${Math.round((first?.endMs ?? 0) - killedMs)} ms after the kill`);
		t.true(first !== undefined && first.endMs - killedMs < 1000);
		t.is(other.status?.solo, true);
	}),
);

test.serial('SIGSTOP of the master for 5 s: never two answer, and on waking it steps down by itself', t =>
	onStage(async ({startBoth, openEyes}) => {
		const [one, other] = await startBoth();
		const eyes = await openEyes();
		await sleep(300);
		one.signal('SIGSTOP');
		await other.waitFor('master');
		await sleep(5000);
		one.signal('SIGCONT');
		await waitFor('the woken node to be backup', () => one.status?.state === 'backup');
		await sleep(800);
		const reports = await eyes.close();
		assertNeverTwo(t, reports);
		t.is(other.status?.state, 'master');
		t.true(one.events('stalled').length > 0);
		t.true(one.counter('stalls') > 0);
	}),
);

test.serial('A planned failover: both ways, never both, the gap is short', t =>
	onStage(async ({startBoth, openEyes}) => {
		const [one, other] = await startBoth();
		const eyes = await openEyes();
		await sleep(300);
		one.send({type: 'failover', requestId: 1, force: false});
		await other.waitFor('master');
		await waitFor('the answer', () => one.messages.some(message => message.type === 'result' && message.ok));
		await sleep(500);
		const reports = await eyes.close();
		assertNeverTwo(t, reports);
		const lastMs = lastAnswerMs(reports[0]);
		const first = reports[1].samples.find(sample => sample.tcp);
		const gapMs = (first?.endMs ?? Number.POSITIVE_INFINITY) - lastMs;
		t.log(`${Math.round(gapMs)} ms between the last answer of lb1 and the first of lb2`);
		t.true(gapMs < 200);
	}),
);

test.serial('A closed door refuses new connections only, and opens by itself', t =>
	onStage(async ({start, openEyes}) => {
		const node = start('lb1');
		await node.waitFor('master');
		const eyes = await openEyes();
		await sleep(300);
		const closedMs = monotonicMs();
		node.send({type: 'closeDoor', forMs: 600});
		await sleep(1200);
		const [one] = await eyes.close();
		const inside = one.samples.filter(({startMs, endMs}) => startMs > closedMs + 50 && endMs < closedMs + 550);
		t.true(inside.length > 5);
		t.false(
			inside.some(sample => sample.tcp),
			'no connection gets in',
		);
		t.true(inside.filter(sample => sample.arp).length > inside.length * 0.8, 'ARP is still answered');
		t.true(
			one.samples.some(({startMs, tcp}) => startMs > closedMs + 700 && tcp),
			'open again',
		);
	}),
);

test.serial('A firewall that drops the renewing copy does not silence the master: the process renews', t =>
	onStage(async ({network, start, openEyes}) => {
		const rules = 'table inet fw { chain out { type filter hook output priority 0; ip daddr 224.0.0.18 drop; }; }';
		runTool('ip', ['netns', 'exec', network.namespaceOf('lb1'), findTool('nft'), rules]);
		const node = start('lb1');
		await node.waitFor('master');
		const eyes = await openEyes();
		await sleep(1500);
		const stoppedMs = monotonicMs();
		node.signal('SIGSTOP');
		await sleep(1000);
		const [one] = await eyes.close();
		t.true(one.samples.filter(({startMs}) => startMs < stoppedMs).every(sample => sample.arp));
		t.true(lastAnswerMs(one) - stoppedMs < leaseMs + slackMs, 'and it is fenced all the same');
		t.true(node.counter('leaseRenewedByProcess') > 2);
	}),
);

test.serial('A short interval works too: mute within 125 ms at 50 ms', t =>
	onStage(async ({network, openEyes}) => {
		const pair = labPair({advertIntervalMs: 50, startDelayMs: 200});
		const node = new HeartbeatNode(network.namespaceOf('lb1'), 'lb1', pair);
		await node.waitFor('master');
		const eyes = await openEyes();
		await sleep(800);
		const signalMs = monotonicMs();
		node.signal('SIGKILL');
		await sleep(800);
		const [one] = await eyes.close();
		t.true(answersBetween(one, 0, signalMs) > 30);
		t.true(lastAnswerMs(one) - signalMs < 125 + slackMs);
	}),
);

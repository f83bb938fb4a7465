/**
 * Fifty thousand bad datagrams a second at the heartbeat's port, from a stranger and from the peer's machine: nothing moves.
 *
 * Reports the rate that arrived and what it cost the heartbeat; asserts only that both nodes stay what they are, and that it is told.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {addresses} from '../lab/network.ts';
import {findTool} from '../lab/tools.ts';
import {waitFor} from '../lab/wait.ts';
import type {HeartbeatNode} from './heartbeat-node.ts';
import {onStage} from './heartbeat-stage.ts';

const perSecond = 50_000;
const seconds = 2;

/** Arguments: target, port, TTL, datagrams a second, seconds. Prints how many were sent. */
const floodProgram = `
use strict; use Socket; use Time::HiRes qw(time sleep);
my ($target, $port, $ttl, $rate, $seconds) = @ARGV;
socket(my $s, PF_INET, SOCK_DGRAM, 0) or die "$!";
setsockopt($s, 0, 2, pack('i', $ttl));
my $to = sockaddr_in($port, inet_aton($target));
my @bad = ('HAPR' . 'x' x 150, 'y' x 154, 'HAPR', pack('C*', map { $_ * 7 % 256 } 0 .. 199));
my ($begin, $sent) = (time, 0);
while ((my $past = time - $begin) < $seconds) {
	my $due = $past * $rate;
	for (; $sent < $due; $sent++) { send($s, $bad[$sent % 4], 0, $to); }
	sleep(0.001);
}
print "$sent\\n";
`;

function flood(namespace: string, ttl: number): ChildProcess {
	const argv = [addresses.lb1, '3694', String(ttl), String(perSecond), String(seconds)];
	const inside = ['netns', 'exec', namespace, findTool('perl'), '-e', floodProgram, ...argv];
	return spawn(findTool('ip'), inside, {stdio: ['ignore', 'pipe', 'inherit']});
}

/** Processor time so far, seconds. */
function cpuOf(pid: number): number {
	const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
		.replace(/^.*\) /, '')
		.split(' ');
	return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function suffer(t: ExecutionContext, what: string, node: HeartbeatNode, source: ChildProcess): Promise<void> {
	const before = cpuOf(node.pid);
	let sent = '';
	source.stdout?.on('data', bytes => {
		sent += String(bytes);
	});
	await once(source, 'close');
	const percent = Math.round(((cpuOf(node.pid) - before) / seconds) * 100);
	t.log(`${what}: ${Math.round(Number(sent) / seconds)} datagrams a second, ${percent} % of a core`);
	t.true(Number(sent) > 0);
}

test.serial('A flood of 50,000 bad datagrams a second changes nothing and is counted', t =>
	onStage(async ({network, startBoth}) => {
		const [one, two] = await startBoth();
		const transitions = (node: HeartbeatNode) => node.messages.filter(({type}) => type === 'transition').length;
		const before = [transitions(one), transitions(two)];
		await suffer(t, 'from a stranger', one, flood(network.namespaceOf('client'), 255));
		await suffer(t, 'from the machine of the peer, another port', one, flood(network.namespaceOf('lb2'), 255));
		await waitFor('the status that counts them', () => one.counter('refusedFlood') > 1000);
		await sleep(1000);
		t.deepEqual([transitions(one), transitions(two)], before, 'no node has moved');
		t.is(one.status?.state, 'master');
		t.is(one.status?.term, 1);
		t.true(one.status?.peer.alive);
		t.true(two.status?.peer.alive);
	}),
);

import type {VirtualAddress} from '@hapair/config';
import type {HeartbeatStatus} from '@hapair/heartbeat';
import test from 'ava';
import {AddressProbe, judgeAnswers, listProbed} from '../../src/daemon/address-probe.ts';
import {findHardware, readNeighbour} from '../../src/daemon/ask-neighbour.ts';
import {recordLog} from '../helpers/record-log.ts';
import {samplePeer, sampleStatus} from '../helpers/samples.ts';
import {waitFor} from '../helpers/wait-for.ts';

const vip = {address: '10.0.0.100', prefixLength: 24, interface: 'eth0', family: 4} as VirtualAddress;
const peerIsMaster: HeartbeatStatus = {
	...sampleStatus,
	state: 'backup',
	holdsAddress: false,
	peer: {...samplePeer, state: 'master', holdsAddress: true},
};

function createProbe(answers: readonly (readonly string[] | undefined)[]) {
	const {log, lines} = recordLog();
	const asked: boolean[] = [];
	const probe = new AddressProbe([vip], 'lb2', {
		ask: async (_vip, first) => {
			asked.push(first);
			return answers[Math.min(asked.length, answers.length) - 1];
		},
		peerHardware: () => '02:00:00:00:00:0b',
		nowMs: () => 1000,
		log,
	});
	return {probe, asked, lines};
}

test('one answer of the peer confirms; another machine, two, or nobody twice in a row do not', t => {
	const peer = '02:00:00:00:00:0b';
	t.is(judgeAnswers([peer], 0, peer), 'confirmed');
	t.is(judgeAnswers([peer], 0, undefined), 'confirmed');
	t.is(judgeAnswers(['02:00:00:00:00:99'], 0, peer), 'others');
	t.is(judgeAnswers([peer, '02:00:00:00:00:99'], 0, peer), 'others');
	t.is(judgeAnswers([], 1, peer), 'unknown');
	t.is(judgeAnswers([], 2, peer), 'silent');
	t.is(judgeAnswers(undefined, 0, peer), 'unknown');
});

test('where a driver delivers the address nobody is asked, so nobody can be missed', t => {
	t.deepEqual(listProbed([vip], []), [vip]);
	t.deepEqual(listProbed([vip], ['hetzner-cloud']), []);
});

test('a backup asks while the peer is master, and forgets when it is not', async t => {
	const {probe, lines} = createProbe([['02:00:00:00:00:0b']]);
	probe.hear({...peerIsMaster, peer: {...samplePeer, state: 'backup'}});
	t.deepEqual(probe.report(), []);
	probe.hear(peerIsMaster);
	await waitFor('the answer', () => probe.report().length > 0);
	t.deepEqual(probe.report(), [
		{address: '10.0.0.100', interface: 'eth0', verdict: 'confirmed', by: ['02:00:00:00:00:0b'], agoMs: 0},
	]);
	t.is(lines[0]?.message, 'lb2 answers for 10.0.0.100 on eth0 (02:00:00:00:00:0b)');
	probe.hear(sampleStatus);
	t.deepEqual(probe.report(), []);
	probe.stop();
});

test('nobody answers: asked again soon, and warned of then', async t => {
	const {probe, lines} = createProbe([[]]);
	t.teardown(() => probe.stop());
	probe.hear(peerIsMaster);
	await waitFor('a warning', () => lines.length > 0);
	t.is(lines[0]?.level, 'warn');
	t.regex(lines[0]?.message ?? '', /nobody answers for 10\.0\.0\.100/);
});

test('a node that keeps connections asks as one without an address', async t => {
	const {probe, asked} = createProbe([['02:00:00:00:00:0b']]);
	t.teardown(() => probe.stop());
	probe.hear({...peerIsMaster, secondChance: {...sampleStatus.secondChance, keepsForMs: 5000}});
	await waitFor('a question', () => asked.length > 0);
	t.deepEqual(asked, [true]);
});

test('after a move the network is asked twice before it is said to be silent', async t => {
	t.is(await createProbe([[], ['02:00:00:00:00:0b']]).probe.confirm(), '');
	t.is(await createProbe([undefined]).probe.confirm(), '', 'what cannot be asked says nothing');
	t.regex(await createProbe([[]]).probe.confirm(), /^lb2 is master, but nobody answers/);
	t.regex(await createProbe([['02:00:00:00:00:99']]).probe.confirm(), /another machine/);
});

test('neighbours are read from the kernel', t => {
	const table = `IP address       HW type     Flags       HW address            Mask     Device
10.0.0.12        0x1         0x2         02:AB:00:00:00:0b     *        eth0
10.0.0.13        0x1         0x0         00:00:00:00:00:00     *        eth0
`;
	t.is(findHardware('10.0.0.12', 'eth0', table), '02:ab:00:00:00:0b');
	t.is(findHardware('10.0.0.12', 'eth1', table), undefined);
	t.is(findHardware('10.0.0.13', 'eth0', table), undefined);
	t.deepEqual(readNeighbour('[{"dst":"fd00::1","lladdr":"02:ab:00:00:00:0B","state":["REACHABLE"]}]'), [
		'02:ab:00:00:00:0b',
	]);
	t.deepEqual(readNeighbour('[{"dst":"fd00::1","state":["FAILED"]}]'), []);
	t.is(readNeighbour('[{"dst":"fd00::1","state":["INCOMPLETE"]}]'), undefined);
	t.is(readNeighbour('[]'), undefined);
});

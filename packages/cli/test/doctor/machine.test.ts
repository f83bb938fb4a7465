import test from 'ava';
import {judgeCapabilities} from '../../src/doctor/checks/capabilities.ts';
import {judgeClock} from '../../src/doctor/checks/clock.ts';
import {judgeConflicts, keepsAddresses} from '../../src/doctor/checks/conflicts.ts';
import {judgeKernel} from '../../src/doctor/checks/kernel.ts';
import {judgeLease, type LeaseFacts} from '../../src/doctor/checks/lease.ts';
import {judgeLink} from '../../src/doctor/checks/link.ts';
import {judgeMtu} from '../../src/doctor/checks/mtu.ts';
import {judgePrograms} from '../../src/doctor/checks/programs.ts';
import {judgeStarvation} from '../../src/doctor/checks/starvation.ts';
import type {Grade} from '../../src/doctor/finding.ts';
import {samplePair} from '../helpers/samples.ts';

for (const [release, grade] of [
	['6.1.0-18-amd64', 'ok'],
	['5.16.0', 'ok'],
	['5.15.0-91-generic', 'warn'],
	['4.19.0', 'warn'],
	['odd', 'unknown'],
] as const) {
	test(`kernel ${release}: ${grade}`, t => {
		t.is(judgeKernel(release).grade, grade);
	});
}

for (const [title, facts, grade, words] of [
	['kept by the kernel', {hasNft: true, running: 'kernel'}, 'ok', /the kernel keeps the lease/],
	['renewed by the process', {hasNft: true, running: 'process'}, 'warn', /the heartbeat process renews/],
	['no nft', {hasNft: false}, 'warn', /nft is not installed: .* for up to 6 s/],
	['no nft, and a heartbeat that says so', {hasNft: false, running: 'none'}, 'warn', /nft is not installed/],
	[
		'nft refused by the kernel',
		{hasNft: true, ingress: 'Not supported', egress: 'x'},
		'warn',
		/Not supported.*up to 6 s/,
	],
	[
		'refused only to the heartbeat',
		{hasNft: true, running: 'none', ingress: true, egress: true},
		'warn',
		/nft refused the lease/,
	],
	['no egress hook', {hasNft: true, ingress: true, egress: 'unknown hook'}, 'warn', /no egress hook/],
	['not tried', {hasNft: true}, 'unknown', /not tried/],
	['both hooks', {hasNft: true, ingress: true, egress: true}, 'ok', /can keep the lease/],
] as readonly (readonly [string, LeaseFacts, Grade, RegExp])[]) {
	test(`lease, ${title}: ${grade}`, t => {
		const found = judgeLease(facts);
		t.is(found.grade, grade);
		t.regex(found.message, words);
	});
}

const everything = (1n << 41n) - 1n;
for (const [title, mask, runs, grade] of [
	['all', everything, false, 'ok'],
	['none', 0n, false, 'fail'],
	['no CAP_NET_RAW', everything & ~(1n << 13n), true, 'warn'],
	['no CAP_NET_ADMIN', everything & ~(1n << 12n), true, 'fail'],
	['not readable', undefined, true, 'unknown'],
] as const) {
	test(`capabilities, ${title}: ${grade}`, t => {
		t.is(judgeCapabilities(mask, runs).grade, grade);
	});
}

test('programs: what each missing one costs; perl only matters for IPv6', t => {
	t.is(judgePrograms(samplePair, {ip: '/ip', arping: '/arping'})[0]?.grade, 'ok');
	t.deepEqual(
		judgePrograms(samplePair, {}).map(({grade}) => grade),
		['fail', 'warn'],
	);
	const six = {
		...samplePair,
		virtualAddresses: [{...samplePair.virtualAddresses[0]!, address: '2001:db8::1', family: 6 as const}],
	};
	t.deepEqual(
		judgePrograms(six, {ip: '/ip'}).map(({message}) => message.split(' ')[0]),
		['perl'],
	);
});

test('link: each thing that can be missing has its own sentence', t => {
	const up = {device: 'eth0', exists: true, up: true, carrier: true, mtuBytes: 1500};
	t.is(judgeLink(up).grade, 'ok');
	t.regex(judgeLink({...up, carrier: false}).message, /no carrier/);
	t.regex(judgeLink({...up, up: false, carrier: false}).message, /is down/);
	t.regex(judgeLink({...up, exists: false, up: false, carrier: false}).message, /no interface eth0/);
});

test('mtu: only small packets that pass alone are a warning', t => {
	const facts = {peer: 'lb2', device: 'eth0', mtuBytes: 1500};
	t.is(judgeMtu({...facts, small: true, full: true}).grade, 'ok');
	t.is(judgeMtu({...facts, small: true, full: false}).grade, 'warn');
	t.is(judgeMtu({...facts, small: false, full: false}).grade, 'unknown');
	t.is(judgeMtu(facts).grade, 'unknown');
});

test('clock: not synchronised is a warning, never more', t => {
	t.deepEqual(
		[0, 1, 5, undefined].map(state => judgeClock(state).grade),
		['ok', 'ok', 'warn', 'unknown'],
	);
});

test('steal: judged against the lease of the interval', t => {
	t.is(judgeStarvation({lateMs: 5, stealPercent: 1}, samplePair).grade, 'ok');
	t.is(judgeStarvation({lateMs: 5, stealPercent: 12}, samplePair).grade, 'warn');
	// The lease at 200 ms is 500 ms.
	t.is(judgeStarvation({lateMs: 249}, samplePair).grade, 'ok');
	t.is(judgeStarvation({lateMs: 250}, samplePair).grade, 'warn');
	t.regex(judgeStarvation({lateMs: 1, heartbeatGapMs: 400}, samplePair).message, /the heartbeat was late by 400 ms/);
	t.is(judgeStarvation({lateMs: 250}, {advertIntervalMs: 1000}).grade, 'ok');
});

test('conflicts: a rival with the address fails, another one warns; networkd warns unless it keeps addresses', t => {
	const rival = (namesAddress: boolean) => ({rivals: [{name: 'keepalived', pid: 7, namesAddress}], managed: []});
	t.is(judgeConflicts(rival(true))[0]?.grade, 'fail');
	t.is(judgeConflicts(rival(false))[0]?.grade, 'warn');
	const managed = (keeps: boolean) => ({rivals: [], managed: [{device: 'eth0', file: '/etc/x.network', keeps}]});
	t.is(judgeConflicts(managed(false))[0]?.grade, 'warn');
	t.is(judgeConflicts(managed(true))[0]?.grade, 'ok');
});

test('KeepConfiguration: the last word of file and drop-ins counts', t => {
	t.true(keepsAddresses(['[Network]\nKeepConfiguration=yes\n']));
	t.true(keepsAddresses(['[Network]\nDHCP=yes\n', '[Network]\nKeepConfiguration = static\n']));
	t.false(keepsAddresses(['KeepConfiguration=yes\n', 'KeepConfiguration=no\n']));
	t.false(keepsAddresses(['#KeepConfiguration=yes\n', 'KeepConfiguration=dhcp\n']));
	t.false(keepsAddresses([]));
});

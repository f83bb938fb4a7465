import type {Pair} from '@hapair/config';
import test from 'ava';
import {findFixedChanges} from '../../src/daemon/pair-change.ts';
import {samplePair} from '../helpers/samples.ts';

const position = {file: 'other.cfg', line: 99, column: 1};

function side(change: Partial<Pair> = {}, secrets: readonly number[] = [1]) {
	const pair = {...samplePair, ...change};
	return {pair, own: pair.nodes[0], heartbeatSetup: {keys: secrets.map(id => ({id, secret: Uint8Array.of(id)}))}};
}

test('what may change while the heartbeat runs is no reason for a restart', t => {
	const [one, two] = samplePair.nodes;
	const live: Partial<Pair>[] = [
		{},
		{position, virtualAddresses: samplePair.virtualAddresses.map(vip => ({...vip, position}))},
		{nodes: [{...one, priority: 7}, two]},
		{preempt: {mode: 'after', delayMs: 9}},
		{onIsolation: 'hold'},
		{tracks: [{kind: 'interface', interface: 'eth0', position}]},
		{hooks: [{on: 'change', kind: 'exec', argv: ['/x'], timeoutMs: 1, position}]},
		{secretFiles: ['/elsewhere/with/the/same/key']},
	];
	for (const change of live) t.deepEqual(findFixedChanges(side(), side(change)), [], JSON.stringify(change));
});

test('what sockets, lease and silence are made of is named in the words of the file', t => {
	const [one, two] = samplePair.nodes;
	const cases: readonly (readonly [string, Partial<Pair>])[] = [
		['node names and addresses', {nodes: [one, {...two, address: '10.0.0.13'}]}],
		['virtual-ip', {virtualAddresses: []}],
		['advertise', {advertIntervalMs: 1000}],
		['port', {port: 1}],
		['path', {paths: [['192.0.2.1', '192.0.2.2']]}],
		['witness', {witness: {host: '10.0.0.13', port: 1}}],
		['the name of the pair', {name: 'bergen'}],
	];
	for (const [words, change] of cases) t.deepEqual(findFixedChanges(side(), side(change)), [words]);
	t.deepEqual(findFixedChanges(side(), side({port: 1, advertIntervalMs: 1})), ['advertise', 'port']);
});

test('a key changes in steps in which each node accepts what the other one signs with, before and after its own step', t => {
	const steps: readonly (readonly [before: number[], after: number[], isTaken: boolean])[] = [
		[[1], [1, 2], true],
		[[1, 2], [2, 1], true],
		[[2, 1], [2], true],
		[[1], [2], false],
		[[1], [2, 1], false],
		[[1, 2], [2], false],
		[[1, 2], [1, 3], true],
	];
	for (const [before, after, isTaken] of steps) {
		const found = findFixedChanges(side({}, before), side({}, after));
		t.is(found.length, isTaken ? 0 : 1, `${before} to ${after}: ${found}`);
		if (!isTaken) t.regex(found[0] ?? '', /^secret \(a new key goes below the old one first/);
	}
});

test('a pair section that comes or goes needs a restart, none before and after does not', t => {
	t.is(findFixedChanges(undefined, side()).length, 1);
	t.is(findFixedChanges(side(), undefined).length, 1);
	t.deepEqual(findFixedChanges(undefined, undefined), []);
});

import type {Pair} from '@hapair/config';
import test from 'ava';
import {findFixedChanges} from '../../src/daemon/pair-change.ts';
import {samplePair} from '../helpers/samples.ts';

const position = {file: 'other.cfg', line: 99, column: 1};

function side(change: Partial<Pair> = {}, secret = 1) {
	const pair = {...samplePair, ...change};
	return {pair, own: pair.nodes[0], heartbeatSetup: {keys: [{id: 1, secret: Uint8Array.of(secret)}]}};
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
	t.deepEqual(findFixedChanges(side(), side({}, 2)), ['secret']);
	t.deepEqual(findFixedChanges(side(), side({port: 1, advertIntervalMs: 1})), ['advertise', 'port']);
});

test('a pair section that comes or goes needs a restart, none before and after does not', t => {
	t.is(findFixedChanges(undefined, side()).length, 1);
	t.is(findFixedChanges(side(), undefined).length, 1);
	t.deepEqual(findFixedChanges(undefined, undefined), []);
});

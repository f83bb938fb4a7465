import type {Track} from '@hapair/config';
import test from 'ava';
import {computeFitness, isSameFitness} from '../../../src/daemon/tracks/fitness.ts';
import type {TrackResult} from '../../../src/daemon/tracks/monitor.ts';
import {sampleSnapshot} from '../../helpers/samples.ts';

const position = {file: 'pair.cfg', line: 1, column: 1};
const serving = {phase: 'serving', detail: '', snapshot: sampleSnapshot} as const;
const noResults = new Map<Track, TrackResult>();

test('a node whose proxy serves is eligible without any track', t => {
	t.deepEqual(computeFitness(serving, [], noResults), {eligible: true, health: 255, reasons: []});
});

test('a proxy that starts, crashed or is silent makes the node not eligible', t => {
	for (const phase of ['starting', 'down', 'silent'] as const) {
		const fitness = computeFitness({phase, detail: 'because'}, [], noResults);
		t.deepEqual(fitness, {eligible: false, health: 0, reasons: ['because']});
	}
});

test('a frontend that does not accept counts without being tracked, and is named once when it is', t => {
	const frontends = sampleSnapshot.frontends.map(frontend => ({...frontend, listening: false}));
	const proxy = {...serving, snapshot: {...sampleSnapshot, frontends}};
	const track: Track = {kind: 'frontend', frontend: 'http-in', position};
	const reasons = ['frontend http-in does not accept connections'];
	t.deepEqual(computeFitness(proxy, [], noResults).reasons, reasons);
	t.deepEqual(computeFitness(proxy, [track], noResults).reasons, reasons);
});

test('a backend track wants its number of servers', t => {
	const track = (minUp: number): Track => ({kind: 'backend', backend: 'web_servers', minUp, position});
	t.true(computeFitness(serving, [track(1)], noResults).eligible);
	t.deepEqual(computeFitness(serving, [track(2)], noResults).reasons, [
		'backend web_servers has 1 servers up, needs 2',
	]);
});

test('without a backend track the death of servers does not move the address', t => {
	const backends = sampleSnapshot.backends.map(backend => ({...backend, up: 0}));
	t.true(computeFitness({...serving, snapshot: {...sampleSnapshot, backends}}, [], noResults).eligible);
});

test('a track of the outside passes only when its result is ok', t => {
	const track: Track = {kind: 'interface', interface: 'eth0', position};
	const withResult = (result: TrackResult): readonly string[] =>
		computeFitness(serving, [track], new Map([[track, result]])).reasons;
	t.deepEqual(withResult({state: 'ok', reason: ''}), []);
	t.deepEqual(withResult({state: 'unknown', reason: 'not yet'}), ['not yet']);
	t.deepEqual(withResult({state: 'failed', reason: 'no carrier'}), ['no carrier']);
	t.deepEqual(computeFitness(serving, [track], noResults).reasons, ['track interface has no result yet']);
});

test('fitnesses are the same when nothing that travels differs', t => {
	const fitness = computeFitness(serving, [], noResults);
	t.true(isSameFitness(fitness, {...fitness}));
	t.false(isSameFitness(fitness, {...fitness, eligible: false}));
	t.false(isSameFitness(fitness, {...fitness, reasons: ['x']}));
});

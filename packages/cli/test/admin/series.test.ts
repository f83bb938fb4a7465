import type {ProxySnapshot} from '@hapair/proxy';
import test from 'ava';
import {findQuantile, MOST_SAMPLES, Series} from '../../src/admin/series.ts';
import {sampleSnapshot} from '../helpers/samples.ts';

function snapshot(requests: number, errors = 0, totalTimes = [0, 0, 0, 0]): ProxySnapshot {
	const traffic = {...sampleSnapshot.traffic, requests, clientErrors: errors, serverErrors: 0, connectErrors: errors};
	return {...sampleSnapshot, traffic: {...traffic, totalTimes}};
}

test('a sample tells what happened since the last one', t => {
	const series = new Series();
	t.is(series.add(snapshot(100), 0, 5), undefined);
	t.deepEqual(series.add(snapshot(150, 1, [10, 10, 0, 99]), 500, 6), {
		wallMs: 6,
		connections: 4,
		requestsPerSecond: 100,
		clientErrorsPerSecond: 2,
		serverErrorsPerSecond: 2,
		p50Ms: 1,
		p95Ms: 9.1,
		p99Ms: 9.82,
	});
	t.deepEqual(series.add(snapshot(150, 1, [10, 10, 0, 99]), 1500, 7), {
		wallMs: 7,
		connections: 4,
		requestsPerSecond: 0,
		clientErrorsPerSecond: 0,
		serverErrorsPerSecond: 0,
	});
});

test('a proxy that was started again leaves no fall behind', t => {
	const series = new Series();
	series.add(snapshot(100), 0, 0);
	t.is(series.add(snapshot(3), 1000, 1), undefined);
	t.like(series.add(snapshot(5), 2000, 2), {requestsPerSecond: 2});
	t.is(series.samples.length, 1);
});

test('the oldest samples go', t => {
	const series = new Series();
	for (let i = 0; i <= MOST_SAMPLES + 10; i++) series.add(snapshot(i), i * 1000, i);
	t.is(series.samples.length, MOST_SAMPLES);
	t.is(series.samples[0]?.wallMs, 11);
});

test('a quantile lies within its bucket, beyond the last bound at that bound', t => {
	t.is(findQuantile([0, 4, 0], [10, 20], 0.5), 15);
	t.is(findQuantile([0, 0, 4], [10, 20], 0.5), 20);
	t.is(findQuantile([1, 0, 1], [10, 20], 0.5), 10);
});

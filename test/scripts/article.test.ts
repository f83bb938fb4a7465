import {existsSync} from 'node:fs';
import {parseConfiguration} from '@hapair/config';
import test from 'ava';
import {queueLimits, withQueue, withRetries} from '../../scripts/article/pair-files.ts';
import {chooseTicks, drawPicture} from '../../scripts/article/plot.ts';
import {formatAloneAndPair, pictureOf} from '../../scripts/article/report.ts';
import {countFailures, summarize} from '../../scripts/article/statistics.ts';
import type {Outcome} from '../lab/http-client.ts';
import {pairConfig} from '../lab/pair-config.ts';

const answer = (startMs: number, waitMs: number): Outcome => ({startMs, endMs: startMs + waitMs, ok: true});
const failure = (startMs: number, error: string): Outcome => ({startMs, endMs: startMs + 3000, ok: false, error});

test('Requests count by when they were due, answers by when they came', t => {
	const outcomes = [answer(900, 200), answer(1000, 10), answer(1500, 900), answer(1999, 30), answer(2000, 1)];
	const {requests, answersPerSecond} = summarize(outcomes, {fromMs: 1000, toMs: 2000});
	t.is(requests, 3);
	t.is(answersPerSecond, 2);
});

test('Who got no answer has waited longer than all who did', t => {
	const span = {fromMs: 0, toMs: 100};
	const served = Array.from({length: 98}, (_, index) => answer(index, 10));
	const lost = [failure(1, 'status 500'), failure(2, 'nothing for 3000 ms before an answer')];
	const {p99Ms, medianMs, failed} = summarize([...served, ...lost], span);
	t.is(p99Ms, Number.POSITIVE_INFINITY);
	t.is(medianMs, 10);
	t.is(failed, 2);
	t.is(summarize([...served, ...served, failure(3, 'status 500')], span).p99Ms, 10);
});

test('Failures by kind, the most frequent first', t => {
	const gone = failure(0, 'nothing for 3000 ms inside an answer');
	const counts = countFailures([
		failure(0, 'status 503'),
		gone,
		{...gone, error: 'nothing for 3000 ms before an answer'},
	]);
	t.deepEqual(
		[...counts],
		[
			['gave up', 2],
			['status 503', 1],
		],
	);
});

test('Ticks are round, begin at 0 and reach the highest value', t => {
	t.deepEqual(chooseTicks(150), [0, 50, 100, 150]);
	t.deepEqual(chooseTicks(61.3), [0, 20, 40, 60, 80]);
	t.deepEqual(chooseTicks(2.5), [0, 1, 2, 3]);
	t.deepEqual(chooseTicks(0.9), [0, 0.25, 0.5, 0.75, 1]);
	t.deepEqual(chooseTicks(0), [0, 1]);
});

const measured = (answersPerSecond: number, runnable: number, medianMs = 12) => ({
	clients: {requests: 100, failed: 0, answersPerSecond, medianMs, p99Ms: Number.POSITIVE_INFINITY, failures: new Map()},
	servers: [{runnable, cores: 0.3, waitingShare: undefined}],
});
const steps = [0.5, 2].map(load => ({
	load,
	perSecond: load * 60,
	alone: measured(load === 2 ? 0 : 30, load * 70),
	queued: measured(30 * load, 2),
}));

test('The picture tells both curves in words, colours for both kinds of paper, and what a server could do', t => {
	const svg = drawPicture(pictureOf(steps, 60, {maxconn: 4, workers: 150}));
	t.regex(svg, /<desc id="d">At 2 times .* 0\.0 answers .* 140 runnable .* 60\.0 answers .* 2 runnable/);
	t.regex(svg, /prefers-color-scheme: dark/);
	t.is(svg.match(/class="curve bad" d="M\d/g)?.length, 2 + 1);
	t.is(svg.match(/class="mark good" cx/g)?.length, 4 + 1);
	t.notRegex(svg, /NaN|Infinity|undefined/);
});

test('A value that does not exist interrupts its curve, and names cannot break the picture', t => {
	const points = [
		[0, 1],
		[1, Number.NaN],
		[2, 2],
		[3, 1],
	] as const;
	const panel = {title: 'a < b & c', curves: [{name: '<x>', look: 'good', points}]} as const;
	const svg = drawPicture({title: 't', description: 'd', xTitle: 'x', panels: [panel]});
	t.regex(svg, /class="curve good" d="M\S+ \S+ M\S+ \S+ L\S+ \S+"/);
	t.regex(svg, /a &lt; b &amp; c/);
	t.notRegex(svg, /<x>/);
});

test("The article's figures stand beside ours; a wait that did not end is no number", t => {
	const alone = {...measured(60, 16, Number.POSITIVE_INFINITY)};
	const pair = {
		...measured(120, 2),
		servers: Array.from({length: 3}, () => ({runnable: 2, cores: 0.2, waitingShare: 0.5})),
	};
	const text = formatAloneAndPair({offeredPerSecond: 120, patienceMs: 10_000, alone, pair});
	t.regex(text, /answers a second +60\.0 +120\.0 +× 2\.00 +× 2\n/);
	t.regex(text, /median wait +none in 10 s +12 ms\n/);
	t.regex(text, /a server +16\.0 +2\.0 +− 88 % +− 60 %\n/);
	t.regex(text, /waits for CPU +not told +50 %\n/);
});

const article = pairConfig({secretFile: '/pair.key', lines: ['track frontend http-in']});
const read = (text: string) => {
	const {configuration, diagnostics} = parseConfiguration([{name: 'pair.cfg', text}], {environment: {}});
	return {
		errors: diagnostics.filter(({severity}) => severity === 'error'),
		backend: configuration?.backends.find(({name}) => name === 'web_servers'),
	};
};

test("The article's file asks for the health check that the site has, and every variant of it is valid", t => {
	t.regex(article, /^option httpchk HEAD \/health_check\.php HTTP\/1\.0$/m);
	t.true(existsSync(new URL('../../scripts/article/site/health_check.php', import.meta.url)));
	for (const text of [article, withRetries(article), withQueue(withRetries(article))])
		t.deepEqual(read(text).errors, []);
});

test('The queue has one server that takes few requests at a time', t => {
	const {backend} = read(withQueue(withRetries(article)));
	t.deepEqual(
		backend?.servers.map(({name}) => name),
		['web1'],
	);
	t.is(backend?.servers[0]?.maxconn, queueLimits.maxconn);
});

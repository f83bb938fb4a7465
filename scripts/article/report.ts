/**
 * The experiments' figures as text, the article's beside ours, and as curves.
 *
 * Pure. Decides the words; the looks of the picture are in `plot.ts`.
 */
import {alignColumns} from '../align-columns.ts';
import type {AloneAndPair} from './alone-and-pair.ts';
import type {Loss, LostDatabase} from './lost-database.ts';
import type {Measured} from './measure.ts';
import type {Picture} from './plot.ts';
import type {Step} from './queueing.ts';
import {mean} from './statistics.ts';

export function formatAloneAndPair({offeredPerSecond, patienceMs, alone, pair}: AloneAndPair): string {
	const [one, two] = [alone.clients, pair.clients];
	const wait = (ms: number) => formatWait(ms, patienceMs);
	const sum = ({servers}: Measured, value: (server: Measured['servers'][number]) => number) =>
		servers.reduce((total, server) => total + value(server), 0);
	const loadOf = ({servers}: Measured) => mean(servers.map(({runnable}) => runnable));
	const rows = [
		['', 'one alone', 'pair + 3', 'ours', 'the article'],
		[
			'answers a second',
			one.answersPerSecond.toFixed(1),
			two.answersPerSecond.toFixed(1),
			`× ${(two.answersPerSecond / one.answersPerSecond).toFixed(2)}`,
			'× 2',
		],
		['median wait', wait(one.medianMs), wait(two.medianMs), '', ''],
		['99th percentile', wait(one.p99Ms), wait(two.p99Ms), '', ''],
		['failed', `${one.failed} of ${one.requests}`, `${two.failed} of ${two.requests}`, '', ''],
		[
			'runnable processes, a server',
			loadOf(alone).toFixed(1),
			loadOf(pair).toFixed(1),
			formatChange(loadOf(alone), loadOf(pair)),
			'− 60 %',
		],
		[
			'the same, all servers',
			sum(alone, each => each.runnable).toFixed(1),
			sum(pair, each => each.runnable).toFixed(1),
			formatChange(
				sum(alone, each => each.runnable),
				sum(pair, each => each.runnable),
			),
			'',
		],
		['some process waits for CPU', formatShares(alone), formatShares(pair), '', ''],
		[
			'CPU used, all servers (cores)',
			sum(alone, each => each.cores).toFixed(2),
			sum(pair, each => each.cores).toFixed(2),
			'',
			'',
		],
	];
	const title = `${offeredPerSecond} pages a second wanted, twice what one server can; a client goes after ${patienceMs / 1000} s`;
	return `${title}\n${formatTable(rows)}${formatFailures('one alone', one.failures)}${formatFailures('pair + 3', two.failures)}`;
}

export function formatLostDatabase({perSecond, article, retries, failedAtReload}: LostDatabase): string {
	const row = (name: string, {outAfterMs, requests, failedBefore, failedAfter}: Loss) => [
		name,
		`${(outAfterMs / 1000).toFixed(1)} s`,
		String(failedBefore),
		String(failedAfter),
		String(requests),
	];
	const rows = [
		['', 'out after', 'failed until then', 'failed later', 'of requests'],
		row("the article's file", article),
		row('with retry-on 500', retries),
	];
	const title = `The database of one of three servers goes down and comes back, ${perSecond} pages a second wanted`;
	const failures =
		formatFailures("the article's file", article.failures) + formatFailures('retry-on', retries.failures);
	return `${title}\n${formatTable(rows)}${failures}  failed while both nodes were reloaded: ${failedAtReload}\n`;
}

export function formatSteps(steps: readonly Step[], patienceMs: number): string {
	const wait = (ms: number) => formatWait(ms, patienceMs);
	const rows = [
		[
			'load',
			'wanted/s',
			'alone: answers/s',
			'median',
			'99th',
			'runnable',
			'queue: answers/s',
			'median',
			'99th',
			'runnable',
		],
		...steps.map(({load, perSecond, alone, queued}) => [
			`${load} ×`,
			String(perSecond),
			...[alone, queued].flatMap(({clients, servers}) => [
				clients.answersPerSecond.toFixed(1),
				wait(clients.medianMs),
				wait(clients.p99Ms),
				servers[0]!.runnable.toFixed(1),
			]),
		]),
	];
	return `One server without and with a queue before it; a client goes after ${patienceMs / 1000} s\n${formatTable(rows)}`;
}

/** Answers in time and load of both servers over the load offered. */
export function pictureOf(
	steps: readonly Step[],
	capacity: number,
	limits: {maxconn: number; workers: number},
): Picture {
	const names = {alone: `Apache alone, ${limits.workers} workers`, queued: `the same behind maxconn ${limits.maxconn}`};
	const curves = (value: (measured: Measured) => number) =>
		(['alone', 'queued'] as const).map(which => ({
			name: names[which],
			look: which === 'alone' ? ('bad' as const) : ('good' as const),
			points: steps.map(step => [step.load, value(step[which])] as const),
		}));
	const last = steps.at(-1)!;
	const at = ({clients, servers}: Measured) =>
		`${clients.answersPerSecond.toFixed(1)} answers a second and ${servers[0]!.runnable.toFixed(0)} runnable processes`;
	const ideal = [0, 1, last.load].map(load => [load, Math.min(load, 1) * capacity] as const);
	return {
		title: 'One server under rising load',
		description: `At ${last.load} times the load that a server can carry, it gives ${at(last.alone)}; the same server behind a queue ${at(last.queued)}.`,
		xTitle: 'load wanted, in multiples of what the server can carry',
		panels: [
			{
				title: 'answers in time, a second',
				curves: [
					{name: 'what it could do', look: 'aside', points: ideal},
					...curves(({clients}) => clients.answersPerSecond),
				],
			},
			{title: 'runnable processes (load)', curves: curves(({servers}) => servers[0]!.runnable)},
		],
	};
}

function formatWait(ms: number, patienceMs: number): string {
	if (!Number.isFinite(ms)) return `none in ${patienceMs / 1000} s`;
	return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function formatChange(before: number, after: number): string {
	const change = after / before - 1;
	return `${change < 0 ? '−' : '+'} ${Math.round(Math.abs(change) * 100)} %`;
}

function formatShares({servers}: Measured): string {
	const shares = servers.map(({waitingShare}) => waitingShare ?? Number.NaN);
	return Number.isNaN(mean(shares)) ? 'not told' : `${Math.round(mean(shares) * 100)} %`;
}

function formatFailures(name: string, failures: ReadonlyMap<string, number>): string {
	if (failures.size === 0) return '';
	return `  failures, ${name}: ${[...failures].map(([kind, count]) => `${count} ${kind}`).join(', ')}\n`;
}

function formatTable(rows: readonly (readonly string[])[]): string {
	return alignColumns(rows, {rest: 'right', gap: 3})
		.map(line => `  ${line}\n`)
		.join('');
}

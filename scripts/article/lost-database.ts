/**
 * Second experiment: a server's database goes down under load and comes back, with the article's file and then with `retry-on`.
 *
 * Decides the load, which two servers can carry, and what is counted: requests that failed before the checks had taken the server out, and
 * after. Between the two rounds the pair is reloaded, also under load.
 */
import type {Outcome} from '../../test/lab/http-client.ts';
import {letPassMs, monotonicMs} from '../../test/lab/wait.ts';
import {page} from './measure.ts';
import {withRetries} from './pair-files.ts';
import {reloadPair, type Stage, waitForServer} from './stage.ts';
import {countFailures} from './statistics.ts';

/** Of what one server can serve. */
const load = 1.2;
const calmMs = 2000;
const patienceMs = 10_000;

/** One loss of the database. */
export interface Loss {
	/** Requests from the loss until the server was back. */
	readonly requests: number;
	/** From the loss until the master said DOWN. */
	readonly outAfterMs: number;
	/** Of requests due before that. */
	readonly failedBefore: number;
	/** Of those due later, the return of the server included. */
	readonly failedAfter: number;
	readonly failures: ReadonlyMap<string, number>;
}

export interface LostDatabase {
	readonly perSecond: number;
	readonly article: Loss;
	readonly retries: Loss;
	/** Of the requests that were due while both nodes read the new file. */
	readonly failedAtReload: number;
}

interface Times {
	readonly lostMs: number;
	readonly outMs: number;
	readonly backMs: number;
}

/** The pair must run with all its servers. */
export async function loseDatabase(stage: Stage, capacity: number): Promise<LostDatabase> {
	const {lab, say} = stage;
	const perSecond = Math.round(capacity * load);
	const probe = await lab.probeClients({perSecond, path: page, deadlineMs: patienceMs});
	await letPassMs(calmMs);
	say('the database of web3 goes down, and comes back');
	const first = await loseOnce(stage);
	say('both nodes read a file with retry-on, and the database goes down once more');
	await reloadPair(lab, withRetries);
	await waitForServer(lab, stage.servers[2], 'UP');
	const second = await loseOnce(stage);
	const {fresh} = await probe.stop();
	return {
		perSecond,
		article: judge(fresh, first),
		retries: judge(fresh, second),
		failedAtReload: fresh.filter(({ok, startMs}) => !ok && startMs >= first.backMs && startMs < second.lostMs).length,
	};
}

async function loseOnce({lab, servers}: Stage): Promise<Times> {
	const [, , last] = servers;
	const lostMs = monotonicMs();
	last.loseDatabase();
	await waitForServer(lab, last, 'DOWN');
	const outMs = monotonicMs();
	await letPassMs(calmMs);
	last.restoreDatabase();
	await waitForServer(lab, last, 'UP');
	await letPassMs(calmMs);
	return {lostMs, outMs, backMs: monotonicMs()};
}

function judge(outcomes: readonly Outcome[], {lostMs, outMs, backMs}: Times): Loss {
	const inside = outcomes.filter(({startMs}) => startMs >= lostMs && startMs < backMs);
	const failed = inside.filter(({ok}) => !ok);
	return {
		requests: inside.length,
		outAfterMs: outMs - lostMs,
		failedBefore: failed.filter(({startMs}) => startMs < outMs).length,
		failedAfter: failed.filter(({startMs}) => startMs >= outMs).length,
		failures: countFailures(inside),
	};
}

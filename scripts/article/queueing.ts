/**
 * Third experiment: an Apache that takes all that comes beside one that gets few requests at a time from the pair's queue, under rising load.
 *
 * Decides the steps. Both servers are the same, with Debian's number of workers, and are loaded at the same time, so that a slow minute of
 * the machine touches both; each step finds both of them idle.
 */
import {letPassMs, waitFor} from '../../test/lab/wait.ts';
import {type Measured, measure} from './measure.ts';
import {queueLimits, withQueue} from './pair-files.ts';
import {debianWorkers, reloadPair, type Stage, waitForServer} from './stage.ts';

export const patienceMs = 3000;

export interface Step {
	/** In multiples of what one server can serve. */
	readonly load: number;
	readonly perSecond: number;
	readonly alone: Measured;
	readonly queued: Measured;
}

/** The pair must run with the article's file. Afterwards it has one server. */
export async function compareQueueing(stage: Stage, capacity: number): Promise<Step[]> {
	const {lab, servers, pace, say} = stage;
	const [queued, alone, unused] = servers;
	await unused.kill();
	await queued.kill();
	await queued.start(debianWorkers);
	await reloadPair(lab, withQueue);
	await waitForServer(lab, queued, 'UP');
	const steps: Step[] = [];
	for (const load of pace.steps) {
		const perSecond = Math.max(1, Math.round(capacity * load));
		say(`${load} × the load one server can carry, on one with a queue before it and on one without`);
		await alone.kill();
		await alone.start(debianWorkers);
		const offer = {perSecond, warmMs: pace.stepFillMs, countedMs: pace.stepCountedMs, patienceMs};
		const [without, behind] = await Promise.all([
			measure(lab, {...offer, address: alone.address}, [alone]),
			measure(lab, {...offer, address: lab.virtualAddress}, [queued]),
		]);
		steps.push({load, perSecond, alone: without, queued: behind});
		await letPassMs(queueLimits.waitMs);
		await waitFor('the server behind the queue to be idle', () => queued.group.countRunnable() === 0, {
			deadlineMs: 20_000,
		});
	}
	return steps;
}

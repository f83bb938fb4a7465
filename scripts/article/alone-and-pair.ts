/**
 * First experiment: twice the load that one server can carry, on one server alone and then on a pair with three of them behind.
 *
 * Decides the load, the same for both, and the file: the article's.
 */
import type {Offer} from './measure.ts';
import {type Measured, measure} from './measure.ts';
import {fewWorkers, type Stage} from './stage.ts';

/** Of what one server can serve. */
const overload = 2;
/** Longer than the longest queue before one server, so that what it answers is still wanted. */
const patienceMs = 15_000;
/** Of the pair, which reaches its rest sooner. */
const settleMs = 5000;

export interface AloneAndPair {
	readonly offeredPerSecond: number;
	readonly patienceMs: number;
	readonly alone: Measured;
	readonly pair: Measured;
}

/** Afterwards the pair runs with its three servers. */
export async function compareAloneAndPair(stage: Stage, capacity: number): Promise<AloneAndPair> {
	const {lab, servers, pace, say} = stage;
	const offeredPerSecond = Math.round(capacity * overload);
	const offer: Omit<Offer, 'address' | 'warmMs'> = {
		perSecond: offeredPerSecond,
		countedMs: pace.countedMs,
		patienceMs,
	};

	const [first] = servers;
	say(`one server alone, ${offeredPerSecond} pages a second wanted`);
	const alone = await measure(lab, {...offer, address: first.address, warmMs: pace.fillMs}, [first]);
	await first.kill();

	say('the pair starts, with three servers');
	await Promise.all(servers.map(server => server.start(fewWorkers)));
	lab.writeConfig({name: 'article', lines: ['track frontend http-in']});
	await lab.startNodes();
	say(`the pair, ${offeredPerSecond} pages a second wanted`);
	const pair = await measure(lab, {...offer, address: lab.virtualAddress, warmMs: settleMs}, servers);
	return {offeredPerSecond, patienceMs, alone, pair};
}

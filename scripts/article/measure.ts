/**
 * Open-loop load on an address for some seconds, and what it did to clients and servers.
 *
 * Decides how load is made: a new connection at fixed times, each with one request, whatever became of those before; a wait counts from the
 * time at which the request was due. Leaves what is loaded, and how much, to the experiments.
 */
import type {Lab} from '../../test/lab/lab.ts';
import {letPassMs, monotonicMs} from '../../test/lab/wait.ts';
import type {Apache} from './apache.ts';
import type {Usage} from './server-group.ts';
import {mean, type Span, type Summary, summarize} from './statistics.ts';

const lookEveryMs = 200;
/** A search that finds many rows. */
export const page = '/?q=lamp';

export interface Offer {
	readonly address: string;
	readonly perSecond: number;
	/** Load before anything is counted. */
	readonly warmMs: number;
	readonly countedMs: number;
	/** After which a client goes. */
	readonly patienceMs: number;
}

/** One server, as a mean over the counted span. */
export interface ServerLoad {
	/** Processes that run or could run: the load average without its smoothing. */
	readonly runnable: number;
	/** Processors' worth of processor time. */
	readonly cores: number;
	/** Share of the time in which some process waited for the processor (0–1). */
	readonly waitingShare: number | undefined;
}

export interface Measured {
	readonly clients: Summary;
	readonly servers: readonly ServerLoad[];
}

export async function measure(lab: Lab, offer: Offer, servers: readonly Apache[]): Promise<Measured> {
	const {address, perSecond, patienceMs} = offer;
	const probe = await lab.probeClients({address, perSecond, path: page, deadlineMs: patienceMs});
	await letPassMs(offer.warmMs);
	const fromMs = monotonicMs();
	const loads = await watchServers(servers, offer.countedMs);
	const span: Span = {fromMs, toMs: monotonicMs()};
	// Those under way are waited for, and may still load the servers: nothing of that is counted.
	const {fresh} = await probe.stop();
	return {clients: summarize(fresh, span), servers: loads};
}

/** How many pages a second a server answers when a few clients are always waiting for one. */
export async function measureCapacity(lab: Lab, server: Apache, countedMs: number): Promise<number> {
	const probe = await lab.probeClients({address: server.address, perSecond: 0, keepAliveClients: 12, path: page});
	await letPassMs(countedMs / 4);
	const fromMs = monotonicMs();
	await letPassMs(countedMs);
	const span: Span = {fromMs, toMs: monotonicMs()};
	const {kept} = await probe.stop();
	return summarize(kept, span).answersPerSecond;
}

async function watchServers(servers: readonly Apache[], durationMs: number): Promise<ServerLoad[]> {
	const beginMs = monotonicMs();
	const before = servers.map(({group}) => group.readUsage());
	const runnable: number[][] = servers.map(() => []);
	for (let look = 1; monotonicMs() < beginMs + durationMs; look++) {
		await letPassMs(Math.min(beginMs + look * lookEveryMs, beginMs + durationMs) - monotonicMs());
		for (const [index, {group}] of servers.entries()) runnable[index]?.push(group.countRunnable());
	}
	const passedUs = (monotonicMs() - beginMs) * 1000;
	return servers.map(({group}, index) => loadOf(runnable[index]!, before[index]!, group.readUsage(), passedUs));
}

function loadOf(runnable: readonly number[], before: Usage, after: Usage, passedUs: number): ServerLoad {
	const isKnown = before.waitingUs !== undefined && after.waitingUs !== undefined;
	return {
		runnable: mean(runnable),
		cores: (after.cpuUs - before.cpuUs) / passedUs,
		waitingShare: isKnown ? (after.waitingUs - before.waitingUs) / passedUs : undefined,
	};
}

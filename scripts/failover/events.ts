/**
 * What can happen to a pair, each as one measurement: a fresh lab, clients, the event, the outage.
 *
 * Decides the load (200 new connections a second, 20 keep-alive clients at planned moves), the random moment at which the event falls
 * between two advertisements, and what each event is for whatever program is measured (`stack.ts`).
 */
import type {Family} from '../../test/lab/families.ts';
import {freezeAllIn} from '../../test/lab/freezer.ts';
import {Lab} from '../../test/lab/lab.ts';
import type {LongSession} from '../../test/lab/long-clients.ts';
import {type ProbeReport, summarizeClients, summarizeEyes} from '../../test/lab/probe.ts';
import {Relay} from '../../test/lab/relay.ts';
import {letPassMs, monotonicMs} from '../../test/lab/wait.ts';
import {measureCost} from './cost.ts';
import {HapairStack} from './hapair.ts';
import {KeepalivedStack} from './keepalived.ts';
import {countMoves} from './moves.ts';
import type {PairSettings, Stack} from './stack.ts';

export interface Outage {
	/** Longest time between two served new connections. */
	readonly gapMs: number;
	readonly requests: number;
	readonly failed: number;
	/** Looks, one each 10 ms, in which both nodes answered for the address, by ARP or TCP; each eye's are counted, so half of them. */
	readonly doubles: number;
	/** How often clients were served by the other node than before. */
	readonly moves: number;
	/** Of what speaks for the master; only where that is what is measured. */
	/** Downloads and WebSockets that were open: how many ended, the longest time without a chunk or an echo, and the slowest new request. */
	readonly long?: {
		readonly sessions: number;
		readonly ended: number;
		readonly stallMs: number;
		readonly slowestRequestMs: number;
	};
	readonly cost?: {readonly cpuPercent: number; readonly residentMiB: number};
}

export type Program = 'hapair' | 'keepalived';

export interface FailoverEvent {
	/** Program and event. */
	readonly name: string;
	readonly program: Program;
	readonly event: string;
	/** Longer than half a minute. */
	readonly isLong: boolean;
	/** @param family of the nodes' addresses and the virtual one. */
	run(family: Family): Promise<Outage>;
}

interface Happening extends PairSettings {
	readonly event: string;
	readonly isLong?: boolean;
	readonly keepAliveClients?: number;
	/** Slow downloads, and as many WebSockets. */
	readonly downloads?: number;
	/** For hapair alone: the other has no such thing. */
	readonly onlyHapair?: boolean;
	/** What it costs to elect is what is asked. */
	readonly measuresCost?: boolean;
	happen(stack: Stack): Promise<unknown>;
}

const powerCut = async (stack: Stack): Promise<void> => {
	stack.lab.cutPower('lb1');
	await stack.waitForHolder('lb2');
};

const freezeElection = async (stack: Stack): Promise<void> => {
	stack.signalElection('SIGSTOP');
	await letPassMs(5000);
	stack.signalElection('SIGCONT');
	await letPassMs(1000);
};

const freezeNode = (ms: number) => async (stack: Stack) => {
	const thaw = freezeAllIn(stack.lab.network.namespaceOf('lb1'));
	await letPassMs(ms);
	thaw();
	await letPassMs(1000);
};

const cutLink = async ({lab: {network}}: Stack): Promise<void> => {
	network.cutBetweenNodes();
	await letPassMs(10_000);
	network.healBetweenNodes();
	await letPassMs(2000);
};

/** Other frames each round: a round must not repeat what another one has shown. */
const disturb = async ({lab: {network}}: Stack): Promise<void> => {
	const seed = Math.floor(Math.random() * 1e6);
	const relay = await Relay.start(network, {seed, delayMs: 80, reorderPercent: 10, duplicatePercent: 10});
	await letPassMs(20_000);
	await relay.stop();
};

const happenings: readonly Happening[] = [
	...(['200ms', 'fast'] as const).flatMap((interval): Happening[] => [
		{event: 'power cut', interval, happen: powerCut},
		{
			event: 'kill -9 of what elects',
			interval,
			happen: async stack => {
				stack.signalElection('SIGKILL');
				await letPassMs(3000);
			},
		},
		{event: 'what elects frozen 5 s', interval, happen: freezeElection},
		{event: 'all processes frozen 0.5 s', interval, happen: freezeNode(500)},
		{event: 'all processes frozen 5 s', interval, happen: freezeNode(5000)},
	]),
	{
		event: 'kill -9 of the proxy',
		interval: '200ms',
		happen: async stack => {
			stack.signalProxy('SIGKILL');
			await letPassMs(5000);
		},
	},
	{
		event: 'the proxy frozen 10 s',
		interval: '200ms',
		happen: async stack => {
			stack.signalProxy('SIGSTOP');
			await letPassMs(10_000);
			stack.signalProxy('SIGCONT');
			await letPassMs(1000);
		},
	},
	{
		event: 'main thread of the proxy blocked 10 s',
		interval: '200ms',
		onlyHapair: true,
		happen: async stack => {
			await stack.blockProxy?.(10_000);
			await letPassMs(11_000);
		},
	},
	{
		event: 'planned failover',
		interval: '200ms',
		keepAliveClients: 20,
		onlyHapair: true,
		happen: stack => stack.failover?.() ?? Promise.resolve(),
	},
	{
		event: 'planned failover with 200 downloads and 200 WebSockets open',
		interval: '200ms',
		keepAliveClients: 20,
		downloads: 200,
		onlyHapair: true,
		happen: async stack => {
			await stack.failover?.();
			await letPassMs(3000);
		},
	},
	{
		event: '10 planned failovers in a row',
		interval: '200ms',
		keepAliveClients: 20,
		onlyHapair: true,
		happen: async stack => {
			for (let time = 0; time < 10; time++) {
				await stack.failover?.(time % 2 === 0 ? 'lb2' : 'lb1');
				await letPassMs(1000);
			}
		},
	},
	{event: 'stop (SIGTERM)', interval: '200ms', keepAliveClients: 20, happen: stack => stack.stop()},
	{
		event: 'failback after a power cut',
		interval: '200ms',
		preempt: true,
		onlyHapair: true,
		happen: async stack => {
			await powerCut(stack);
			await stack.boot?.();
			await stack.waitForHolder('lb1');
		},
	},
	{event: 'link between the nodes cut 10 s', interval: '200ms', happen: cutLink},
	{event: 'the same with a witness', interval: '200ms', witness: true, onlyHapair: true, happen: cutLink},
	{event: 'advertisements 0–80 ms late, overtaken, doubled, 20 s', interval: '200ms', happen: disturb},
	{
		event: '30 % of the frames lost for 60 s',
		interval: '200ms',
		isLong: true,
		happen: async ({lab: {network}}) => {
			network.loseBetweenNodes(30);
			await letPassMs(60_000);
			network.healBetweenNodes();
		},
	},
	{
		event: 'cable off and on, 5 × 5 s',
		interval: '200ms',
		preempt: true,
		isLong: true,
		happen: async ({lab: {network}}) => {
			for (let time = 0; time < 5; time++) {
				network.cutLink('lb1');
				await letPassMs(5000);
				network.restoreLink('lb1');
				await letPassMs(5000);
			}
		},
	},
	{event: 'nothing, 60 s', interval: 'fast', isLong: true, measuresCost: true, happen: () => letPassMs(60_000)},
];

/** A pair in a lab of its own. A start that a busy machine has spoilt says nothing of the event: it is tried once more. */
async function startStack(make: (lab: Lab) => Stack, happening: Happening, family: Family): Promise<Stack> {
	for (let attempt = 1; ; attempt++) {
		const lab = new Lab('lab', family);
		try {
			const stack = make(lab);
			await stack.start(happening);
			return stack;
		} catch (error) {
			lab.dispose();
			if (attempt === 2) throw error;
		}
	}
}

function summarizeLong(sessions: readonly LongSession[], fresh: ProbeReport['fresh']): NonNullable<Outage['long']> {
	return {
		sessions: sessions.length,
		ended: sessions.filter(({error}) => error !== '').length,
		stallMs: Math.round(Math.max(...sessions.map(({longestStallMs}) => longestStallMs))),
		slowestRequestMs: Math.round(Math.max(...fresh.map(({startMs, endMs}) => endMs - startMs))),
	};
}

/** One measurement. */
async function measure(make: (lab: Lab) => Stack, happening: Happening, family: Family): Promise<Outage> {
	const stack = await startStack(make, happening, family);
	const {lab} = stack;
	try {
		const clients = await lab.probeClients({perSecond: 200, keepAliveClients: happening.keepAliveClients ?? 0});
		const {downloads = 0} = happening;
		const long = downloads > 0 ? await lab.probeLong({downloads, echoes: downloads}) : undefined;
		const eyes = await lab.probeEyes();
		await letPassMs(500 + 1000 * Math.random());
		// The first answers of a fresh lab are slow; only what follows is the event's.
		const fromMs = monotonicMs();
		const endCost = measureCost(stack.electionPids());
		await happening.happen(stack);
		const cost = endCost();
		// A SYN that nobody heard is repeated after 1 s: the sampling must not end just then.
		await letPassMs(1500);
		const sessions = (await long?.stop())?.sessions;
		const whole: ProbeReport = await clients.stop();
		const report = {...whole, fresh: whole.fresh.filter(({startMs}) => startMs >= fromMs)};
		const {gapMs, requests, failedFresh, failedKept} = summarizeClients(report);
		const {doubleArp, doubleTcp} = summarizeEyes(await eyes[0].stop(), await eyes[1].stop());
		return {
			gapMs,
			requests,
			failed: failedFresh.length + failedKept.length,
			doubles: Math.max(doubleArp, doubleTcp) / 2,
			moves: countMoves(whole.fresh),
			...(sessions === undefined ? {} : {long: summarizeLong(sessions, report.fresh)}),
			...(happening.measuresCost === true && cost !== undefined ? {cost} : {}),
		};
	} finally {
		lab.dispose();
	}
}

/** In the order of the table: each event for hapair, then for keepalived. */
export const events: readonly FailoverEvent[] = happenings.flatMap((happening): FailoverEvent[] => {
	const event = `${happening.interval}: ${happening.event}`;
	const of = (program: Program, make: (lab: Lab) => Stack): FailoverEvent => ({
		name: `${program} ${event}`,
		program,
		event,
		isLong: happening.isLong === true,
		run: family => measure(make, happening, family),
	});
	const own = of('hapair', lab => new HapairStack(lab));
	return happening.onlyHapair === true ? [own] : [own, of('keepalived', lab => new KeepalivedStack(lab))];
});

/**
 * One schedule: what a seed says about the machines, the network, and what happens to them when.
 *
 * All times are multiples of the advertisement interval, so that every legal interval sees the same stories. The first part
 * is trouble, at `healMs` everything is mended, and the rest shows whether the pair recovers.
 */
import {createRandom, type Random} from './random.ts';

export type Fault = {
	readonly atMs: number;
	readonly node: 0 | 1;
} /** The heartbeat process stops (SIGSTOP); the kernel goes on, and so does an `ip` command under way. */ & (
	| {readonly kind: 'pause'; readonly forMs: number}
	/** The whole machine stops. With `clockStops` its own clock does not see it (a virtual machine). */
	| {readonly kind: 'freeze'; readonly forMs: number; readonly clockStops: boolean}
	/** kill -9 of the process; the address stays behind in the kernel. */
	| {readonly kind: 'kill'; readonly forMs: number}
	| {readonly kind: 'powerCut'; readonly forMs: number}
	| {readonly kind: 'stop'; readonly forMs: number}
	/** Datagrams from `node` do not arrive; from both when `both`. */
	| {readonly kind: 'cut'; readonly forMs: number; readonly both: boolean}
	| {readonly kind: 'claimsFail'; readonly forMs: number}
	| {readonly kind: 'unfit'; readonly forMs: number}
	| {readonly kind: 'degraded'; readonly forMs: number}
	| {readonly kind: 'maintenance'; readonly forMs: number}
	/** `node` and the witness do not hear each other. */
	| {readonly kind: 'witnessCut'; readonly forMs: number}
	/** Nobody hears `node`, and it hears nobody: its cable is out. */
	| {readonly kind: 'island'; readonly forMs: number}
	/** The witness ends, and starts again with what is on its disk. */
	| {readonly kind: 'witnessDown'; readonly forMs: number}
	/** The cable of a machine is pulled: nobody hears it, and it sees that it has no carrier. */
	| {readonly kind: 'unplugged'; readonly forMs: number}
	| {readonly kind: 'addressLost'}
	| {readonly kind: 'failover'; readonly force: boolean}
);

/** What a file may change while a node runs. */
export interface Reload {
	readonly atMs: readonly [number, number];
	readonly preempt: Schedule['preempt'];
	readonly priorities: Schedule['priorities'];
}

export interface Schedule {
	readonly seed: number;
	readonly intervalMs: number;
	/** Connections live on after a planned failover. In one of eight, so that the recorded seeds tell the story they told before. */
	readonly keeps?: boolean;
	/** Moves that are ordered only make room, as for maintenance: preference may undo them. In another one of eight. */
	readonly makesRoom?: boolean;
	/** No faults but delay and duplication: every planned failover must succeed. */
	readonly calm: boolean;
	readonly onIsolation: 'claim' | 'hold';
	readonly witnessed: boolean;
	/** What is said goes through the codec; in one of 32 schedules, since it costs as much as the election. */
	readonly inBytes: boolean;
	readonly preempt: {readonly mode: 'off'} | {readonly mode: 'on'} | {readonly mode: 'after'; readonly delayMs: number};
	readonly priorities: readonly [number, number];
	/** Both nodes get another file, each at its own time. */
	readonly reload?: Reload;
	readonly clockRates: readonly [number, number];
	readonly startsMs: readonly [number, number];
	readonly fitAfterMs: readonly [number, number];
	readonly drift: boolean;
	readonly loss: number;
	readonly duplication: number;
	readonly replays: number;
	readonly minDelayMs: number;
	readonly maxDelayMs: number;
	readonly timerLatenessMs: number;
	readonly claimLatencyMs: number;
	readonly releaseLatencyMs: number;
	readonly startDelayMs: number;
	readonly faults: readonly Fault[];
	readonly healMs: number;
	readonly endMs: number;
	/** From here on a pair at rest ends the schedule; in one of eight it goes on to the end all the same. */
	readonly restMs: number;
	/** At the end this node cannot serve; 2 = both can. */
	readonly unfitAtEnd: 0 | 1 | 2;
}

const TROUBLE_INTERVALS = 26;
const RECOVERY_INTERVALS = 30;
const REST_INTERVALS = 14;

export function drawSchedule(seed: number): Schedule {
	const random = createRandom(seed);
	const intervalMs = random.pick([10, 50, 200, 200, 1000]);
	const calm = random.chance(0.2);
	const slowNetwork = random.chance(0.2);
	const minDelayMs = intervalMs * 0.002;
	const healMs = intervalMs * TROUBLE_INTERVALS;
	const base = {
		seed,
		intervalMs,
		calm,
		onIsolation: random.pick(['claim', 'claim', 'hold'] as const),
		preempt: random.pick([
			{mode: 'off'},
			{mode: 'off'},
			{mode: 'on'},
			{mode: 'after', delayMs: intervalMs * 5},
		] as const),
		priorities: random.pick([
			[150, 100],
			[100, 150],
			[100, 100],
			[254, 1],
		] as const),
		clockRates: [random.between(0.99, 1.01), random.between(0.99, 1.01)] as const,
		startsMs: [random.between(0, 2) * intervalMs, random.between(0, 2) * intervalMs] as const,
		fitAfterMs: [random.between(0, 2) * intervalMs, random.between(0, 2) * intervalMs] as const,
		drift: random.chance(0.05),
		loss: calm ? 0 : random.pick([0, 0, 0, 0.05, 0.2, 0.4]),
		duplication: random.pick([0, 0.2]),
		replays: random.pick([0, 0, 0.1]),
		minDelayMs,
		maxDelayMs: minDelayMs + intervalMs * random.pick(slowNetwork ? [0.5, 1.5] : [0.005, 0.1]),
		timerLatenessMs: intervalMs * random.pick([0, 0.05, 0.2]),
		claimLatencyMs: intervalMs * random.pick([0.01, 0.1, 1]),
		releaseLatencyMs: intervalMs * random.pick([0.01, 0.1, calm ? 0.2 : 4]),
		startDelayMs: intervalMs * 4,
		healMs,
		endMs: healMs + intervalMs * RECOVERY_INTERVALS,
		restMs: seed % 8 === 0 ? Number.POSITIVE_INFINITY : healMs + intervalMs * REST_INTERVALS,
		unfitAtEnd: random.pick([0, 1, 2, 2, 2, 2, 2, 2] as const),
	};
	const faults = calm ? drawMoves(random, intervalMs) : drawFaults(random, intervalMs);
	return addReload(
		addWitness(
			addUnplugging(
				addFlap({
					...base,
					witnessed: false,
					inBytes: seed % 32 === 0,
					keeps: seed % 8 === 3,
					makesRoom: seed % 8 === 5,
					faults,
				}),
			),
		),
	);
}

/** One of eight, in the same way: priorities and preemption change, and for a while the nodes have two files, so that planned moves are refused. */
function addReload(schedule: Schedule): Schedule {
	const random = createRandom(schedule.seed ^ 0x4e10ad);
	const {calm, intervalMs} = schedule;
	if (calm || !random.chance(0.125)) return schedule;
	const atMs = [random.between(1, TROUBLE_INTERVALS - 1), random.between(1, TROUBLE_INTERVALS - 1)] as const;
	const reload: Reload = {
		atMs: [atMs[0] * intervalMs, atMs[1] * intervalMs],
		preempt: random.pick([{mode: 'off'}, {mode: 'on'}, {mode: 'after', delayMs: intervalMs * 5}] as const),
		priorities: random.pick([
			[150, 100],
			[100, 150],
			[1, 254],
		] as const),
	};
	return {...schedule, reload};
}

/** One of ten: a node that falls ill and recovers again and again. From numbers of its own, like the witness. */
function addFlap(schedule: Schedule): Schedule {
	const random = createRandom(schedule.seed ^ 0xf1a9);
	const {calm, intervalMs, faults} = schedule;
	if (calm || !random.chance(0.1)) return schedule;
	const node = random.pick([0, 1] as const);
	const [firstMs, everyMs] = [random.between(4, 10) * intervalMs, random.between(1.3, 2) * intervalMs];
	const forMs = everyMs * random.between(0.3, 0.7);
	const ills = Array.from({length: 6}, (_, index): Fault => {
		return {kind: 'unfit', node, atMs: firstMs + index * everyMs, forMs};
	});
	return {...schedule, faults: [...faults, ...ills]};
}

/** One of eight, in the same way. */
function addUnplugging(schedule: Schedule): Schedule {
	const random = createRandom(schedule.seed ^ 0xcab1e);
	const {calm, intervalMs, faults} = schedule;
	if (calm || !random.chance(0.125)) return schedule;
	const more = Array.from({length: 1 + Math.floor(random.next() * 3)}, (): Fault => {
		const atMs = random.between(1, TROUBLE_INTERVALS - 2) * intervalMs;
		const forMs = random.pick([random.between(0.2, 4), random.between(2, 12)]) * intervalMs;
		return {kind: 'unplugged', node: random.pick([0, 1] as const), atMs, forMs};
	});
	return {...schedule, faults: [...faults, ...more]};
}

/** From numbers of its own, so that a seed without a witness tells the story it told before there was one. */
function addWitness(schedule: Schedule): Schedule {
	const random = createRandom(schedule.seed ^ 0x818);
	const {intervalMs, calm, faults, maxDelayMs} = schedule;
	// Three intervals there and back: confirmations come too late for the lease then, which docs/protocol.md asks to avoid.
	if (!random.chance(0.3) || maxDelayMs > intervalMs) return schedule;
	const more = calm
		? []
		: Array.from({length: Math.floor(random.next() * 4)}, () => drawWitnessFault(random, intervalMs));
	// What was promised to a node that is gone keeps its peer waiting as long as the node had been alone.
	const endMs = schedule.endMs + intervalMs * RECOVERY_INTERVALS;
	return {...schedule, witnessed: true, faults: [...faults, ...more], endMs};
}

function drawWitnessFault(random: Random, intervalMs: number): Fault {
	const node = random.pick([0, 1] as const);
	const atMs = random.between(1, TROUBLE_INTERVALS - 2) * intervalMs;
	const forMs = random.pick([random.between(0.2, 4), random.between(2, 12)]) * intervalMs;
	return {kind: random.pick(['witnessCut', 'island', 'island', 'witnessDown'] as const), node, atMs, forMs};
}

/** Planned moves, far enough apart that each can end. */
function drawMoves(random: Random, intervalMs: number): Fault[] {
	const moves: Fault[] = [];
	for (let at = 10; at < TROUBLE_INTERVALS - 4; at += 10) {
		const atMs = (at + random.next()) * intervalMs;
		moves.push({kind: 'failover', node: random.pick([0, 1] as const), force: random.chance(0.1), atMs});
	}
	return moves;
}

function drawFaults(random: Random, intervalMs: number): Fault[] {
	const faults: Fault[] = [];
	const count = 1 + Math.floor(random.next() * 5);
	for (let index = 0; index < count; index += 1) {
		const atMs = random.between(1, TROUBLE_INTERVALS - 2) * intervalMs;
		const forMs = random.pick([random.between(0.2, 4), random.between(2, 12)]) * intervalMs;
		faults.push(drawFault(random, random.pick([0, 1] as const), atMs, forMs, intervalMs));
	}
	return faults;
}

function drawFault(random: Random, node: 0 | 1, atMs: number, forMs: number, intervalMs: number): Fault {
	// The pause after a failed takeover is a second at least: only intervals near that see it end.
	const kinds = intervalMs >= 200 ? ALL_KINDS : ALL_KINDS.filter(kind => kind !== 'claimsFail');
	const kind = random.pick(kinds);
	switch (kind) {
		case 'freeze':
			return {kind, node, atMs, forMs, clockStops: random.chance(0.5)};
		case 'cut':
			return {kind, node, atMs, forMs, both: random.chance(0.5)};
		case 'addressLost':
			return {kind, node, atMs};
		case 'failover':
			return {kind, node, atMs, force: random.chance(0.3)};
		default:
			return {kind, node, atMs, forMs};
	}
}

const ALL_KINDS: readonly Fault['kind'][] = [
	'pause',
	'pause',
	'freeze',
	'kill',
	'powerCut',
	'stop',
	'cut',
	'cut',
	'claimsFail',
	'unfit',
	'degraded',
	'maintenance',
	'addressLost',
	'failover',
	'failover',
];

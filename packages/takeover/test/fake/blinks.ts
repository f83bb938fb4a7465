/**
 * Two nodes, one address at a provider, and mastership that blinks: the test bench of every provider's driver.
 *
 * A blink moves mastership with a higher term. Each node hears of it in its own time, so that for a while both or neither act; a
 * heartbeat may fall silent, and a whole machine may freeze and then go on where it was. The provider is as bad as `storm`.
 */
import type {Fetch} from '../../src/api.ts';
import type {Clock} from '../../src/clock.ts';
import type {Driver} from '../../src/driver.ts';
import {Keeper} from '../../src/keeper.ts';
import {connect, type Weather} from './network.ts';
import {FakeAddress, type FakeApi, type FakeHabits} from './provider.ts';
import {Random} from './random.ts';
import {MachineClock, VirtualClock} from './virtual-clock.ts';

export interface Bench {
	readonly seed: number;
	readonly blinks: number;
	readonly weather: Weather;
	readonly habits: FakeHabits;
	readonly makeApi: (address: FakeAddress) => FakeApi;
	/** `own` and `peer` are the machines' ids at the provider. */
	readonly makeDriver: (machine: {
		readonly own: string;
		readonly peer: string;
		readonly fetcher: Fetch;
		readonly clock: Clock;
	}) => Driver;
	readonly ids: readonly [string, string];
	/** How long the provider is given to come to rest, ms. */
	readonly restMs: number;
	/** In place of a reconciler one order at each claim, as a notify script gives it. */
	readonly orderOnce?: boolean;
}

export interface BenchReport {
	/** One line for each rest at which the address was not, or did not stay, at the master. */
	readonly wrong: readonly string[];
	readonly rests: number;
	readonly orders: number;
	/** From the last blink until the address was at the master for good: the longest of all rests, ms. */
	readonly slowestMs: number;
	/** Orders that went out at rest, with the address long in its place. */
	readonly needless: number;
	/** Blinks in a row before each rest. */
	readonly virtualHours: number;
}

const blinksBetweenRests = 20;

class Node {
	readonly machine: MachineClock;
	readonly keeper: Keeper;
	readonly #driver: Driver;
	readonly #orderOnce: boolean;
	#term = 0;
	#mine = false;
	#mute = false;

	constructor(bench: Bench, index: 0 | 1, world: {clock: VirtualClock; random: Random; api: FakeApi}) {
		const {clock, random, api} = world;
		this.machine = new MachineClock(clock);
		const fetcher = connect(api, clock, this.machine, random, bench.weather);
		this.#orderOnce = bench.orderOnce ?? false;
		this.#driver = bench.makeDriver({
			own: bench.ids[index],
			peer: bench.ids[index === 0 ? 1 : 0],
			fetcher,
			clock: this.machine,
		});
		this.keeper = new Keeper({driver: this.#driver, say: () => {}, clock: this.machine, jitter: index});
		this.keeper.start();
		this.#repeat();
	}

	hear(term: number, mine: boolean): void {
		if (term < this.#term) return;
		this.#term = term;
		this.#mine = mine;
		if (!this.#orderOnce) this.keeper.wish(term, mine);
		else if (mine) void this.#order(term);
	}

	async #order(term: number): Promise<void> {
		const signal = new AbortController().signal;
		await this.#driver.assign({signal, term, mayChange: () => {}}).catch(() => undefined);
	}

	/** Its heartbeat says nothing for a while. */
	mute(clock: VirtualClock, forMs: number): void {
		this.#mute = true;
		clock.after(forMs, () => {
			this.#mute = false;
		});
	}

	#repeat(): void {
		this.machine.after(1000, () => {
			if (!this.#mute && !this.#orderOnce) this.keeper.wish(this.#term, this.#mine);
			this.#repeat();
		});
	}
}

export async function runBench(bench: Bench): Promise<BenchReport> {
	const random = new Random(bench.seed);
	const clock = new VirtualClock();
	const address = new FakeAddress(random, bench.habits);
	const world = {clock, random, api: bench.makeApi(address)};
	const nodes = [new Node(bench, 0, world), new Node(bench, 1, world)] as const;
	const wrong: string[] = [];
	let slowestMs = 0;
	let needless = 0;
	let rests = 0;
	let master: 0 | 1 = 0;
	for (let blink = 1; blink <= bench.blinks; blink += 1) {
		master = master === 0 ? 1 : 0;
		blinkTo(master, blink, nodes, clock, random);
		if (blink % blinksBetweenRests !== 0) {
			await clock.pass(random.chance(0.5) ? random.spread(100, 3000) : random.spread(1000, 60_000));
			continue;
		}
		rests += 1;
		const settledMs = await rest(bench, address, bench.ids[master], clock);
		slowestMs = Math.max(slowestMs, settledMs);
		const ordersBefore = address.orders.length;
		await clock.pass(120_000);
		needless += address.orders.length - ordersBefore;
		const holder = address.holder(clock.now());
		if (holder !== bench.ids[master] || settledMs > bench.restMs) {
			wrong.push(
				`seed ${bench.seed}, blink ${blink}: at ${holder}, master ${bench.ids[master]}: ${JSON.stringify(nodes[master].keeper.describe())}`,
			);
		}
	}
	const closing = Promise.all(nodes.map(node => node.keeper.close(0)));
	await clock.pass(1);
	await closing;
	return {wrong, rests, orders: address.orders.length, slowestMs, needless, virtualHours: clock.now() / 3_600_000};
}

/** Both nodes hear of it in their own time; the loser may be late, frozen, or hear nothing more of its heartbeat. */
function blinkTo(master: 0 | 1, term: number, nodes: readonly [Node, Node], clock: VirtualClock, random: Random): void {
	const [winner, loser] = [nodes[master], nodes[master === 0 ? 1 : 0]];
	const fate = random.next();
	if (fate < 0.1) loser.machine.freeze(random.spread(500, 30_000));
	else if (fate < 0.2) loser.mute(clock, random.spread(500, 30_000));
	if (random.chance(0.05)) winner.machine.freeze(random.spread(100, 5000));
	winner.machine.after(random.next() * 200, () => winner.hear(term, true));
	loser.machine.after(random.spread(1, 5000), () => loser.hear(term, false));
}

/** Time until the address was at its master for the last time it got there, ms. */
async function rest({restMs}: Bench, address: FakeAddress, id: string, clock: VirtualClock): Promise<number> {
	const beganMs = clock.now();
	let arrivedMs: number | undefined;
	while (clock.now() - beganMs < restMs) {
		await clock.pass(250);
		if (address.holder(clock.now()) !== id) arrivedMs = undefined;
		else arrivedMs ??= clock.now();
	}
	return arrivedMs === undefined ? Number.POSITIVE_INFINITY : arrivedMs - beganMs;
}

import test from 'ava';
import {type CallContext, type Driver, DriverError} from '../src/driver.ts';
import {Keeper} from '../src/keeper.ts';
import {VirtualClock} from './fake/virtual-clock.ts';

/** A driver whose orders wait for the test, and a keeper that lives by a clock of its own. */
function stage(overrides: Partial<Driver> = {}) {
	const clock = new VirtualClock();
	const orders: {readonly context: CallContext; readonly goOn: () => void}[] = [];
	const sent: number[] = [];
	const said: string[] = [];
	const driver: Driver = {
		name: 'imaginary',
		target: 'x',
		watchEveryMs: 10_000,
		read: async () => ({at: 'peer'}),
		assign: async context => {
			await new Promise<void>(goOn => orders.push({context, goOn}));
			context.mayChange();
			sent.push(context.term);
			return undefined;
		},
		poll: async () => 'done',
		...overrides,
	};
	const keeper = new Keeper({driver, clock, jitter: 0, say: (level, message) => said.push(`${level} ${message}`)});
	return {clock, orders, sent, said, keeper};
}

test('an order that was decided before a freeze is not sent after it', async t => {
	const {clock, orders, sent, keeper} = stage();
	keeper.wish(1, true);
	await clock.pass(0);
	// For as long as the wish holds, the order may go out; nobody has confirmed it since.
	await clock.pass(2900);
	t.notThrows(() => orders[0]?.context.mayChange());
	await clock.pass(200);
	orders[0]?.goOn();
	await clock.pass(0);
	t.deepEqual(sent, []);
});

test('an order of an earlier term is not sent once a later one is heard of', async t => {
	const {clock, orders, sent, keeper} = stage();
	keeper.wish(1, true);
	await clock.pass(0);
	keeper.wish(2, false);
	t.true(orders[0]?.context.signal.aborted);
	orders[0]?.goOn();
	await clock.pass(0);
	t.deepEqual(sent, []);
	keeper.wish(3, true);
	await clock.pass(0);
	orders[1]?.goOn();
	await clock.pass(0);
	t.deepEqual(sent, [3]);
});

test('a closed keeper makes no call and sends no order', async t => {
	const {clock, orders, sent, keeper} = stage();
	keeper.wish(1, true);
	await clock.pass(0);
	await keeper.close(1000);
	orders[0]?.goOn();
	await clock.pass(600_000);
	t.deepEqual(sent, []);
	t.is(orders.length, 1);
});

test('closing gives the address up where that takes a call, and waits for no longer than it may', async t => {
	const released: number[] = [];
	const {clock, keeper} = stage({
		assign: async () => undefined,
		release: async ({term}) => {
			released.push(term);
		},
	});
	keeper.wish(4, true);
	await clock.pass(0);
	await keeper.close(1000);
	t.deepEqual(released, [4]);
	const stuck = stage({release: () => new Promise(() => {})});
	stuck.keeper.start();
	const closing = stuck.keeper.close(1000);
	await stuck.clock.pass(1000);
	await t.notThrowsAsync(closing);
});

test('a driver that throws anything is a failure with its words, said once', async t => {
	const {clock, said, keeper} = stage({
		read: async () => {
			throw new DriverError('the provider is asleep');
		},
	});
	keeper.start();
	await clock.pass(60_000);
	t.deepEqual(said, ['warn read failed: the provider is asleep']);
	t.regex(keeper.describe().trouble ?? '', /^read failed, \d+ times in a row: the provider is asleep$/);
});

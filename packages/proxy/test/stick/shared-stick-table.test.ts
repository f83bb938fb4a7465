/** A stick table against a plain Map: creation, expiry, purging and tracking, in every order. */
import test from 'ava';
import fc from 'fast-check';
import {SharedStickTable} from '../../src/stick/shared-stick-table.ts';
import {keyOf, makeStickTable} from '../helpers/stick-table.ts';

/** The simplest table that could be right: keys in the order of their last use. */
class Model {
	readonly entries = new Map<string, {gpc0: number; expiresMs: number; use: number}>();
	readonly size: number;
	readonly expireMs: number;
	readonly nopurge: boolean;

	constructor(size: number, expireMs: number, nopurge: boolean) {
		this.size = size;
		this.expireMs = expireMs;
		this.nopurge = nopurge;
	}

	find(key: string, nowMs: number) {
		this.expire(nowMs);
		return this.entries.get(key);
	}

	touch(key: string, nowMs: number) {
		const entry = this.entries.get(key)!;
		this.entries.delete(key);
		this.entries.set(key, entry);
		entry.expiresMs = nowMs + this.expireMs;
		return entry;
	}

	findOrCreate(key: string, nowMs: number) {
		if (this.find(key, nowMs)) return this.touch(key, nowMs);
		if (this.entries.size >= this.size && !this.purge(nowMs)) return undefined;
		this.entries.set(key, {gpc0: 0, expiresMs: 0, use: 0});
		return this.touch(key, nowMs);
	}

	purge(nowMs: number): boolean {
		if (this.nopurge) return false;
		for (const [key, {use}] of [...this.entries]) {
			if (use === 0) return this.entries.delete(key);
			this.touch(key, nowMs);
		}
		return false;
	}

	expire(nowMs: number): void {
		for (const [key, {use, expiresMs}] of [...this.entries]) {
			if (expiresMs > nowMs) continue;
			if (use === 0) this.entries.delete(key);
			else this.touch(key, nowMs);
		}
	}
}

type Step =
	| {readonly kind: 'add' | 'read' | 'use' | 'remove' | 'hold' | 'letGo'; readonly key: string}
	| {readonly kind: 'wait'; readonly ms: number};

const keys = ['a', 'bb', 'ccc', 'dddd', 'eeeee', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];
const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			kind: fc.constantFrom('add', 'read', 'use', 'remove', 'hold', 'letGo'),
			key: fc.constantFrom(...keys),
		}),
	},
	{weight: 2, arbitrary: fc.record({kind: fc.constant('wait' as const), ms: fc.integer({min: 0, max: 120})})},
);

test('every order of steps leaves the table as a plain Map would be', t => {
	fc.assert(
		fc.property(
			fc.array(step, {maxLength: 200}),
			fc.integer({min: 1, max: 6}),
			fc.boolean(),
			fc.integer(),
			(steps, size, nopurge, seed) => {
				const expireMs = 100;
				const table = SharedStickTable.create(makeStickTable({size, nopurge, expireMs}), 2, seed);
				const model = new Model(size, expireMs, nopurge);
				const gpc0 = table.column('gpc0')!;
				const holds = new Map<string, {slot: number; epoch: number}>();
				let nowMs = 1_000_000;
				for (const one of steps) {
					if (one.kind === 'wait') {
						nowMs += one.ms;
						table.expireAll(nowMs);
						model.expire(nowMs);
					} else compareStep(one.kind, one.key);
					t.is(table.used, model.entries.size);
				}
				for (const key of keys) t.is(table.valueByKey(keyOf(key), gpc0, nowMs), model.find(key, nowMs)?.gpc0);
				const listed = [...table.list(nowMs)].map(({key, use}) => `${Buffer.from(key).toString()} ${use}`);
				t.deepEqual(listed.sort(), [...model.entries].map(([key, {use}]) => `${key} ${use}`).sort());

				function compareStep(kind: Exclude<Step['kind'], 'wait'>, key: string) {
					switch (kind) {
						case 'add': {
							const entry = model.findOrCreate(key, nowMs);
							if (entry) entry.gpc0 += 1;
							t.is(table.addByKey(keyOf(key), [gpc0], 1, nowMs), entry?.gpc0);
							break;
						}
						case 'read':
							t.is(table.valueByKey(keyOf(key), gpc0, nowMs), model.find(key, nowMs)?.gpc0);
							break;
						case 'use': {
							const entry = model.find(key, nowMs) && model.touch(key, nowMs);
							t.is(table.useByKey(keyOf(key), gpc0, nowMs), entry?.gpc0);
							break;
						}
						case 'remove': {
							const entry = model.find(key, nowMs);
							const expected = entry === undefined ? 'none' : entry.use > 0 ? 'busy' : 'removed';
							if (expected === 'removed') model.entries.delete(key);
							t.is(table.removeByKey(keyOf(key), nowMs), expected);
							break;
						}
						case 'hold': {
							if (holds.has(key)) break;
							const entry = model.findOrCreate(key, nowMs);
							if (entry) entry.use += 1;
							const hold = table.hold(keyOf(key), nowMs);
							t.is(hold === undefined, entry === undefined);
							if (hold) holds.set(key, hold);
							break;
						}
						case 'letGo': {
							const hold = holds.get(key);
							if (!hold) break;
							holds.delete(key);
							model.expire(nowMs);
							model.entries.get(key)!.use -= 1;
							model.touch(key, nowMs);
							table.letGo(hold, nowMs);
							break;
						}
					}
				}
			},
		),
		{numRuns: 300},
	);
});

test('an entry lives from its last use on', t => {
	const table = SharedStickTable.create(makeStickTable({expireMs: 1000}), 1, 1);
	const gpc0 = table.column('gpc0')!;
	table.addByKey(keyOf('a'), [gpc0], 7, 5000);
	t.is(table.useByKey(keyOf('a'), gpc0, 5999), 7);
	t.is(table.valueByKey(keyOf('a'), gpc0, 6998), 7, 'looking does not prolong its life');
	t.is(table.valueByKey(keyOf('a'), gpc0, 6999), undefined);
	t.is(table.used, 0);
});

test('a full table forgets the entry that was used longest ago, or nobody under nopurge', t => {
	for (const nopurge of [false, true]) {
		const table = SharedStickTable.create(makeStickTable({size: 2, nopurge}), 1, 1);
		const gpc0 = table.column('gpc0')!;
		table.addByKey(keyOf('a'), [gpc0], 1, 1);
		table.addByKey(keyOf('b'), [gpc0], 1, 2);
		table.useByKey(keyOf('a'), gpc0, 3);
		t.is(table.addByKey(keyOf('c'), [gpc0], 1, 4), nopurge ? undefined : 1);
		t.deepEqual(
			['a', 'b', 'c'].map(key => table.has(keyOf(key), 5)),
			nopurge ? [true, true, false] : [true, false, true],
		);
	}
});

test('what a dead worker tracked is given back', t => {
	const spec = makeStickTable();
	const main = SharedStickTable.create(spec, 2, 1);
	const [first, second] = [0, 1].map(index => new SharedStickTable(spec, main.buffer, 2, index));
	const current = main.column('conn_cur')!;
	for (const worker of [first!, second!]) worker.add(worker.hold(keyOf('a'), 1)!, [current], 1, 1);
	t.is(main.valueByKey(keyOf('a'), current, 2), 2);
	t.is(main.removeByKey(keyOf('a'), 2), 'busy');
	main.reclaim(0);
	t.is(main.valueByKey(keyOf('a'), current, 2), 1);
	main.reclaim(1);
	t.is(main.removeByKey(keyOf('a'), 2), 'removed');
});

test('a worker that died with the lock leaves an empty table, and the holds of others end quietly', t => {
	const spec = makeStickTable();
	const main = SharedStickTable.create(spec, 2, 1);
	const other = new SharedStickTable(spec, main.buffer, 2, 1);
	const gpc0 = main.column('gpc0')!;
	const hold = other.hold(keyOf('a'), 1)!;
	// As worker 0 would have left it.
	new Int32Array(main.buffer)[0] = 1;
	t.throws(() => main.has(keyOf('a'), 2), {message: /repaired/});
	main.reclaim(0);
	t.is(main.used, 0);
	other.add(hold, [gpc0], 1, 3);
	other.letGo(hold, 3);
	t.is(other.read(hold, gpc0, 3), 0);
	t.is(main.addByKey(keyOf('b'), [gpc0], 1, 4), 1);
});

test('a large table costs memory only where it is used', t => {
	const table = SharedStickTable.create(makeStickTable({size: 2 ** 20}), 1, 1);
	const before = process.memoryUsage().rss;
	table.addByKey(keyOf('a'), [table.column('gpc0')], 1, 1);
	t.true(process.memoryUsage().rss - before < 16 * 2 ** 20);
});

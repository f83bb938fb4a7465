import test from 'ava';
import fc from 'fast-check';
import {comparePreference, compareRank, type Rank, serviceClass} from '../src/index.ts';

const rank = (changes: Partial<Rank> = {}): Rank => ({
	...{eligible: true, maintenance: false, health: 255, incumbent: false, priority: 100, address: '0a00000b'},
	...changes,
});

/** Each reason beats every reason below it, however strong those are. */
const ladder: readonly (readonly [string, Partial<Rank>])[] = [
	['fit for service', {eligible: true}],
	['not in maintenance', {maintenance: false}],
	['health', {health: 200}],
	['incumbent', {incumbent: true}],
	['priority', {priority: 101}],
	['address', {address: '0a00000c'}],
];
const weakest: Rank = rank({eligible: false, maintenance: true, health: 199, priority: 100, address: '0a00000b'});

test('§5.3: the rank is lexicographic: eligible, maintenance, health, incumbent, priority, address', t => {
	ladder.forEach(([what, better], index) => {
		const above = Object.assign({}, ...ladder.slice(0, index).map(([, same]) => same)) as Partial<Rank>;
		const below = {health: 255, incumbent: true, priority: 254, address: 'ffffffff', maintenance: false};
		const lower = Object.fromEntries(
			Object.entries(below).filter(([name]) => ladder.slice(index + 1).some(([, change]) => name in change)),
		);
		const a = {...weakest, ...above, ...better};
		const b = {...weakest, ...above, ...lower};
		t.true(compareRank(a, b) > 0, what);
		t.true(compareRank(b, a) < 0, what);
	});
});

const ranks: fc.Arbitrary<Rank> = fc.record({
	eligible: fc.boolean(),
	maintenance: fc.boolean(),
	health: fc.integer({min: 253, max: 255}),
	incumbent: fc.boolean(),
	priority: fc.integer({min: 1, max: 3}),
	address: fc.constantFrom('0a00000b', '0a00000c', '0b000001'),
});

test('The order is total: both nodes come to the same answer, and no two different addresses tie', t => {
	fc.assert(
		fc.property(ranks, ranks, ranks, (a, b, c) => {
			t.is(Math.sign(compareRank(a, b)), -Math.sign(compareRank(b, a)) + 0);
			if (a.address !== b.address) t.not(compareRank(a, b), 0);
			if (compareRank(a, b) > 0 && compareRank(b, c) > 0) t.true(compareRank(a, c) > 0);
		}),
		{seed: 7, numRuns: 1000},
	);
});

test('Only a node that can serve is in class 2; one out for maintenance still comes before one that cannot', t => {
	t.is(serviceClass({eligible: true, maintenance: false}), 2);
	t.is(serviceClass({eligible: true, maintenance: true}), 1);
	t.is(serviceClass({eligible: false, maintenance: false}), 0);
	t.is(serviceClass({eligible: false, maintenance: true}), 0);
});

test('RFC 5798 §6.4.3: between equal priorities the greater address is preferred', t => {
	t.true(comparePreference({priority: 100, address: '0a00000c'}, {priority: 100, address: '0a00000b'}) > 0);
	t.true(comparePreference({priority: 101, address: '0a00000b'}, {priority: 100, address: '0a00000c'}) > 0);
});

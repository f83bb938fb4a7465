import test from 'ava';
import {findOnCircle, makeCircle} from '../../src/balance/hash-circle.ts';
import {hashText} from '../../src/balance/hash-functions.ts';
import {buildPlan} from '../../src/balance/pick.ts';

const hashType = {method: 'consistent', function: 'sdbm', avalanche: true} as const;
const hashes = Array.from({length: 5000}, (_, i) => hashText(`/page/${i}`, hashType));

interface Sketch {
	weight?: number;
	up?: boolean;
}

/** The server of each hash. */
function owners(servers: readonly Sketch[]): number[] {
	const view = {
		count: servers.length,
		usable: (i: number) => servers[i]!.up ?? true,
		weight: (i: number) => servers[i]!.weight ?? 10,
		ramp: () => 16,
		id: (i: number) => i + 1,
		backup: () => false,
		slots: () => 0,
		full: () => false,
	};
	const plan = buildPlan({balance: 'uri', hashType, allBackups: false}, view);
	return hashes.map(hash => plan.pick(view, 0, hash, -1));
}

test('when a server leaves only its own requests move, and they come back with it', t => {
	const all = owners([{}, {}, {}, {}]);
	const without = owners([{}, {}, {up: false}, {}]);
	const moved = all.filter((server, i) => server !== without[i]);
	t.deepEqual(new Set(moved), new Set([2]));
	t.false(without.includes(2));
	// Those of the server that left go to all the others.
	t.deepEqual([...new Set(without.filter((_, i) => all[i] === 2))].sort(), [0, 1, 3]);
	t.deepEqual(owners([{}, {}, {}, {}]), all);
});

test('a new server takes requests from the others and moves none between them', t => {
	const before = owners([{}, {}, {}]);
	const after = owners([{}, {}, {}, {}]);
	t.deepEqual(new Set(after.filter((server, i) => server !== before[i])), new Set([3]));
});

test('shares follow weights', t => {
	const found = owners([{weight: 30}, {weight: 10}]);
	const share = found.filter(server => server === 0).length / found.length;
	t.true(share > 0.68 && share < 0.82, `${share}`);
});

test('a weight that grows only takes', t => {
	const before = owners([{weight: 10}, {weight: 10}]);
	const after = owners([{weight: 10}, {weight: 20}]);
	t.deepEqual(new Set(after.filter((server, i) => server !== before[i])), new Set([1]));
});

test('the map of the other hash type moves nearly everybody, which is why there is a circle', t => {
	const map = {method: 'map-based', function: 'sdbm', avalanche: false} as const;
	const pick = (ups: readonly boolean[]) => {
		const view = {
			count: 4,
			usable: (i: number) => ups[i]!,
			weight: () => 1,
			ramp: () => 16,
			id: (i: number) => i + 1,
			backup: () => false,
			slots: () => 0,
			full: () => false,
		};
		const plan = buildPlan({balance: 'uri', hashType: map, allBackups: false}, view);
		return hashes.map(hash => plan.pick(view, 0, hash, -1));
	};
	const before = pick([true, true, true, true]);
	const after = pick([true, true, false, true]);
	const moved = before.filter((server, i) => server !== after[i]).length / hashes.length;
	t.true(moved > 0.5, `${moved}`);
});

test('the nearest point counts, around the end of the range too', t => {
	const circle = {points: Uint32Array.of(100, 0x9000_0000, 0xffff_ff00), owners: Uint16Array.of(0, 1, 2)};
	const find = (hash: number) => findOnCircle(circle, hash, () => true);
	t.is(find(100), 0);
	t.is(find(0), 0);
	t.is(find(0xffff_fff0), 0);
	t.is(find(0xffff_ff02), 2);
	t.is(find(0x9000_0001), 1);
	t.is(
		findOnCircle(circle, 100, server => server === 1),
		1,
	);
	t.is(
		findOnCircle(circle, 100, () => false),
		-1,
	);
	t.is(
		findOnCircle({points: new Uint32Array(), owners: new Uint16Array()}, 1, () => true),
		-1,
	);
});

test('a server has one point for each sixteenth of its weight', t => {
	const {points, owners: owned} = makeCircle(Uint16Array.of(4, 7), [3, 16], {id: i => i});
	t.is(points.length, 19);
	t.is(owned.filter(server => server === 4).length, 3);
	t.deepEqual(
		[...points],
		[...points].sort((a, b) => a - b),
	);
});

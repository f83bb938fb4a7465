import {type BalanceAlgorithm, PLAIN_BALANCE} from '@hapair/config';
import test from 'ava';
import {ALL_FULL, buildPlan, NO_SERVER, type ServerView} from '../../src/balance/pick.ts';

interface Sketch {
	weight?: number;
	ramp?: number;
	up?: boolean;
	backup?: boolean;
	slots?: number;
	full?: boolean;
}

function view(servers: Sketch[]): ServerView {
	return {
		count: servers.length,
		usable: i => servers[i]!.up ?? true,
		weight: i => servers[i]!.weight ?? 1,
		ramp: i => servers[i]!.ramp ?? 16,
		id: i => i + 1,
		backup: i => servers[i]!.backup ?? false,
		slots: i => servers[i]!.slots ?? 0,
		full: i => servers[i]!.full ?? false,
	};
}

function picks(
	algorithm: BalanceAlgorithm,
	servers: Sketch[],
	turns: number,
	allBackups = false,
	avoid = -1,
): number[] {
	const seen = view(servers);
	const plan = buildPlan({balance: algorithm, allBackups}, seen);
	return Array.from({length: turns}, (_, turn) => plan.pick(seen, turn, turn, avoid));
}

const down = {up: false};
const backup = {backup: true};
const full = {full: true};

for (const [title, algorithm, servers, allBackups, expected] of [
	['roundrobin takes turns', 'roundrobin', [{}, {}, {}], false, [0, 1, 2, 0]],
	['roundrobin leaves out a server that is down', 'roundrobin', [{}, down, {}], false, [0, 2, 0, 2]],
	['roundrobin leaves out weight 0', 'roundrobin', [{}, {weight: 0}], false, [0, 0, 0, 0]],
	['roundrobin skips a full server', 'roundrobin', [{}, full, {}], false, [0, 2, 2, 0]],
	['roundrobin follows weights', 'roundrobin', [{weight: 3}, {}], false, [0, 0, 0, 1]],
	['static-rr follows the fixed map', 'static-rr', [{weight: 3}, {}], false, [0, 0, 0, 1]],
	['all full means wait', 'roundrobin', [full, full], false, [ALL_FULL, ALL_FULL, ALL_FULL, ALL_FULL]],
	['all down means no server', 'roundrobin', [down, down], false, [-1, -1, -1, -1]],
	['no server at all', 'leastconn', [], false, [-1, -1, -1, -1]],
	['a backup waits while an active server is usable', 'roundrobin', [down, {}, backup], false, [1, 1, 1, 1]],
	['an active server that is full is still usable', 'roundrobin', [full, backup], false, [-2, -2, -2, -2]],
	[
		'only the first usable backup serves',
		'roundrobin',
		[down, {...backup, ...down}, backup, backup],
		false,
		[2, 2, 2, 2],
	],
	['allbackups uses them all', 'roundrobin', [down, backup, backup], true, [1, 2, 1, 2]],
	['active servers of weight 0 hand over to backups', 'roundrobin', [{weight: 0}, backup], false, [1, 1, 1, 1]],
	['roundrobin lets a server grow under slowstart', 'roundrobin', [{ramp: 8}, {}], false, [1, 1, 0, 1]],
	['static-rr knows no slowstart', 'static-rr', [{ramp: 8}, {}], false, [0, 1, 0, 1]],
	['leastconn weighs a server under slowstart', 'leastconn', [{slots: 1, ramp: 4}, {slots: 3}], false, [1, 1, 1, 1]],
	['leastconn takes the least loaded', 'leastconn', [{slots: 4}, {slots: 2}, {slots: 3}], false, [1, 1, 1, 1]],
	['leastconn rotates between equals', 'leastconn', [{}, {}, {}], false, [0, 1, 2, 0]],
	['leastconn divides by weight', 'leastconn', [{slots: 5, weight: 4}, {slots: 2}], false, [0, 0, 0, 0]],
	['leastconn fills an idle server first', 'leastconn', [{slots: 1, weight: 100}, {}], false, [1, 1, 1, 1]],
	['leastconn skips a full server', 'leastconn', [full, {slots: 9}], false, [1, 1, 1, 1]],
	['leastconn waits when all are full', 'leastconn', [full, full], false, [-2, -2, -2, -2]],
	['first fills servers in file order', 'first', [full, {}, {}], false, [1, 1, 1, 1]],
	['source stays with the hash', 'source', [{}, {}, {}], false, [0, 1, 2, 0]],
	['source stays with a full server', 'source', [full, {}], false, [0, 1, 0, 1]],
	['source spreads over usable servers', 'source', [{}, down, {}], false, [0, 2, 0, 2]],
] as const satisfies readonly (readonly [string, BalanceAlgorithm, readonly Sketch[], boolean, readonly number[]])[]) {
	test(`${title}`, t => {
		t.deepEqual(picks(algorithm, [...servers], 4, allBackups), [...expected]);
	});
}

for (const algorithm of ['roundrobin', 'static-rr', 'leastconn', 'source', 'first', 'random'] as const) {
	test(`${algorithm} avoids a server when there is another`, t => {
		t.deepEqual(new Set(picks(algorithm, [{}, {}], 8, false, 0)), new Set([1]));
	});

	test(`${algorithm} takes the avoided server when it is the only one`, t => {
		t.deepEqual(new Set(picks(algorithm, [{}, down], 8, false, 0)), new Set([0]));
	});

	test(`${algorithm} never takes a server that went down after its plan was made`, t => {
		const servers: Sketch[] = [{}, {}];
		const seen = view(servers);
		const plan = buildPlan({balance: algorithm, allBackups: false}, seen);
		servers[0]!.up = false;
		for (let turn = 0; turn < 20; turn++) t.is(plan.pick(seen, turn, turn, -1), 1);
		servers[1]!.up = false;
		t.is(plan.pick(seen, 0, 0, -1), NO_SERVER);
	});

	test(`${algorithm} copes with turns beyond 32 bits`, t => {
		const seen = view([{}, {}, {}]);
		const plan = buildPlan({balance: algorithm, allBackups: false}, seen);
		for (const turn of [0xffffffff, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
			const server = plan.pick(seen, turn, 0xffffffff, -1);
			t.true(server >= 0 && server < 3);
		}
	});
}

test('a long cycle of full servers still finds the one with room', t => {
	const servers: Sketch[] = [{weight: 255, full: true}, {weight: 254, full: true}, {weight: 1}];
	t.deepEqual(new Set(picks('roundrobin', servers, 600)), new Set([2]));
});

test('random follows weights and prefers the less loaded of two draws', t => {
	const share = (servers: Sketch[]) => picks('random', servers, 3000).filter(i => i === 0).length / 3000;
	const even = share([{}, {}]);
	t.true(even > 0.4 && even < 0.6, `${even}`);
	const heavy = share([{weight: 3}, {}]);
	t.true(heavy > 0.6, `${heavy}`);
	t.true(share([{slots: 5}, {slots: 1}]) < 0.35);
});

test('more draws find the least loaded more often', t => {
	const servers: Sketch[] = [{slots: 1}, {slots: 5}, {slots: 5}, {slots: 5}];
	const share = (draws: number) => {
		const seen = view(servers);
		const balanceOptions = {...PLAIN_BALANCE, draws};
		const plan = buildPlan({balance: 'random', balanceOptions, allBackups: false}, seen);
		return Array.from({length: 2000}, (_, turn) => plan.pick(seen, turn, -1, -1)).filter(i => i === 0).length / 2000;
	};
	t.true(share(1) > 0.2 && share(1) < 0.3, `${share(1)}`);
	t.true(share(2) > 0.38 && share(2) < 0.5, `${share(2)}`);
	t.true(share(5) > 0.68, `${share(5)}`);
});

test('first goes by id, not by place', t => {
	const seen = {...view([{}, {}, {}]), id: (i: number) => [30, 10, 20][i]!};
	const plan = buildPlan({balance: 'first', allBackups: false}, seen);
	t.is(plan.pick(seen, 0, -1, -1), 1);
	t.is(plan.pick(seen, 0, -1, 1), 2);
});

import test from 'ava';
import {benchPlans} from './fake/benches.ts';
import {runBench} from './fake/blinks.ts';
import {storm} from './fake/network.ts';

/** Actions of up to 30 s, of which some fail, and readings that lag behind: what the providers' users report. */
const habits = {actionMs: [0, 30_000], actionFails: 0.05, lagMs: 3000} as const;
const common = {seed: 1, blinks: 1000, weather: storm, habits, restMs: 600_000};

for (const [name, plan] of Object.entries(benchPlans)) {
	test(`${name}: after 1,000 blinks under lost, late and refused calls the address is at the master at every rest`, async t => {
		const report = await runBench({...common, ...plan});
		const hours = report.virtualHours.toFixed(1);
		t.log(
			`${report.rests} rests in ${hours} h, ${report.orders} orders, slowest ${(report.slowestMs / 1000).toFixed(0)} s`,
		);
		t.deepEqual(report.wrong, []);
		t.is(report.rests, 50);
		// Nothing is ordered that is in its place.
		t.is(report.needless, 0);
	});
}

test('one order at each claim, as a notify script gives it, leaves the address at the wrong node', async t => {
	const plan = benchPlans['hetzner-cloud']!;
	const report = await runBench({...common, ...plan, restMs: 60_000, orderOnce: true});
	t.log(`wrong at ${report.wrong.length} of ${report.rests} rests`);
	t.true(report.wrong.length > 5);
});

/**
 * What may be cut, in every combination: each direction of two paths, the gateway of one node, its witness.
 *
 * Some in each run, all 64 with HAPAIR_DROPS=all (five minutes). In none do two answer, and after each the pair finds one master.
 */
import test from 'ava';
import {secondPath} from '../lab/network.ts';
import {letPassMs, monotonicMs} from '../lab/wait.ts';
import {assertNeverTwo, figure, waitForPair, withPair} from './with-pair.ts';

const CUTS = [
	'lb1 to lb2 on the first path',
	'lb2 to lb1 on the first path',
	'lb1 to lb2 on the second path',
	'lb2 to lb1 on the second path',
	'lb1 and its gateway',
	'lb1 and the witness',
] as const;

/** Everything between the nodes with and without the witness, one direction of both paths, the gateway, all at once. */
const SOME = [0b00_11_11, 0b10_11_11, 0b00_01_01, 0b00_10_10, 0b01_00_00, 0b11_11_11];
const chosen = process.env.HAPAIR_DROPS === 'all' ? Array.from({length: 64}, (_, drops) => drops) : SOME;

test.serial(`${chosen.length} combinations of what can be cut: never two masters, and one afterwards`, async t => {
	const lines = [
		`path ${secondPath.lb1} ${secondPath.lb2}`,
		'track gateway 10.0.0.1 every 300ms timeout 300ms rise 1 fall 2',
	];
	await withPair(t, {witness: true, advertise: 'fast', lines}, async lab => {
		t.timeout(600_000);
		const eyes = await lab.probeEyes();
		const {network} = lab;
		let slowestMs = 0;
		let moves = 0;
		let master = 'lb1';
		for (const drops of chosen) {
			const cut = CUTS.filter((_, index) => (drops >> index) % 2 === 1);
			if (drops & 1) network.cutOneWay('lb1', 'lb2');
			if (drops & 2) network.cutOneWay('lb2', 'lb1');
			if (drops & 4) network.cutSecondPathOneWay('lb1', 'lb2');
			if (drops & 8) network.cutSecondPathOneWay('lb2', 'lb1');
			if (drops & 16) network.cutFromWeb('lb1', 'web1');
			if (drops & 32) network.cutFromClient('lb1');
			await letPassMs(1500);
			const statuses = await Promise.all([lab.readStatus('lb1'), lab.readStatus('lb2')]);
			const masters = statuses.filter(({self}) => self.state === 'master' && self.holdsAddress).length;
			t.true(masters <= 1, `two masters with cut: ${cut.join(', ')}`);
			// Only the whole way between the nodes and the way to the witness together leave nobody, and only at the node that is cut off.
			t.true(masters === 1 || (drops & 32) > 0, `nobody is master with cut: ${cut.join(', ') || 'nothing'}`);
			network.healBetweenNodes();
			const healedMs = monotonicMs();
			const now = await waitForPair(lab);
			slowestMs = Math.max(slowestMs, Math.round(monotonicMs() - healedMs));
			if (now !== master) moves += 1;
			master = now;
		}
		figure(t, 'one master after the heal, at the latest after', slowestMs);
		figure(t, 'moves', moves, '');
		await assertNeverTwo(t, eyes);
	});
});

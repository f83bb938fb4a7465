import test from 'ava';
import {Duo, type Name} from '../helpers/duo.ts';
import {createRandom} from '../simulation/random.ts';

const HOUR_MS = 3_600_000;

/** A pair that has come together, on a line that loses from now on. */
function onBadLine(seed: number, isLost: (node: Name, random: ReturnType<typeof createRandom>) => boolean): Duo {
	const duo = new Duo().run(5000);
	const random = createRandom(seed);
	duo.isLost = node => isLost(node, random);
	duo.log.length = 0;
	return duo;
}

test('An hour on a line that loses three of ten moves nothing', t => {
	for (const seed of [1, 2, 3]) {
		const duo = onBadLine(seed, (_, random) => random.chance(0.3));
		duo.run(HOUR_MS);
		t.deepEqual(duo.story('claim', 'release'), []);
	}
});

test('Nor does one direction that loses four of ten', t => {
	for (const lossy of ['lb1', 'lb2'] as const) {
		const duo = onBadLine(7, (node, random) => node === lossy && random.chance(0.4));
		duo.run(HOUR_MS / 6);
		t.deepEqual(duo.story('claim', 'release'), []);
	}
});

test('After a loss advertisements go four times as often for a while, then as before', t => {
	let lose = true;
	const duo = onBadLine(1, node => node === 'lb1' && lose);
	duo.run(450);
	lose = false;
	duo.run(200);
	const sent = (node: Name) =>
		duo.log.filter(one => one.node === node && one.effect.type === 'sendAdvertisement').length;
	duo.log.length = 0;
	duo.run(1000);
	t.true(sent('lb1') >= 18, `${sent('lb1')} of lb1`);
	t.true(sent('lb2') >= 18, `${sent('lb2')} of lb2`);
	duo.run(30_000);
	duo.log.length = 0;
	duo.run(1000);
	t.true(sent('lb1') <= 6, `${sent('lb1')} of lb1`);
	t.true(sent('lb2') <= 6, `${sent('lb2')} of lb2`);
});

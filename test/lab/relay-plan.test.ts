import test from 'ava';
import {type Impairment, RelayPlan} from './relay-plan.ts';

const clean: Impairment = {seed: 7, delayMs: 0, reorderPercent: 0, duplicatePercent: 0};

/** Frames 0, 1, 2, … each 200 ms; what leaves, with its time, in 1 ms steps. */
function play(impairment: Impairment, frames = 500): {atMs: number; frame: number}[] {
	const plan = new RelayPlan<number>(impairment, 0);
	const left: {atMs: number; frame: number}[] = [];
	for (let nowMs = 0; nowMs < frames * 200 + 1000; nowMs++) {
		if (nowMs % 200 === 0 && nowMs / 200 < frames) plan.add(nowMs / 200, nowMs);
		for (const frame of plan.takeDue(nowMs)) left.push({atMs: nowMs, frame});
	}
	return left;
}

test('Without impairment each frame leaves at once and in its order', t => {
	t.deepEqual(
		play(clean, 20),
		Array.from({length: 20}, (_, frame) => ({atMs: frame * 200, frame})),
	);
});

test('The delay is spread over its range and the same for the same seed', t => {
	const delays = play({...clean, delayMs: 80}).map(({atMs, frame}) => atMs - frame * 200);
	t.is(delays.length, 500);
	t.true(delays.every(delay => delay >= 0 && delay <= 81));
	t.true(delays.some(delay => delay < 10) && delays.some(delay => delay > 70));
	t.deepEqual(play({...clean, delayMs: 80}), play({...clean, delayMs: 80}));
	t.notDeepEqual(play({...clean, delayMs: 80}), play({...clean, seed: 8, delayMs: 80}));
});

test('A frame that is held back leaves behind the next one, and none is lost', t => {
	const left = play({...clean, delayMs: 80, reorderPercent: 10}).map(({frame}) => frame);
	t.deepEqual(
		[...left].sort((a, b) => a - b),
		Array.from({length: 500}, (_, frame) => frame),
	);
	const overtaken = left.filter((frame, index) => index > 0 && frame < left[index - 1]!);
	t.true(overtaken.length > 25 && overtaken.length < 75, `${overtaken.length} of 500`);
});

test('The last frame leaves although none follows it', t => {
	const left = play({...clean, reorderPercent: 100}, 1);
	t.deepEqual(left, [{atMs: 500, frame: 0}]);
});

test('A doubled frame leaves twice', t => {
	const left = play({...clean, duplicatePercent: 10});
	t.true(left.length > 525 && left.length < 575, `${left.length} for 500`);
	t.is(new Set(left.map(({frame}) => frame)).size, 500);
});

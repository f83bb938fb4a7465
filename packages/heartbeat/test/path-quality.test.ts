import test from 'ava';
import {lossPercent, type PathQuality, recordArrival, unheardPath} from '../src/path-quality.ts';

function arrive(sequences: Iterable<number>, bootId = 'a', from: PathQuality = unheardPath): PathQuality {
	let quality = from;
	for (const sequence of sequences) quality = recordArrival(quality, bootId, sequence, sequence * 200);
	return quality;
}

const range = (from: number, to: number): number[] => Array.from({length: to - from + 1}, (_, index) => from + index);

test('A path that carries everything loses nothing', t => {
	t.is(lossPercent(arrive(range(1, 250)), 'a', 250), 0);
});

test('Every second one missing is 50 per cent', t => {
	t.is(lossPercent(arrive(range(1, 250).filter(sequence => sequence % 2 === 0)), 'a', 250), 50);
});

test('A path that fell silent while another goes on loses more and more', t => {
	const quality = arrive(range(1, 100));
	t.is(lossPercent(quality, 'a', 150), 50);
	t.is(lossPercent(quality, 'a', 200), 100);
	t.is(lossPercent(quality, 'a', 2000), 100);
});

test('What was lost before the path was first heard does not count', t => {
	t.is(lossPercent(arrive(range(90, 100)), 'a', 100), 0);
});

test('Late arrivals and duplicates count once', t => {
	t.is(lossPercent(arrive([1, 3, 2, 2, 3, 4]), 'a', 4), 0);
});

test('A new boot of the peer counts anew, and no more than the window is kept', t => {
	const quality = arrive(range(5, 8), 'b', arrive(range(1, 5000)));
	t.is(quality.arrived.size, 4);
	t.is(lossPercent(quality, 'b', 8), 0);
	t.is(arrive(range(1, 5000)).arrived.size, 100);
});

test('A path that was never heard loses everything once the peer is heard elsewhere, and nothing before', t => {
	t.is(lossPercent(unheardPath, '', 0), 0);
	t.is(lossPercent(unheardPath, 'a', 10), 100);
	t.is(lossPercent(arrive(range(1, 5)), 'b', 3), 100, 'it has not carried the present boot yet');
});

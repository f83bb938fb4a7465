import test from 'ava';
import {RoundTripWindow, SentTimes} from '../src/round-trip.ts';

const echo = (sequence: number, ageMs: number) => ({bootId: 'a', sequence, ageMs});

test('The peer keeps an echo for a while, and that while is not on the way', t => {
	const sent = new SentTimes();
	sent.record(7, 1000);
	t.is(sent.roundTripMs(echo(7, 150), 1162), 12);
});

test('A way faster than the peer rounds takes nothing, never less', t => {
	const sent = new SentTimes();
	sent.record(1, 1000);
	t.is(sent.roundTripMs(echo(1, 51), 1050.8), 0);
});

test('Echoes of what was not sent, or long ago, tell nothing', t => {
	const sent = new SentTimes();
	t.is(sent.roundTripMs(echo(0, 0), 5), undefined);
	for (let sequence = 40; sequence <= 140; sequence += 1) sent.record(sequence, sequence);
	t.is(sent.roundTripMs(echo(141, 0), 200), undefined, 'not sent yet');
	t.is(sent.roundTripMs(echo(76, 0), 200), undefined, 'its place is taken');
	t.is(sent.roundTripMs(echo(77, 0), 200), 123);
});

test('The median and the worst of the newest 32', t => {
	const window = new RoundTripWindow();
	t.is(window.summarize(), undefined);
	window.record(500);
	for (let ms = 1; ms <= 32; ms += 1) window.record(ms);
	t.deepEqual(window.summarize(), {medianMs: 17, worstMs: 32});
});

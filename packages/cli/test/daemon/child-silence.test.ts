/** How long a child may say nothing: before its first word, after it, and its threads. */
import test from 'ava';
import {ChildSilence, tickMs} from '../../src/daemon/child-silence.ts';

/** Lets time pass until it is too long, or `forMs` are over. @returns when it was too long, and the limit. */
function wait(silence: ChildSilence, forMs: number): {readonly afterMs: number; readonly limitMs: number} | undefined {
	for (let afterMs = tickMs; afterMs <= forMs; afterMs += tickMs) {
		const limitMs = silence.tick();
		if (limitMs !== undefined) return {afterMs, limitMs};
	}
	return undefined;
}

test('a child has a minute for its first word, then its own limit', t => {
	const silence = new ChildSilence(3000);
	silence.begin();
	t.is(wait(silence, 60_000), undefined);
	silence.hearWord();
	t.deepEqual(wait(silence, 10_000), {afterMs: 3500, limitMs: 3000});
});

test('without a first word it is too long after a minute, and in the next life no sooner', t => {
	const silence = new ChildSilence(3000);
	silence.begin();
	t.deepEqual(wait(silence, 100_000), {afterMs: 60_500, limitMs: 60_000});
	silence.begin();
	silence.hearWord();
	silence.begin();
	t.deepEqual(wait(silence, 100_000), {afterMs: 60_500, limitMs: 60_000}, 'a word of the life before counts no more');
});

test('a limit above a minute holds for the first word too', t => {
	const silence = new ChildSilence(90_000);
	silence.begin();
	t.deepEqual(wait(silence, 100_000), {afterMs: 90_500, limitMs: 90_000});
});

test('threads are missed only once they have given a sign, however much the child says', t => {
	const silence = new ChildSilence(3000);
	silence.begin();
	const talk = (forMs: number) => {
		for (let afterMs = tickMs; afterMs <= forMs; afterMs += tickMs) {
			silence.hearWord();
			if (silence.tick() !== undefined) return afterMs;
		}
		return undefined;
	};
	t.is(talk(10_000), undefined);
	t.is(silence.signlessMs, undefined);
	silence.hearSign();
	t.is(talk(10_000), 3500);
	t.is(silence.signlessMs, 3500);
	silence.begin();
	t.is(talk(10_000), undefined);
});

test('who is silent and not gone at once is too long silent only after another limit', t => {
	const silence = new ChildSilence(3000);
	silence.hearWord();
	t.deepEqual(wait(silence, 4000), {afterMs: 3500, limitMs: 3000});
	t.is(silence.silentMs, 0);
	t.is(wait(silence, 3000), undefined);
	t.deepEqual(wait(silence, 500), {afterMs: 500, limitMs: 3000});
});

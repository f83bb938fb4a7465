import test from 'ava';
import fc from 'fast-check';
import {didYouMean, distancesFrom, suggest} from '../src/suggestions.ts';

const words = ['balance', 'backend', 'bind', 'server', 'timeout'];

test('the nearest word is suggested: dropped, added, wrong and swapped letters', t => {
	t.is(suggest('balnce', words), 'balance');
	t.is(suggest('balancee', words), 'balance');
	t.is(suggest('balanbe', words), 'balance');
	t.is(suggest('blaance', words), 'balance');
	t.is(suggest('BALANCE', words), 'balance');
});

test('a word of which more than a third would change is no typing mistake', t => {
	t.is(suggest('foo', words), undefined);
	t.is(suggest('bn', words), undefined);
	t.is(suggest('srvr', words), undefined);
	t.is(suggest('', words), undefined);
	t.is(suggest('x'.repeat(41), ['x'.repeat(40)]), undefined);
});

test('of equals the first is taken', t => {
	t.is(suggest('ba', ['bb', 'bc']), 'bb');
});

test('a hint is a question, or nothing', t => {
	t.is(didYouMean('bnd', words), "did you mean 'bind'?");
	t.is(didYouMean('zzz', words), undefined);
});

test('a long list is read only so far', t => {
	function* endless(): Generator<string> {
		for (;;) yield 'something';
	}
	t.is(suggest('zzzzzzzzz', endless()), undefined);
	const near = Array.from({length: 2000}, (_, index) => `static_content_${index}`);
	t.is(suggest('static_content_12x', near), 'static_content_12');
	t.is(suggest('xtatic_content_1999', near) === 'static_content_1999', false);
});

/** However far it is. */
const editDistance = (a: string, b: string) => distancesFrom(a)(b, Number.POSITIVE_INFINITY);

test('the distance is zero for equals, the same both ways, and never above the longer word', t => {
	const word = fc.string({unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8});
	t.is(editDistance('kitten', 'sitting'), 3);
	t.is(editDistance('ab', 'ba'), 1);
	fc.assert(
		fc.property(word, word, (a, b) => {
			t.is(editDistance(a, b) === 0, a === b);
			t.is(editDistance(a, b), editDistance(b, a));
			t.true(editDistance(a, b) <= Math.max(a.length, b.length));
			t.true(editDistance(a, b) >= Math.abs(a.length - b.length));
		}),
	);
});

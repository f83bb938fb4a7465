/** `roundrobin` with what HAProxy 2.6 picked on loopback, one request after the other from its start on. */
import test from 'ava';
import fc from 'fast-check';
import {buildTurns} from '../../src/balance/turns.ts';

function order(weights: readonly number[], length: number): string {
	const {first, steady} = buildTurns(weights);
	const at = (turn: number) => (turn < first.length ? first[turn]! : steady[turn % steady.length]!);
	return Array.from({length}, (_, turn) => 'abcdefgh'[at(turn)]).join('');
}

for (const [weights, expected] of [
	[[2, 1], 'aabaabaabaabaabaabaabaab'],
	[[3, 1], 'aaabaaabaaabaaabaaabaaab'],
	[[3, 2], 'aababaababaababaababaabab'],
	[[5, 1, 1], 'aaabaacaaabaacaaabaacaaabaac'],
	[[1, 1, 1], 'abcabcabcabc'],
	[[1, 2, 3], 'cbcacbcbcacbcbcacbcbcacb'],
	[[7, 5, 3, 1], 'abacbaabcabadacbabacbaabcabadacbabacbaabcabadacb'],
	[[10, 1], 'aaaaaaaaaabaaaaaaaaaabaaaaaaaaaab'],
	[[1, 5], 'bbbbbabbbbbabbbbbab'],
	[[4, 4, 1], 'ababababcababababcababababc'],
	[[3, 3, 2], 'ababcabacbabcabacbabcabacbabcabacbab'],
	[[100, 0, 50], 'aacaacaac'],
] as const) {
	test(`weights ${weights.join(' ')}`, t => {
		t.is(order(weights, expected.length), expected);
	});
}

test('each cycle has every server as often as its weight says', t => {
	fc.assert(
		fc.property(fc.array(fc.integer({min: 0, max: 40}), {minLength: 1, maxLength: 8}), weights => {
			const {first, steady} = buildTurns(weights);
			const total = weights.reduce((a, b) => a + b, 0);
			for (const [server, weight] of weights.entries()) {
				t.is(steady.filter(one => one === server).length * total, weight * steady.length);
			}
			t.is(first.length, steady.length);
		}),
	);
	t.is(buildTurns([0, 0]).steady.length, 0);
});

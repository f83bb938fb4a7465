import test from 'ava';
import {countMoves} from '../../scripts/failover/moves.ts';

function seen(text: string): {startMs: number; via?: string}[] {
	return [...text].map((node, index) => ({startMs: index, ...(node === '-' ? {} : {via: node})}));
}

test('A move counts when clients stay with the other node, and an answer that was late is none', t => {
	t.is(countMoves(seen('aaaaaaaaaa')), 0);
	t.is(countMoves(seen('aaaaaaabaaaaaaaa')), 0);
	t.is(countMoves(seen('aaaaaaa---bbbbbbb')), 1);
	t.is(countMoves(seen('aaaaaaabbbbbbbaaaaaaa')), 2);
	t.is(countMoves([]), 0);
});

test('Clients are taken in the order of their start', t => {
	t.is(countMoves(seen('aaaaaabbbbbb').reverse()), 1);
});

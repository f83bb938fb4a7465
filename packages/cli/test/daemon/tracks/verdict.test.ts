import test from 'ava';
import {foldResult, type TrackVerdict, unknownVerdict} from '../../../src/daemon/tracks/verdict.ts';

function fold(results: string, limits = {rise: 2, fall: 3}): string {
	let verdict: TrackVerdict = unknownVerdict;
	let states = '';
	for (const result of results) {
		verdict = foldResult(verdict, result === '+', limits);
		states += verdict.state[0];
	}
	return states;
}

test('a track is unknown before its first result, which counts at once', t => {
	t.is(unknownVerdict.state, 'unknown');
	t.is(fold('+'), 'o');
	t.is(fold('-'), 'f');
});

test('fall failures in a row turn ok to failed, rise passes in a row turn it back', t => {
	t.is(fold('+---'), 'ooof');
	t.is(fold('-++'), 'ffo');
});

test('a result in between starts the count anew', t => {
	t.is(fold('+--+--+'), 'ooooooo');
	t.is(fold('-+-+-'), 'fffff');
});

test('limits of one act at once', t => {
	t.is(fold('+-+', {rise: 1, fall: 1}), 'ofo');
});

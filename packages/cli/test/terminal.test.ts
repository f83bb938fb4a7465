import test from 'ava';
import {formatDuration, formatTable, paintFor, parseDurationMs} from '../src/terminal.ts';

test('colour appears only on a terminal and never against NO_COLOR', t => {
	t.is(paintFor({isTTY: true}, {})('red', 'x'), '\x1b[31mx\x1b[39m');
	t.is(paintFor({isTTY: false}, {})('red', 'x'), 'x');
	t.is(paintFor({isTTY: true}, {NO_COLOR: '1'})('red', 'x'), 'x');
	t.is(paintFor({isTTY: true}, {NO_COLOR: ''})('red', 'x'), '\x1b[31mx\x1b[39m');
	t.is(paintFor({isTTY: true}, {TERM: 'dumb'})('red', 'x'), 'x');
});

test('columns line up whatever is coloured', t => {
	const rows = formatTable([
		['a', 'bb', 'c'],
		['\x1b[31mlong\x1b[39m', 'b', ''],
	]);
	t.deepEqual(rows, ['a     bb  c', '\x1b[31mlong\x1b[39m  b']);
});

test('durations have at most two units', t => {
	const spelled = [0, 999.4, 1500, 9960, 59_000, 250_000, 12_000_000, 190_000_000].map(formatDuration);
	t.deepEqual(spelled, ['0 ms', '999 ms', '1.5 s', '10 s', '59 s', '4 min 10 s', '3 h 20 min', '2 d 4 h']);
});

test('times are read with their unit and milliseconds without', t => {
	t.deepEqual(['500ms', '2s', '1m', '1h', '250'].map(parseDurationMs), [500, 2000, 60_000, 3_600_000, 250]);
	t.deepEqual(['', '-1s', '1.5s', '2 s', 's', '1w'].map(parseDurationMs), Array(6).fill(undefined));
});

import test from 'ava';
import fc from 'fast-check';
import {type Diagnostic, formatDiagnostics, parseConfiguration, type Severity} from '../src/index.ts';
import {anyConfiguration, CONTROLS} from './helpers/texts.ts';

function format(text: string, diagnostic: Partial<Diagnostic>, colour = false): string {
	const base = {severity: 'error' as Severity, file: 'x.cfg', line: 1, column: 1, length: 1, message: 'wrong'};
	return formatDiagnostics([{...base, ...diagnostic}], [{name: 'x.cfg', text}], {colour});
}

test('place, sentence, line, caret and hint, each on its own line', t => {
	t.is(
		format('global\nmaxconn ten\n', {line: 2, column: 9, length: 3, hint: 'a number'}),
		'x.cfg:2:9: error: wrong\n    maxconn ten\n            ^^^\n    hint: a number\n',
	);
});

test('nothing to say is the empty string; several remarks stand one below the other', t => {
	t.is(formatDiagnostics([], [], {colour: false}), '');
	const {diagnostics} = parseConfiguration([{name: 'a.cfg', text: 'global\n foo\n bra\n'}], {environment: {}});
	t.is(formatDiagnostics(diagnostics, [], {colour: false}).split('\n').length, 3);
});

test('a remark about a file that is not there, or an empty line, has no excerpt', t => {
	t.is(format('', {}), 'x.cfg:1:1: error: wrong\n');
	t.is(format('a', {file: 'y.cfg'}), 'y.cfg:1:1: error: wrong\n');
	t.is(format('a', {line: 9}), 'x.cfg:9:1: error: wrong\n');
});

test('the caret stands below its word behind tabs, wide characters and combining marks', t => {
	t.is(format('\tbind\tx', {column: 7}), 'x.cfg:1:7: error: wrong\n    \tbind\tx\n    \t    \t^\n');
	t.is(format('日本 x', {column: 4}), 'x.cfg:1:4: error: wrong\n    日本 x\n         ^\n');
	t.is(format('日本 x', {column: 1, length: 2}), 'x.cfg:1:1: error: wrong\n    日本 x\n    ^^^^\n');
	t.is(format('e\u0301 x', {column: 4}), 'x.cfg:1:4: error: wrong\n    e\u0301 x\n      ^\n');
	t.is(format('😀 x', {column: 4}), 'x.cfg:1:4: error: wrong\n    😀 x\n       ^\n');
});

test('a long line is shown around the place that matters', t => {
	const text = `${'a'.repeat(500)}X${'b'.repeat(500)}`;
	const [, shown = '', carets = ''] = format(text, {column: 501}).split('\n');
	t.true(shown.length <= 4 + 162);
	t.true(shown.startsWith('    …a') && shown.endsWith('b…'));
	t.is(shown[carets.indexOf('^')], 'X');
	t.is(carets.trim(), '^');
	const [, , wide = ''] = format(text, {column: 501, length: 400}).split('\n');
	t.true(wide.length <= 4 + 162);
});

test('a place behind the end of a line is drawn at its end', t => {
	t.is(format('ab', {column: 99, length: 99}), 'x.cfg:1:99: error: wrong\n    ab\n      ^\n');
});

test('each severity has its colour, and without colour there is no escape', t => {
	t.true(format('a', {}, true).includes('\u001b[1;31merror:\u001b[0m wrong'));
	t.true(format('a', {severity: 'warning'}, true).includes('\u001b[1;33mwarning:'));
	t.true(format('a', {severity: 'notice', hint: 'h'}, true).includes('\u001b[32mhint:\u001b[0m h'));
	t.false(format('a', {}).includes('\u001b'));
});

test('no control character of a text, a name or a message reaches the terminal', t => {
	const shown = format('a\u001b[2Jb\u0007\u009b\u202e', {
		file: 'x.cfg',
		message: '\u001b]0;x\u0007',
		hint: '\r\n\u2028',
	});
	t.is(
		shown,
		'x.cfg:1:1: error: \ufffd]0;x\ufffd\n    a\ufffd[2Jb\ufffd\ufffd\ufffd\n    ^\n    hint: \ufffd\ufffd\ufffd\n',
	);
	t.true(format('', {file: 'a\nb'}).startsWith('a\ufffdb:1:1:'));
	fc.assert(
		fc.property(anyConfiguration, text => {
			const sources = [{name: 'x.cfg', text}];
			const {diagnostics} = parseConfiguration(sources, {environment: {A: '\u001b'}});
			const formatted = formatDiagnostics(diagnostics, sources, {colour: false});
			t.notRegex(formatted, CONTROLS);
			t.is(formatted === '', diagnostics.length === 0);
		}),
		{numRuns: 500},
	);
});

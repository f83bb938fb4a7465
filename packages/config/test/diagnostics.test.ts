import test from 'ava';
import {Reporter} from '../src/diagnostics.ts';

const place = (line: number, column = 1) => ({file: 'x.cfg', line, column, length: 1});

test('one place has one error, the first; warnings and notices are beside it', t => {
	const reporter = new Reporter();
	reporter.error(place(1), 'first', 'hint');
	reporter.error(place(1), 'second');
	reporter.error(place(1, 2), 'third');
	reporter.warn(place(1), 'warning');
	reporter.notice(place(1), 'notice');
	t.deepEqual(
		reporter.diagnostics.map(({severity, message}) => `${severity} ${message}`),
		['error first', 'error third', 'warning warning', 'notice notice'],
	);
	t.is(reporter.diagnostics[0]?.hint, 'hint');
	t.false('hint' in reporter.diagnostics[1]!);
});

test('while muted nothing is kept, and what was said then may be said later', t => {
	const reporter = new Reporter();
	reporter.muted = true;
	reporter.error(place(1), 'unheard');
	reporter.warn(place(1), 'unheard');
	reporter.muted = false;
	reporter.error(place(1), 'heard');
	t.deepEqual(
		reporter.diagnostics.map(({message}) => message),
		['heard'],
	);
});

test('after a thousand remarks one more says that the rest was not read', t => {
	const reporter = new Reporter();
	for (let line = 1; line <= 1000; line += 1) reporter.warn(place(line), 'w');
	t.false(reporter.full);
	for (let line = 1001; line <= 1010; line += 1) reporter.warn(place(line), 'w');
	t.true(reporter.full);
	t.is(reporter.diagnostics.length, 1001);
	t.like(reporter.diagnostics.at(-1), {
		severity: 'error',
		line: 1001,
		message: 'there are more than 1000 remarks; the rest was not read',
	});
});

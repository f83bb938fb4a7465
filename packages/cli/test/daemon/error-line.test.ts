import test from 'ava';
import {readErrorLine} from '../../src/daemon/error-line.ts';

for (const [line, level, text] of [
	[
		'<142>Nov 28 03:39:03 haproxy[22113]: 127.0.0.0:4711 [28/Nov/2026] "GET / HTTP/1.1"',
		'info',
		'127.0.0.0:4711 [28/Nov/2026] "GET / HTTP/1.1"',
	],
	['<137>Nov  8 03:39:05 lb1 haproxy[22113]: Server app/s1 is DOWN', 'error', 'Server app/s1 is DOWN'],
	['<140>Nov 28 03:39:05 haproxy[1]: a: b', 'warn', 'a: b'],
	['<7>short', 'debug', 'short'],
	[
		'<134>1 2026-11-28T03:39:03+00:00 lb1 haproxy 7 - - text',
		'info',
		'1 2026-11-28T03:39:03+00:00 lb1 haproxy 7 - - text',
	],
	['Error: out of memory', 'warn', 'Error: out of memory'],
] as const) {
	test(`${line.slice(0, 40)} is ${level}`, t => t.deepEqual(readErrorLine(line), {level, text}));
}

test('a message stands whole, what is none is cut', t => {
	const long = 'x'.repeat(8000);
	t.is(readErrorLine(`<142>${long}`).text.length, 8000);
	t.is(readErrorLine(long).text.length, 2000);
});

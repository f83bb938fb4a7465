import test from 'ava';
import {buildErrorPages, ErrorFileError, errorAnswer} from '../../src/responses/error-pages.ts';

const builtIn = buildErrorPages(new Map(), 16_384);
const text = (answer: {bytes: Buffer}) => answer.bytes.toString('latin1');

test('a built-in page has a length that is right, and says what becomes of the connection', t => {
	for (const status of [200, 403, 500, 501, 502, 503, 504]) {
		for (const connection of ['implicit', 'close', 'keep-alive'] as const) {
			const answer = errorAnswer(builtIn, status, false, connection);
			const [head = '', body = ''] = text(answer).split('\r\n\r\n');
			t.true(head.startsWith(`HTTP/1.1 ${status} `));
			t.is(/content-length: (\d+)/.exec(head)?.[1], String(body.length));
			t.is(/connection: (\S+)/.exec(head)?.[1], connection === 'implicit' ? undefined : connection);
			t.is(answer.closes, connection === 'close');
		}
	}
});

test('HEAD gets the same head and no body', t => {
	const whole = text(errorAnswer(builtIn, 503, false, 'implicit'));
	const head = text(errorAnswer(builtIn, 503, true, 'implicit'));
	t.is(head, whole.slice(0, whole.indexOf('\r\n\r\n') + 4));
});

test('behind 400 and 408 nothing more can be read: they close whatever was asked for', t => {
	for (const status of [400, 408]) {
		const answer = errorAnswer(builtIn, status, false, 'keep-alive');
		t.true(answer.closes);
		t.true(text(answer).includes('\r\nconnection: close\r\n'));
	}
});

test('a status without a page is answered as 500', t => {
	t.is(errorAnswer(builtIn, 599, false, 'close').status, 500);
});

test('an error file goes out byte for byte, cut at bufsize, and closes', t => {
	const file = Buffer.from(`HTTP/1.0 503 Sorry\r\n\r\n${'x'.repeat(100)}\xff`, 'latin1');
	const pages = buildErrorPages(new Map([[503, file]]), 60);
	const answer = errorAnswer(pages, 503, false, 'keep-alive');
	t.deepEqual(answer.bytes, file.subarray(0, 60));
	t.true(answer.closes);
	t.is(text(errorAnswer(pages, 503, true, 'close')), 'HTTP/1.0 503 Sorry\r\n\r\n');
	t.true(text(errorAnswer(pages, 502, false, 'close')).startsWith('HTTP/1.1 502 '));
});

for (const [name, file] of [
	['without a status line', '<html>sorry</html>'],
	['without an end of its head', `HTTP/1.0 503 Sorry\r\nA: ${'b'.repeat(100)}\r\n\r\n`],
	['with a version that does not exist', 'HTTP/3.0 503 Sorry\r\n\r\n'],
] as const) {
	test(`refused: an error file ${name}`, t => {
		t.throws(() => buildErrorPages(new Map([[503, Buffer.from(file)]]), 60), {instanceOf: ErrorFileError});
	});
}

import test from 'ava';
import {CHUNKED, UNTIL_CLOSE} from '../../src/http1/framing.ts';
import {ResponseHead} from '../../src/http1/response-head.ts';

const show = (text: string) => JSON.stringify(text).replaceAll(' ', '·');

const length = test.macro({
	exec(t, head: string, method: string, expected: number) {
		const response = new ResponseHead();
		t.true(response.parse(head, method));
		t.is(response.bodyLength, expected);
	},
	title: (name = '') => `body of ${name}`,
});

// RFC 9112 §6.3
test('200 with a length', length, 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n', 'GET', 7);
test('200 with chunks', length, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'GET', CHUNKED);
test('200 with neither', length, 'HTTP/1.1 200 OK\r\n\r\n', 'GET', UNTIL_CLOSE);
test('200 to HEAD', length, 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n', 'HEAD', 0);
test('204', length, 'HTTP/1.1 204 No Content\r\n\r\n', 'GET', 0);
test('204 with a length', length, 'HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n', 'GET', 0);
test('304 with a length', length, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n', 'GET', 0);
test('100', length, 'HTTP/1.1 100 Continue\r\n\r\n', 'GET', 0);
test('a response without reason', length, 'HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n', 'GET', 1);
test('a response with an empty reason', length, 'HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\n', 'GET', 1);

for (const head of [
	'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
	'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n',
	'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
	'HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n',
	'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n',
	'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
	'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
	'HTTP/1.1 204 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
	'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
	'HTTP/1.1 200 OK\r\nA : b\r\n\r\n',
	'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n',
	'HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n',
	'HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n',
	'HTTP/1.1 200 OK\r\n: b\r\n\r\n',
	'HTTP/1.1 200 O\0K\r\n\r\n',
	'HTTP/1.1 200 O\rK\r\n\r\n',
	'HTTP/1.1  200 OK\r\n\r\n',
	'HTTP/1.1 20 OK\r\n\r\n',
	'HTTP/1.1 2000 OK\r\n\r\n',
	'HTTP/1.1 099 OK\r\n\r\n',
	'HTTP/1.1 2x0 OK\r\n\r\n',
	'HTTP/1.1\t200 OK\r\n\r\n',
	'HTTP/2.0 200 OK\r\n\r\n',
	'HTTP/1.2 200 OK\r\n\r\n',
	'HTTP/0.9 200 OK\r\n\r\n',
	'http/1.1 200 OK\r\n\r\n',
	'ICY 200 OK\r\n\r\n',
	`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(102)}\r\n`,
]) {
	test(`refused: ${show(head.slice(0, 80))}`, t => {
		t.false(new ResponseHead().parse(head, 'GET'));
	});
}

test('hop-by-hop lines end here and the version is ours', t => {
	const response = new ResponseHead();
	t.true(
		response.parse(
			'HTTP/1.0 200 Fine\r\nConnection: keep-alive, Hop\r\nHop: 1\r\nKeep-Alive: 5\r\nA: b\r\nContent-Length: 2\r\n\r\n',
			'GET',
		),
	);
	t.true(response.keepAlive);
	t.is(response.forward(11, ''), 'HTTP/1.1 200 Fine\r\nA: b\r\nContent-Length: 2\r\n\r\n');
	t.is(response.forward(11, 'close'), 'HTTP/1.1 200 Fine\r\nA: b\r\nContent-Length: 2\r\nConnection: close\r\n\r\n');
});

test('a 1.0 client is told of no chunks', t => {
	const response = new ResponseHead();
	t.true(response.parse('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'GET'));
	t.is(response.forward(10, 'close'), 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n');
	t.is(response.forward(11, ''), 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
});

test('1xx and 204 carry no length whatever the server says', t => {
	const response = new ResponseHead();
	t.true(response.parse('HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nA: b\r\n\r\n', 'GET'));
	t.is(response.forward(11, ''), 'HTTP/1.1 204 No Content\r\nA: b\r\n\r\n');
});

test('a status line has its space even where the server sent none', t => {
	const response = new ResponseHead();
	t.true(response.parse('HTTP/1.1 200\r\nA: b\r\n\r\n', 'GET'));
	t.is(response.forward(11, ''), 'HTTP/1.1 200 \r\nA: b\r\n\r\n');
	t.true(response.parse('HTTP/1.1 200 \r\n\r\n', 'GET'));
	t.is(response.forward(11, ''), 'HTTP/1.1 200 \r\n\r\n');
});

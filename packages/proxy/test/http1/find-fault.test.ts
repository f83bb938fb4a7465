import test from 'ava';
import {findFault} from '../../src/http1/find-fault.ts';

const cases: readonly (readonly [string, 'request' | 'response', number])[] = [
	['GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n', 'request', 28],
	['GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n', 'request', 25],
	['GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n', 'request', 23],
	['GARB\r\n\r\n', 'request', 4],
	['G@T / HTTP/1.1\r\n\r\n', 'request', 1],
	['GET /\x7f HTTP/1.1\r\n\r\n', 'request', 5],
	['GET / HTTP/2.0\r\n\r\n', 'request', 6],
	['GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n', 'request', 20],
	['GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 'request', 56],
	['\x16\x03\x01', 'request', 0],
	['SSH-2.0-x\r\n', 'response', 0],
	['HTTP/1.1 200 OK\r\nX\r\n\r\n', 'response', 18],
	['HTTP/1.1 200 \x00\r\n\r\n', 'response', 13],
];

for (const [head, kind, at] of cases) {
	test(`${kind} ${JSON.stringify(head)} ceases to be one at ${at}`, t => {
		t.is(findFault(head, kind), at);
	});
}

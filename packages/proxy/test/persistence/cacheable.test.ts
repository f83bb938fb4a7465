import test from 'ava';
import {isCacheable} from '../../src/persistence/cacheable.ts';

const head = (lines: readonly string[]): string =>
	`HTTP/1.1 200 OK\r\n${lines.map(line => `${line}\r\n`).join('')}\r\n`;

// Measured on HAProxy 2.6: does `nocache` add Cache-control: private?
for (const [method, status, lines, expected] of [
	['GET', 200, [], false],
	['GET', 200, ['Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT'], true],
	['GET', 200, ['ETag: "x"'], true],
	['GET', 200, ['Expires: Mon, 01 Jan 2044 00:00:00 GMT'], true],
	['GET', 200, ['Cache-Control: max-age=10'], true],
	['GET', 200, ['Cache-Control: s-maxage=10'], true],
	['GET', 200, ['Cache-Control: public'], false],
	['GET', 200, ['Cache-Control: private', 'ETag: "x"'], false],
	['GET', 200, ['Cache-Control: no-cache', 'ETag: "x"'], false],
	['GET', 200, ['Cache-Control: no-store', 'ETag: "x"'], false],
	['GET', 200, ['ETag: "x"', 'CACHE-CONTROL: public , NO-STORE'], false],
	['GET', 200, ['Cache-Control: max-age=0', 'ETag: "x"'], false],
	['GET', 200, ['Cache-Control: no-cache="set-cookie"', 'ETag: "x"'], true],
	['GET', 200, ['Pragma: no-cache', 'ETag: "x"'], false],
	['GET', 200, ['Vary: *', 'ETag: "x"'], true],
	['GET', 302, ['ETag: "x"'], false],
	['GET', 302, ['Cache-Control: max-age=4'], false],
	['GET', 201, ['Cache-Control: max-age=4'], false],
	['GET', 404, ['ETag: "x"'], true],
	['GET', 206, ['ETag: "x"'], true],
	['GET', 301, ['ETag: "x"'], true],
	['GET', 410, ['ETag: "x"'], true],
	['GET', 501, ['ETag: "x"'], true],
	['HEAD', 200, ['ETag: "x"'], true],
	['OPTIONS', 200, ['ETag: "x"'], true],
	['POST', 200, ['ETag: "x"'], false],
	['PUT', 200, ['ETag: "x"'], false],
] as const) {
	test(`${method} ${status} ${lines.join(' + ') || 'bare'} is ${expected ? '' : 'not '}cacheable`, t => {
		t.is(isCacheable(head(lines), method, status), expected);
	});
}

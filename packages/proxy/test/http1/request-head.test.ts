import test from 'ava';
import fc from 'fast-check';
import {CHUNKED} from '../../src/http1/framing.ts';
import {countLeadingEmptyLines, findHeadEnd, HOPELESS, mayBeginRequest} from '../../src/http1/head-end.ts';
import {RequestHead} from '../../src/http1/request-head.ts';

/** What becomes of a head: 0 accepted, a status, or `hopeless` when it is refused before it has an end. */
type Verdict = number | 'hopeless' | 'incomplete';

/** Reads `text` as it would arrive in pieces of `size` bytes. */
function judge(text: string, size: number): Verdict {
	let seen = '';
	let scanned = 0;
	for (let at = 0; at < text.length; at += size) {
		seen += text.slice(at, at + size);
		const from = countLeadingEmptyLines(seen);
		if (from === HOPELESS) return 'hopeless';
		const end = findHeadEnd(seen, from, scanned);
		if (end === HOPELESS || (end < 0 && !mayBeginRequest(seen, from))) return 'hopeless';
		if (end >= 0) return new RequestHead().parse(seen.slice(from, end));
		scanned = seen.length;
	}
	return 'incomplete';
}

/** Whole, byte by byte and in odd pieces: the verdict must not depend on how the bytes arrive. */
const verdict = test.macro({
	exec(t, text: string, expected: 'ok' | 'refused') {
		for (const size of [text.length, 1, 3]) {
			const judged = judge(text, size);
			if (expected === 'ok') t.is(judged, 0, `in pieces of ${size}`);
			else
				t.true(
					judged === 'hopeless' || (typeof judged === 'number' && judged >= 400),
					`in pieces of ${size}: ${judged}`,
				);
		}
	},
	title: (name = '', _text, expected) => `${expected}: ${name}`,
});

/** Titles lose their blanks: here each is seen. */
const show = (text: string) => JSON.stringify(text).replaceAll(' ', '·');
const get = (lines: string) => `GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;

// RFC 9112 §6: how long is the body?
test('one Content-Length', verdict, get('Content-Length: 10\r\n'), 'ok');
test('Content-Length 0', verdict, get('Content-Length: 0\r\n'), 'ok');
test('chunked', verdict, get('Transfer-Encoding: chunked\r\n'), 'ok');
test('Chunked in another case', verdict, get('Transfer-Encoding: CHUNKED\r\n'), 'ok');
test('both lengths', verdict, get('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'), 'refused');
test(
	'both lengths, the other way round',
	verdict,
	get('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n'),
	'refused',
);
test('unequal Content-Lengths', verdict, get('Content-Length: 5\r\nContent-Length: 6\r\n'), 'refused');
test('equal Content-Lengths', verdict, get('Content-Length: 5\r\nContent-Length: 5\r\n'), 'refused');
test('a list of Content-Lengths', verdict, get('Content-Length: 5, 5\r\n'), 'refused');
for (const value of [
	'',
	'+5',
	'-1',
	'5 5',
	'0x5',
	'5a',
	'05',
	'1e3',
	'9007199254740993',
	'99999999999999999999',
	'５',
]) {
	test(`Content-Length "${value}"`, verdict, get(`Content-Length: ${value}\r\n`), 'refused');
}
for (const coding of [
	'chunked, identity',
	'identity',
	'identity, chunked',
	'gzip, chunked',
	'chunked, chunked',
	'xchunked',
	'chunkedx',
	'"chunked"',
	'chunked;q=1',
	',chunked',
	'chunked,',
	'\x0bchunked',
	'',
]) {
	test(`Transfer-Encoding ${show(coding)}`, verdict, get(`Transfer-Encoding: ${coding}\r\n`), 'refused');
}
test('two Transfer-Encodings', verdict, get('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'), 'refused');
test('chunked in 1.0', verdict, 'GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n', 'refused');
test('CONNECT with a body', verdict, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 1\r\n\r\n', 'refused');

// RFC 9112 §2.2, §5: lines.
test('an empty line before the request', verdict, `\r\n${get('')}`, 'ok');
test('many empty lines before the request', verdict, `${'\r\n'.repeat(5)}${get('')}`, 'refused');
test('bare LF after the request line', verdict, 'GET / HTTP/1.1\nHost: a\r\n\r\n', 'refused');
test('bare LF after a header', verdict, get('A: b\n'), 'refused');
test('bare LF in place of the empty line', verdict, 'GET / HTTP/1.1\r\nHost: a\r\n\n', 'refused');
test('bare CR in a value', verdict, get('A: b\rc\r\n'), 'refused');
test('bare CR before CR LF', verdict, get('A: b\r\r\n'), 'refused');
test('bare CR in the request line', verdict, 'GET /\r HTTP/1.1\r\nHost: a\r\n\r\n', 'refused');
test('a folded line', verdict, get('A: b\r\n c\r\n'), 'refused');
test('a folded line with a tab', verdict, get('A: b\r\n\tc\r\n'), 'refused');
test('a first line that is folded', verdict, 'GET / HTTP/1.1\r\n Host: a\r\n\r\n', 'refused');
test('space before the colon', verdict, get('Content-Length : 5\r\n'), 'refused');
test('tab before the colon', verdict, get('A\t: 5\r\n'), 'refused');
test('empty name', verdict, get(': b\r\n'), 'refused');
test('no colon', verdict, get('abc\r\n'), 'refused');
test('a name that is no token', verdict, get('A(b): c\r\n'), 'refused');
test('NUL in a value', verdict, get('A: b\0c\r\n'), 'refused');
test('NUL in a name', verdict, get('A\0: c\r\n'), 'refused');
test('DEL in a value', verdict, get('A: \x7f\r\n'), 'refused');
test('obs-text in a value', verdict, get('A: \xe6\xf8\xe5\r\n'), 'ok');
test('an empty value', verdict, get('A:\r\n'), 'ok');
test('100 headers more', verdict, get('A: b\r\n'.repeat(100)), 'ok');
test('101 headers more', verdict, get('A: b\r\n'.repeat(101)), 'refused');

// RFC 9112 §3: the request line.
for (const line of [
	'GET /',
	'GET  / HTTP/1.1',
	'GET /  HTTP/1.1',
	' GET / HTTP/1.1',
	'GET\t/ HTTP/1.1',
	'GET / HTTP/1.1 ',
	'GET / HTTP/1.2',
	'GET / HTTP/2.0',
	'GET / HTTP/0.9',
	'GET / http/1.1',
	'GET / HTTP/1.10',
	'GET / HTTP/01.1',
	'GET / HTTP/1',
	'GET / HTTPS/1.1',
	'GE(T / HTTP/1.1',
	'GET a HTTP/1.1',
	'GET * HTTP/1.1',
	'GET /a b HTTP/1.1',
	'GET /a\x7f HTTP/1.1',
	'GET /\xe6 HTTP/1.1',
	'GET /a#b HTTP/1.1',
	'GET ftp://a/ HTTP/1.1',
	'GET http:///x HTTP/1.1',
	'GET http://u@a/ HTTP/1.1',
	'CONNECT a HTTP/1.1',
	'CONNECT /a HTTP/1.1',
	`${'M'.repeat(33)} / HTTP/1.1`,
	'PRI * HTTP/2.0',
]) {
	test(`request line ${show(line)}`, verdict, `${line}\r\nHost: a\r\n\r\n`, 'refused');
}
test('OPTIONS *', verdict, 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 'ok');
test('a method of its own', verdict, 'PURGE-ALL /x HTTP/1.1\r\nHost: a\r\n\r\n', 'ok');
test('a TLS hello', verdict, '\x16\x03\x01\x02\x00\x01\x00\x01', 'refused');

// RFC 9112 §3.2: Host.
test('no Host in 1.1', verdict, 'GET / HTTP/1.1\r\nA: b\r\n\r\n', 'refused');
test('no Host in 1.0', verdict, 'GET / HTTP/1.0\r\n\r\n', 'ok');
test('two Hosts', verdict, get('Host: b\r\n'), 'refused');
test('two equal Hosts', verdict, get('Host: a\r\n'), 'refused');
test('two Hosts in 1.0', verdict, 'GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n', 'refused');
for (const host of ['a b', 'a,b', 'a/b', 'a@b', 'a:b', 'a:1:2', '[::1', 'a?b', 'a\\b', 'a"b', ':80']) {
	test(`Host "${host}"`, verdict, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, host === 'a,b' ? 'ok' : 'refused');
}
for (const host of ['a', 'a.b:80', '192.0.2.1', '[::1]:80', 'a:', '']) {
	test(`Host "${host}"`, verdict, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 'ok');
}

function forward(head: string, connection = ''): string {
	const request = new RequestHead();
	if (request.parse(head) !== 0) throw new Error('refused');
	return request.forward(connection);
}

test('an absolute target overrules Host and is forwarded in origin form', t => {
	t.is(
		forward('GET http://b.example/x?y HTTP/1.1\r\nA: 1\r\nHost: a.example\r\nB: 2\r\n\r\n'),
		'GET /x?y HTTP/1.1\r\nA: 1\r\nHost: b.example\r\nB: 2\r\n\r\n',
	);
	t.is(forward('GET http://b.example HTTP/1.0\r\n\r\n'), 'GET / HTTP/1.0\r\nHost: b.example\r\n\r\n');
	t.is(
		forward('OPTIONS http://b.example HTTP/1.1\r\nHost: q\r\n\r\n'),
		'OPTIONS * HTTP/1.1\r\nHost: b.example\r\n\r\n',
	);
	t.is(
		forward('GET http://b.example?q HTTP/1.1\r\nHost: b.example\r\n\r\n'),
		'GET /?q HTTP/1.1\r\nHost: b.example\r\n\r\n',
	);
});

test('hop-by-hop lines end here, also those that Connection names', t => {
	const lines = 'Connection: close, Hop\r\nKeep-Alive: 5\r\nhop: 1\r\nTE: trailers\r\nProxy-Connection: x\r\nA: b\r\n';
	t.is(forward(get(lines)), get('A: b\r\n'));
	t.is(forward(get(lines), 'close'), get('A: b\r\nConnection: close\r\n'));
});

test('a client cannot strip what rules or servers rely on by naming it in Connection', t => {
	const kept = forward(
		'GET / HTTP/1.1\r\nHost: a\r\nConnection: host, x-forwarded-for, content-length, cookie\r\nX-Forwarded-For: 1\r\nCookie: c=d\r\nContent-Length: 1\r\n\r\n',
	);
	t.is(kept, 'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1\r\nCookie: c=d\r\nContent-Length: 1\r\n\r\n');
});

test('an upgrade goes on, h2c does not', t => {
	const line = (upgrade: string) =>
		forward(`GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`);
	t.is(line('websocket'), 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
	t.is(line('h2c'), 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
});

test('what a head says of body and connection', t => {
	const request = new RequestHead();
	t.is(request.parse(get('Transfer-Encoding: chunked\r\n')), 0);
	t.is(request.bodyLength, CHUNKED);
	t.true(request.keepAlive);
	t.is(request.parse('POST / HTTP/1.0\r\nContent-Length: 7\r\n\r\n'), 0);
	t.is(request.bodyLength, 7);
	t.false(request.keepAlive);
	t.is(request.parse('GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n'), 0);
	t.is(request.bodyLength, 0);
	t.true(request.keepAlive);
});

test('no head, however wrong, is accepted in pieces and refused whole, or the other way round', t => {
	const piece = fc.constantFrom(
		'GET',
		' ',
		'/',
		'HTTP/1.1',
		'\r\n',
		'\r',
		'\n',
		'Host: a',
		'A:',
		'b',
		'\t',
		'\0',
		':',
		'Content-Length: 3',
		'\xff',
	);
	fc.assert(
		fc.property(fc.array(piece, {maxLength: 14}), pieces => {
			const text = `${pieces.join('')}\r\n\r\n`;
			const isOk = (size: number) => judge(text, size) === 0;
			t.is(isOk(1), isOk(text.length), JSON.stringify(text));
		}),
		{numRuns: 2000},
	);
});

test('what is forwarded is understood the same way by the next reader', t => {
	const name = fc
		.stringMatching(/^[A-Za-z-]{1,12}$/)
		.filter(text => !/^(?:host|content-length|transfer-encoding|connection|upgrade)$/i.test(text));
	const value = fc.string({
		unit: fc.integer({min: 32, max: 126}).map(code => String.fromCharCode(code)),
		maxLength: 20,
	});
	fc.assert(
		fc.property(fc.array(fc.tuple(name, value), {maxLength: 8}), fc.integer({min: 0, max: 1000}), (lines, length) => {
			const text = `POST /x HTTP/1.1\r\nHost: a\r\n${lines.map(([n, v]) => `${n}: ${v}\r\n`).join('')}Content-Length: ${length}\r\n\r\n`;
			const first = new RequestHead();
			t.is(first.parse(text), 0);
			const second = new RequestHead();
			t.is(second.parse(first.forward('')), 0);
			t.deepEqual([second.method, second.target, second.bodyLength, second.host], ['POST', '/x', length, 'a']);
			t.is(second.forward(''), first.forward(''));
		}),
		{numRuns: 500},
	);
});

for (const method of ['GET', 'HEAD', 'DELETE']) {
	test(`${method} with a body is refused in 1.0, where servers do not look for one, and accepted in 1.1`, t => {
		const request = new RequestHead();
		const lines = 'Host: a\r\nContent-Length: 5\r\n\r\n';
		t.is(request.parse(`${method} / HTTP/1.0\r\n${lines}`), 413);
		t.is(request.parse(`${method} / HTTP/1.0\r\nContent-Length: 0\r\n\r\n`), 0);
		t.is(request.parse(`${method} / HTTP/1.1\r\n${lines}`), 0);
		t.is(request.parse(`POST / HTTP/1.0\r\n${lines}`), 0);
	});
}

test('several Upgrade lines go on as one, empty ones not at all', t => {
	const request = new RequestHead();
	const lines = 'Connection: Upgrade\r\nUpgrade:\r\nUpgrade: a\r\nUpgrade:\r\nUpgrade: b\r\n';
	t.is(request.parse(`GET / HTTP/1.1\r\nHost: x\r\n${lines}\r\n`), 0);
	t.is(request.forward(''), 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: a, b\r\n\r\n');
});

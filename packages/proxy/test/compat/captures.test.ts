/** `capture request header`, `capture response header`, `capture cookie` in the log line. */
import test from 'ava';
import {answering} from '../helpers/engine.ts';
import {serve, simple, startProxy} from '../helpers/proxy.ts';

const CAPTURES = `capture request header Host len 20
    capture request header X-Y len 3
    capture response header Server len 10
    capture cookie k len 10`;

test('captures stand in the line, escaped and cut', async t => {
	const response = 'HTTP/1.1 200 OK\r\nServer: a{b|c}"d\r\nSet-Cookie: k=zz; path=/\r\nContent-Length: 0\r\n\r\n';
	const proxy = await startProxy(
		t,
		simple(
			await serve(
				t,
				answering(() => response),
			),
			{frontend: CAPTURES},
		),
	);
	proxy
		.connect()
		.send('GET /"q HTTP/1.1\r\nHost: h\r\nX-Y: 1\r\nX-Y: abcdef\r\nCookie: a=b; k=v12345678901234\r\n\r\n');
	t.is(
		await proxy.line(),
		`127.0.0.1:P [T] in out/s1 T/T/T/T/T 200 ${response.length} k=v1234567 k=zz ---- 1/1/0/0/0 0/0 {h|abc} {a#7Bb#7Cc#7D#22d} "GET /#22q HTTP/1.1"`,
	);
});

test('what is missing leaves its place empty; a request that could not be read has no groups', async t => {
	const proxy = await startProxy(
		t,
		simple(
			await serve(
				t,
				answering(() => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
			),
			{frontend: CAPTURES},
		),
	);
	const client = proxy.connect();
	client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
	t.regex(await proxy.line(), / 0\/0 \{h\|\} \{\} "GET \/ HTTP\/1\.1"$/);
	client.send('GET /\r\n\r\n');
	t.regex(await proxy.line(2), / 400 0 - - PR-- \S+ 0\/0 "<BADREQ>"$/);
});

test("one request's captures are not shown for the next", async t => {
	const proxy = await startProxy(
		t,
		simple(
			await serve(
				t,
				answering((_, count) => `HTTP/1.1 200 OK\r\n${count === 1 ? 'Server: s\r\n' : ''}Content-Length: 0\r\n\r\n`),
			),
			{
				frontend: CAPTURES,
			},
		),
	);
	const client = proxy.connect();
	client.send('GET / HTTP/1.1\r\nHost: h\r\nX-Y: 1\r\nCookie: k=1\r\n\r\nGET / HTTP/1.1\r\nHost: i\r\n\r\n');
	t.regex(await proxy.line(), / k=1 - .*\{h\|1\} \{s\} /);
	t.regex(await proxy.line(2), / - - ---- .*\{i\|\} \{\} /);
});

import test from 'ava';
import {answering} from '../helpers/engine.ts';
import {serve, startProxy} from '../helpers/proxy.ts';

const named = (name: string) => answering(() => `HTTP/1.1 200 OK\r\nX-Server: ${name}\r\nContent-Length: 0\r\n\r\n`);

test('use_backend takes a name that is made; one that is none leads to the default', async t => {
	const [one, other] = await Promise.all([serve(t, named('one')), serve(t, named('other'))]);
	const proxy = await startProxy(
		t,
		`frontend in
    bind 127.0.0.1:1
    use_backend %[req.hdr(x-to),lower] if { req.hdr(x-to) -m found }
    default_backend other
backend one
    server s 127.0.0.1:${one}
backend other
    server s 127.0.0.1:${other}
`,
	);
	for (const [to, expected] of [
		['X-To: ONE\r\n', 'one'],
		['X-To: nowhere\r\n', 'other'],
		['', 'other'],
	] as const) {
		const client = proxy.connect();
		client.send(`GET / HTTP/1.1\r\nHost: x\r\n${to}\r\n`);
		await client.untilText('\r\n\r\n');
		t.regex(client.text, new RegExp(`X-Server: ${expected}\r\n`), to);
	}
});

test('a redirect may say its code first, and with ignore-empty goes nowhere without a location', async t => {
	const port = await serve(t, named('one'));
	const proxy = await startProxy(
		t,
		`listen in
    bind 127.0.0.1:1
    http-request redirect code 301 location %[req.hdr(x-to)] ignore-empty
    server s 127.0.0.1:${port}
`,
	);
	const moved = proxy.connect();
	moved.send('GET / HTTP/1.1\r\nHost: x\r\nX-To: /there\r\n\r\n');
	await moved.untilText('\r\n\r\n');
	t.regex(moved.text, /^HTTP\/1\.1 301 .*location: \/there\r\n/s);
	const stays = proxy.connect();
	stays.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
	await stays.untilText('\r\n\r\n');
	t.regex(stays.text, /X-Server: one/);
});

/** `normalize-uri`, `strict-mode`, `early-hint`, `http-response silent-drop` and captures behind all rules, beside haproxy. */
import {readdirSync} from 'node:fs';
import test from 'ava';
import {loadSocketCalls} from '../../src/system/socket-calls.ts';
import {startBoth} from '../helpers/beside.ts';
import {serve, serveEcho, simple, startProxy} from '../helpers/proxy.ts';

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: h\r\n${more}Connection: close\r\n\r\n`;
const lineOf = (answer: string) =>
	/\r\n\r\n(\S+ \S+ HTTP\/1\.[01])\r\n/.exec(answer)?.[1] ?? answer.split('\r\n', 1)[0];

test('normalizers', async t => {
	const normalizers = [
		['path-merge-slashes', '//a///b//?x=//', '*'],
		['path-strip-dot', '/./a/.b/..c/./.', '/.'],
		['path-strip-dotdot', '/a/b/../../../c', '/../a', '/a/b/..', '/a/./../b', '/a//../b?/../c'],
		['path-strip-dotdot full', '/a/../../b', '/../..'],
		['percent-decode-unreserved', '/%41%7e%2f%zz?%41=%7E%26', '/%41%7'],
		['percent-decode-unreserved strict', '/%41%zz', '/%41'],
		['percent-to-uppercase', '/%2a%3f?x=%aa%', '/'],
		['percent-to-uppercase strict', '/%2a%', '/%2a'],
		['query-sort-by-name', '/x?n=qs&b=2&a=1&a=0&c', '/x?z=1&&a', '/x'],
	] as const;
	// One frontend each: haproxy 2.6 forgets what to do when a condition follows some of their names.
	const frontends = normalizers.map(
		([words], index) => `
frontend f${index}
    bind 127.0.0.1:${index + 1}
    http-request normalize-uri ${words}
    default_backend out`,
	);
	const text = `
global
    expose-experimental-directives
${frontends.join('\n')}
backend out
    server s1 127.0.0.1:${await serveEcho(t)}
`;
	const [first, ...others] = await startBoth(t, text);
	for (const [index, [words, ...targets]] of normalizers.entries()) {
		for (const target of targets) {
			if (target === '*') continue;
			const expected = lineOf(await first!.ask(get(target), `f${index}`));
			for (const side of others) {
				t.is(lineOf(await side.ask(get(target), `f${index}`)), expected, `${side.name} ${words} ${target}`);
			}
		}
	}
});

test('strict-mode off leaves out what does not fit', async t => {
	const five = '%[req.hdr(x-big)]'.repeat(5);
	const text = `
frontend in
    bind 127.0.0.1:1
    http-request strict-mode off if { query -m sub off }
    http-request set-header x-more "${five}"
    http-request set-header x-after yes
    default_backend out
backend out
    http-response strict-mode off if { status 200 }
    http-response set-header x-a "%[res.hdr(x-long)]%[res.hdr(x-long)]%[res.hdr(x-long)]"
    http-response set-header x-b yes
    server s1 127.0.0.1:${await serveEcho(t)}
`;
	for (const side of await startBoth(t, text)) {
		const big = `x-big: ${'x'.repeat(3800)}\r\n`;
		t.regex(await side.ask(get('/?on', big)), /^HTTP\/1\.1 500 /, side.name);
		t.regex(await side.ask(get('/?off', big)), /^HTTP\/1\.1 200 [\s\S]*\r\nx-after: yes\r\n/i, side.name);
		t.regex(await side.line(), / in\/<NOSRV> .* 500 \d+ - - PR-- /, side.name);
	}
});

test('early-hint: a 103 before everything, for clients of HTTP/1.1', async t => {
	const text = `
frontend in
    bind 127.0.0.1:1
    http-request early-hint Link "<%[path]>; rel=preload" if { path /hint }
    http-request early-hint X-A b
    http-request early-hint X-B c if { path /hint }
    default_backend out
backend out
    server s1 127.0.0.1:${await serve(t)}
`;
	for (const side of await startBoth(t, text)) {
		const answer = (await side.ask(get('/hint'))).toLowerCase();
		t.regex(
			answer,
			/^http\/1\.1 103 early hints\r\nlink: <\/hint>; rel=preload\r\nx-a: b\r\n\r\nhttp\/1\.1 103 early hints\r\nx-b: c\r\n\r\nhttp\/1\.1 200 ok\r\n/,
			side.name,
		);
		t.regex(await side.ask('GET /hint HTTP/1.0\r\n\r\n'), /^HTTP\/1\.[01] 200 /, side.name);
	}
});

test('http-response silent-drop, and a capture of the answer as it goes out', async t => {
	const text = `
frontend in
    bind 127.0.0.1:1
    declare capture response len 20
    http-after-response set-header x-own made
    http-after-response capture res.hdr(x-own) id 0
    use_backend dropped if { path /drop }
    default_backend out
backend dropped
    http-response silent-drop
    server s1 127.0.0.1:${await serve(t)}
backend out
    server s1 127.0.0.1:${await serve(t)}
`;
	for (const side of await startBoth(t, text)) {
		await side.ask(get('/'));
		t.regex(await side.line(), / out\/s1 .* ---- .* \{made\} /, side.name);
		const client = side.connect();
		client.send(get('/drop'));
		t.regex(await side.line(2), / dropped\/s1 .* 200 \d+ - - PR-- /, side.name);
		t.is(client.text, '', side.name);
	}
});

const calls = loadSocketCalls();

(calls ? test : test.skip)('set-tos: the socket of the client has it', async t => {
	const proxy = await startProxy(
		t,
		simple(await serve(t), {frontend: 'http-request set-tos 0x28', backend: 'http-response set-mark 0'}),
	);
	const client = proxy.connect();
	client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
	await client.untilText('ok');
	const value = new Int32Array(1);
	const length = new Int32Array(1);
	const found = readdirSync('/proc/self/fd').some(fd => {
		length[0] = 4;
		// SOL_IP, IP_TOS
		const result = calls!.getsockopt(
			Number(fd),
			0,
			1,
			calls!.addressOf(new Uint8Array(value.buffer)),
			calls!.addressOf(new Uint8Array(length.buffer)),
		);
		return result === 0 && value[0] === 0x28;
	});
	t.true(found);
});

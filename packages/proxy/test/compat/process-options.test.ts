/** `from`, header spellings, rates, remote desktop cookies, bounded hashing and soft stops; beside haproxy where it answers. */
import {readdirSync} from 'node:fs';
import test from 'ava';
import {findByRdpCookie} from '../../src/persistence/rdp-persist.ts';
import {loadSocketCalls} from '../../src/system/socket-calls.ts';
import {startBoth} from '../helpers/beside.ts';
import {answering, Client, waitFor} from '../helpers/engine.ts';
import {GET, OK, serve, serveEcho, simple, startProxy} from '../helpers/proxy.ts';
import {startProxy as startWhole} from '../helpers/whole-proxy.ts';

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: h\r\nx-own: 1\r\nConnection: close\r\n\r\n`;

test('from: a section of its own takes what it needs', async t => {
	const text = `
defaults strange
    mode http
    timeout client 5s
    errorfile 503 DIR/503
defaults
    mode http
    timeout client 5s
frontend in from strange
    bind 127.0.0.1:1
frontend other
    bind 127.0.0.1:2
`;
	for (const side of await startBoth(t, text, {'503': 'HTTP/1.0 503 Strange\r\n\r\nstrange'})) {
		t.regex(await side.ask(get('/')), /^HTTP\/1\.0 503 Strange/, side.name);
		t.regex(await side.ask(get('/'), 'other'), /^HTTP\/1\.1 503 Service Unavailable/, side.name);
	}
});

test('h1-case-adjust: for clients and for servers that need it', async t => {
	const text = `
global
    h1-case-adjust x-own X-OWN
    h1-case-adjust content-length Content-LENGTH
frontend in
    option h1-case-adjust-bogus-client
    bind 127.0.0.1:1
    default_backend bogus
frontend plain
    bind 127.0.0.1:2
    default_backend out
backend bogus
    option h1-case-adjust-bogus-server
    server s1 127.0.0.1:${await serveEcho(t)}
backend out
    server s1 127.0.0.1:${await serveEcho(t)}
`;
	for (const side of await startBoth(t, text)) {
		t.regex(await side.ask(get('/')), /\r\nContent-LENGTH: \d+\r\n[\s\S]*\r\nX-OWN: 1\r\n/, side.name);
		t.notRegex(await side.ask(get('/'), 'plain'), /Content-LENGTH|X-OWN/, side.name);
	}
});

test('hash-balance-factor: a server with too much leaves the rest to the next', async t => {
	const held: (() => void)[] = [];
	const slow = await serve(t, socket => socket.on('data', () => held.push(() => socket.write(OK))));
	const text = `
frontend in
    bind 127.0.0.1:1
    default_backend out
backend out
    balance uri
    hash-type consistent
    hash-balance-factor 125
    server s1 127.0.0.1:${slow}
    server s2 127.0.0.1:${slow}
`;
	for (const side of await startBoth(t, text)) {
		held.length = 0;
		const clients = [1, 2, 3, 4].map(() => side.connect());
		for (const [index, client] of clients.entries()) {
			client.send(get('/same'));
			await waitFor(() => held.length === index + 1);
		}
		for (const answer of held) answer();
		for (const client of clients) await client.untilText('ok');
		const servers: string[] = [];
		for (const n of [1, 2, 3, 4]) servers.push(/ out\/(s\d) /.exec(await side.line(n))![1]!);
		// Four at once are two each: none may have more than 125 percent of the mean.
		t.is(servers.filter(one => one === servers[0]).length, 2, `${side.name}: ${servers}`);
	}
});

test('persist rdp-cookie: the address in the cookie', async t => {
	const one = await serve(t, socket => socket.end('one'));
	const two = await serve(t, socket => socket.end('two'));
	const token = (port: number) => `${127 + 2 ** 24}.${((port & 255) << 8) | (port >> 8)}.0000`;
	const message = (cookie: string) => {
		const text = `Cookie: msts=${cookie}\r\n`;
		const length = 11 + text.length;
		return `\x03\x00${String.fromCharCode(length >> 8, length & 255)}${String.fromCharCode(length - 5)}\xe0\x00\x00\x00\x00\x00${text}`;
	};
	const text = `
frontend in
    mode tcp
    bind 127.0.0.1:1
    tcp-request inspect-delay 5s
    tcp-request content accept if { req.rdp_cookie_cnt gt 0 }
    default_backend out
backend out
    mode tcp
    balance first
    persist rdp-cookie
    server one 127.0.0.1:${one}
    server two 127.0.0.1:${two}
`;
	for (const side of await startBoth(t, text)) {
		t.is(await side.ask(message(token(two))), 'two', side.name);
		t.is(await side.ask(message(token(one))), 'one', side.name);
		t.is(await side.ask(message('1.2.3')), 'one', side.name);
	}
	t.is(findByRdpCookie(message('99999999999.1.0'), 'msts', []), -1);
});

test('maxsessrate: who comes too soon waits', async t => {
	const text = `
global
    maxsessrate 2
${simple(await serve(t))}`;
	const proxy = await startProxy(t, text);
	const startMs = performance.now();
	const clients = Array.from({length: 5}, () => proxy.connect());
	for (const client of clients) client.send(GET);
	for (const client of clients) await client.untilText('ok');
	t.true(performance.now() - startMs > 900);
});

test('idle-close-on-response: a soft stop lets a client ask once more', async t => {
	const port = await serve(
		t,
		answering(() => OK),
	);
	const kept = await startProxy(t, simple(port, {frontend: 'option idle-close-on-response'}));
	const other = await startProxy(t, simple(port));
	const [patient, cut] = [kept.connect(), other.connect()];
	for (const client of [patient, cut]) {
		client.send(GET);
		await client.untilText('ok');
	}
	kept.core.stop('soft');
	other.core.stop('soft');
	await cut.untilEnd();
	t.false(patient.ended);
	patient.send(GET);
	await patient.untilEnd();
	t.is(patient.text.split('HTTP/1.1 200').length, 3);
	t.regex(patient.text, /connection: close/i);
});

test('hard-stop-after: a soft stop ends with it', async t => {
	const proxy = await startWhole(
		`global\n hard-stop-after 200ms\nfrontend f\n bind 127.0.0.1:0\n default_backend b\nbackend b\n server s 127.0.0.1:${await serve(t, () => {})}\n`,
		1,
	);
	t.teardown(() => proxy.close());
	const client = new Client(proxy.portOf('f'));
	t.teardown(() => client.socket.destroy());
	client.send(GET);
	await waitFor(() => proxy.engine.snapshot().frontends[0]!.connections === 1);
	await proxy.engine.stop('soft', Number.POSITIVE_INFINITY);
	await client.untilEnd();
	t.pass();
});

const calls = loadSocketCalls();

(calls ? test : test.skip)(
	'option nolinger: both sockets are forgotten by the kernel when they are closed',
	async t => {
		const proxy = await startProxy(
			t,
			simple(await serve(t), {frontend: 'option nolinger', backend: 'option nolinger'}),
		);
		const client = proxy.connect();
		client.send(GET);
		await client.untilText('ok');
		const value = new Int32Array(2);
		const length = new Int32Array(1);
		const found = readdirSync('/proc/self/fd').filter(fd => {
			length[0] = 8;
			// SOL_SOCKET, SO_LINGER
			const [valueAt, lengthAt] = [value, length].map(one => calls!.addressOf(new Uint8Array(one.buffer)));
			return calls!.getsockopt(Number(fd), 1, 13, valueAt!, lengthAt!) === 0 && value[0] === 1 && value[1] === 0;
		});
		t.is(found.length, 2);
	},
);

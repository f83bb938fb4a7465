/** Requests and responses that two readers could understand differently: refused, and nothing of them goes on (RFC 9112 §11). */
import type net from 'node:net';
import test from 'ava';
import {answering, waitFor} from '../helpers/engine.ts';
import {GET, OK, serve, simple, startProxy} from '../helpers/proxy.ts';

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';

for (const [name, request] of [
	[
		'both lengths',
		`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
	],
	[
		'two Content-Lengths',
		`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
	],
	[
		'a coding that is almost chunked',
		`POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
	],
	[
		'chunked, identity',
		`POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SMUGGLED}`,
	],
	[
		'chunked in 1.0',
		`POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
	],
	['space before the colon', `POST / HTTP/1.1\r\nHost: x\r\nContent-Length : ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`],
	[
		'a folded Transfer-Encoding',
		`POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
	],
	['bare LF', `GET / HTTP/1.1\nHost: x\n\n${SMUGGLED}`],
	['bare CR', `GET / HTTP/1.1\r\nHost: x\r\nA: b\rTransfer-Encoding: chunked\r\n\r\n${SMUGGLED}`],
	['NUL', `GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n${SMUGGLED}`],
	['two Hosts', `GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n${SMUGGLED}`],
	['no Host', `GET / HTTP/1.1\r\n\r\n${SMUGGLED}`],
	['HTTP/0.9', `GET /\r\n\r\n${SMUGGLED}`],
	['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
	['too many headers', `GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(150)}\r\n${SMUGGLED}`],
	['a broken first chunk', `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${SMUGGLED}`],
	['a bare LF behind a chunk size', `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\n\n${SMUGGLED}`],
] as const) {
	test(`${name}: 400, the end, and the server hears nothing`, async t => {
		let heard = 0;
		const port = await serve(t, socket => {
			heard++;
			answering(() => OK)(socket);
		});
		const proxy = await startProxy(t, simple(port));
		const client = proxy.connect();
		client.send(request);
		await client.untilEnd();
		t.regex(client.text, /^HTTP\/1\.1 400 Bad request\r\n(?:[^\r\n]+\r\n)*connection: close\r\n/i);
		t.is(client.text.split('HTTP/1.1').length, 2);
		t.is(heard, 0);
	});
}

test('a coding that is not known here: 501', async t => {
	const proxy = await startProxy(t, simple(await serve(t)));
	const client = proxy.connect();
	client.send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n');
	await client.untilEnd();
	t.regex(client.text, /^HTTP\/1\.1 501 Not Implemented\r\n/);
});

test('the server sees the host that the rules saw', async t => {
	const heads: string[] = [];
	const port = await serve(
		t,
		answering(head => {
			heads.push(head);
			return OK;
		}),
	);
	const proxy = await startProxy(t, simple(port, {frontend: 'http-request deny if { hdr(host) -i private.example }'}));
	const client = proxy.connect();
	client.send('GET http://private.example/ HTTP/1.1\r\nHost: public.example\r\n\r\n');
	await client.untilText('HTTP/1.1 403 Forbidden');
	client.send('GET http://public.example/a HTTP/1.1\r\nHost: private.example\r\n\r\n');
	await client.untilText(OK);
	t.deepEqual(heads, ['GET /a HTTP/1.1\r\nHost: public.example\r\n\r\n']);
});

for (const [name, response] of [
	['both lengths', `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
	['two Content-Lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nabcde'],
	['xchunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
	['chunked in 1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
	['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
	['bare CR', 'HTTP/1.1 200 OK\r\nA: b\rSet-Cookie: c\r\nContent-Length: 0\r\n\r\n'],
	['a folded line', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n'],
	['space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n'],
	['NUL', 'HTTP/1.1 200 OK\r\nA: \0\r\nContent-Length: 0\r\n\r\n'],
	['a version that does not exist', 'HTTP/1.7 200 OK\r\nContent-Length: 0\r\n\r\n'],
	['too long a head', `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(17_000)}\r\nContent-Length: 0\r\n\r\n`],
] as const) {
	test(`a response with ${name}: 502, and nothing of it reaches the client`, async t => {
		const proxy = await startProxy(
			t,
			simple(
				await serve(
					t,
					answering(() => response),
				),
			),
		);
		const client = proxy.connect();
		client.send(GET);
		await client.untilText('</html>');
		t.regex(client.text, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
		t.is(client.text.split('HTTP/1.').length, 2);
		t.regex(await proxy.line(), / 502 207 - - PH-- /);
	});
}

test("a response that comes before it was asked for is nobody's", async t => {
	const sockets: net.Socket[] = [];
	let closed = 0;
	const port = await serve(t, socket => {
		sockets.push(socket);
		socket.on('close', () => closed++).on('end', () => socket.end());
		answering(() => OK)(socket);
	});
	const proxy = await startProxy(t, simple(port));
	const first = proxy.connect();
	first.send(GET);
	await first.untilText(OK);
	first.send(GET);
	await first.untilText(OK + OK);
	sockets[0]!.write('HTTP/1.1 200 Forged\r\nContent-Length: 0\r\n\r\n');
	// Long before an idle connection would be closed anyway.
	await waitFor(() => closed === 1, 2000);
	const second = proxy.connect();
	second.send(GET);
	await second.untilText(OK);
	t.is(second.text, OK);
	t.is(sockets.length, 2);
});

/** Keep-alive on both sides, `http-server-close`, `httpclose`, `forceclose`, and connections to servers that are shared. */
import test from 'ava';
import {answering, waitFor} from '../helpers/engine.ts';
import {GET, OK, serve, serveEcho, simple, startProxy} from '../helpers/proxy.ts';

/** A server that counts its connections. */
function counting() {
	const seen = {connections: 0, open: 0};
	return {
		seen,
		serve: (socket: import('node:net').Socket) => {
			seen.connections++;
			seen.open++;
			socket.on('close', () => seen.open--);
			answering(() => OK)(socket);
		},
	};
}

test('by default both connections are kept', async t => {
	const {seen, serve: onConnection} = counting();
	const proxy = await startProxy(t, simple(await serve(t, onConnection)));
	const client = proxy.connect();
	for (let i = 0; i < 5; i++) {
		client.text = '';
		client.send(GET);
		await client.untilText(OK);
	}
	t.is(client.text, OK);
	t.is(seen.connections, 1);
	t.false(client.ended);
});

test('a server connection that has proven itself serves other clients', async t => {
	const {seen, serve: onConnection} = counting();
	const proxy = await startProxy(t, simple(await serve(t, onConnection)));
	const first = proxy.connect();
	for (let i = 1; i <= 2; i++) {
		first.send(GET);
		await first.until(({text}) => text.length === i * OK.length);
	}
	const second = proxy.connect();
	second.send(GET);
	await second.untilText(OK);
	t.is(seen.connections, 1);
});

test('a first request is not risked on a connection that was never used again (`http-reuse safe`)', async t => {
	const {seen, serve: onConnection} = counting();
	const proxy = await startProxy(t, simple(await serve(t, onConnection)));
	for (let i = 1; i <= 2; i++) {
		const client = proxy.connect();
		client.send(GET);
		await client.untilText(OK);
		t.is(seen.connections, i);
	}
});

test('a client that says close takes a connection with it that was never used again', async t => {
	const proxy = await startProxy(t, simple(await serve(t)));
	for (let i = 1; i <= 3; i++) {
		const client = proxy.connect();
		client.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
		await client.untilEnd();
		t.is(proxy.table.serverIdle(0, false), 0);
	}
});

test('no more idle connections are kept than were needed at once', async t => {
	const {seen, serve: onConnection} = counting();
	const proxy = await startProxy(t, simple(await serve(t, onConnection)));
	for (let i = 1; i <= 10; i++) {
		const client = proxy.connect();
		client.send(GET);
		await client.untilText(OK);
		t.true(proxy.table.serverIdle(0, false) <= 1);
	}
	t.is(seen.connections, 10);
});

test('as many as were needed at once are kept', async t => {
	const asked: import('node:net').Socket[] = [];
	const port = await serve(t, socket => {
		socket.on('data', () => {
			if (asked.push(socket) === 5) for (const each of asked) each.write(OK);
		});
	});
	const proxy = await startProxy(t, simple(port));
	const clients = Array.from({length: 5}, () => proxy.connect());
	for (const client of clients) client.send(GET);
	for (const client of clients) await client.untilText(OK);
	t.is(proxy.table.serverIdle(0, false), 5);
});

test('http-server-close: the client is kept, the server is not', async t => {
	const {seen, serve: onConnection} = counting();
	const proxy = await startProxy(t, simple(await serve(t, onConnection), {frontend: 'option http-server-close'}));
	const client = proxy.connect();
	for (let i = 1; i <= 3; i++) {
		client.send(GET);
		await client.until(({text}) => text.length === i * OK.length);
	}
	t.is(seen.connections, 3);
	await waitFor(() => seen.open === 0);
	t.false(client.ended);
});

for (const option of ['httpclose', 'forceclose']) {
	for (const side of ['frontend', 'backend'] as const) {
		test(`${option} in the ${side}: both are closed and told so`, async t => {
			const proxy = await startProxy(t, simple(await serveEcho(t), {[side]: `option ${option}`}));
			const client = proxy.connect();
			client.send(GET + GET);
			await client.untilEnd();
			t.regex(
				client.text,
				/^HTTP\/1\.1 200 OK\r\nContent-Length: \d+\r\nConnection: close\r\n\r\nGET \/ HTTP\/1\.1\r\nHost: x\r\nConnection: close\r\n\r\n$/,
			);
		});
	}
}

test('a client that says close gets it, the server does not hear of it', async t => {
	const proxy = await startProxy(t, simple(await serveEcho(t)));
	const client = proxy.connect();
	client.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
	await client.untilEnd();
	t.regex(client.text, /\r\nConnection: close\r\n\r\nGET \/ HTTP\/1\.1\r\nHost: x\r\n\r\n$/);
});

test('HTTP/1.0 closes unless it asks not to', async t => {
	const proxy = await startProxy(t, simple(await serveEcho(t)));
	const client = proxy.connect();
	client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
	await client.untilText('\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
	client.text = '';
	client.send('GET / HTTP/1.0\r\n\r\n');
	await client.untilEnd();
	t.regex(client.text, /\r\nConnection: close\r\n\r\nGET \/ HTTP\/1\.0\r\n/);
});

test('an idle client connection ends in silence after `timeout http-keep-alive`', async t => {
	const proxy = await startProxy(t, simple(await serve(t), {frontend: 'timeout http-keep-alive 60ms'}));
	const client = proxy.connect();
	client.send(GET);
	await client.untilEnd();
	t.is(client.text, OK);
	t.is(proxy.lines.length, 1);
});

test('a kept connection that the server closed meanwhile costs a safe request nothing', async t => {
	let connections = 0;
	const port = await serve(t, socket => {
		const isFirst = ++connections === 1;
		let count = 0;
		socket.on('data', () => {
			// The second request on the first connection meets a closing server.
			if (isFirst && ++count === 2) socket.destroy();
			else socket.write(OK);
		});
	});
	const proxy = await startProxy(t, simple(port));
	const client = proxy.connect();
	client.send(GET);
	await client.untilText(OK);
	client.send(GET);
	await client.untilText(OK + OK);
	t.is(connections, 2);
	t.regex(await proxy.line(2), / 200 40 - - ---- 1\/1\/0\/0\/0 /);
});

test('but a POST is not sent twice: 502 SH', async t => {
	let posts = 0;
	const port = await serve(
		t,
		socket =>
			void socket.on('data', data => {
				if (!data.toString('latin1').startsWith('POST')) socket.write(OK);
				else {
					posts++;
					socket.destroy();
				}
			}),
	);
	const proxy = await startProxy(t, simple(port));
	const client = proxy.connect();
	client.send(GET);
	await client.untilText(OK);
	client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
	await client.untilText('HTTP/1.1 502 Bad Gateway');
	t.is(posts, 1);
	t.regex(await proxy.line(2), / 502 207 - - SH-- /);
});

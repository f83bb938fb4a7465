/** Heads and bodies on their way: versions, lengths, chunks, interim responses, pipelining. */
import type net from 'node:net';
import test from 'ava';
import {answering, waitFor} from '../helpers/engine.ts';
import {GET, OK, serve, serveEcho, simple, startProxy} from '../helpers/proxy.ts';

/** A server that collects what it hears and says `text` once `isWhole` holds. */
function collecting(isWhole: (heard: string) => boolean, text: string) {
	const at = {heard: ''};
	return {
		at,
		serve: (socket: net.Socket) =>
			void socket.on('data', data => {
				at.heard += data.toString('latin1');
				if (isWhole(at.heard)) socket.write(text);
			}),
	};
}

test('a body with a length goes through in pieces', async t => {
	const {at, serve: onConnection} = collecting(heard => heard.endsWith('klm'), OK);
	const proxy = await startProxy(t, simple(await serve(t, onConnection)));
	const client = proxy.connect();
	client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\nabcdef');
	await waitFor(() => at.heard.endsWith('abcdef'));
	client.send('ghiklm');
	await client.untilText(OK);
	t.is(at.heard, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\nabcdefghiklm');
});

test('a chunked request stays chunked and what follows it is the next request', async t => {
	const {at, serve: onConnection} = collecting(heard => heard.endsWith('\r\n\r\n'), '');
	const port = await serve(t, socket => {
		onConnection(socket);
		let answered = 0;
		socket.on('data', () => {
			const whole = at.heard.split('\r\n\r\n').length - 1;
			// Head and last chunk of the POST, then the head of the GET.
			while (answered < Math.min(2, whole - 1)) {
				answered++;
				socket.write(OK);
			}
		});
	});
	const proxy = await startProxy(t, simple(port));
	const client = proxy.connect();
	client.send(
		`POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n0\r\nX-T: 1\r\n\r\n${GET}`,
	);
	await client.untilText(OK + OK);
	t.is(
		at.heard,
		`POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n${GET}`,
	);
});

test('chunks are unpacked for a 1.0 client', async t => {
	const proxy = await startProxy(
		t,
		simple(
			await serve(
				t,
				answering(() => 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n'),
			),
		),
	);
	const client = proxy.connect();
	client.send('GET / HTTP/1.0\r\n\r\n');
	await client.untilEnd();
	t.is(client.text, 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcdef');
});

test("a body that ends with the connection ends the client's", async t => {
	const proxy = await startProxy(
		t,
		simple(await serve(t, socket => void socket.on('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nabc')))),
	);
	const client = proxy.connect();
	client.send(GET);
	await client.untilEnd();
	t.is(client.text, 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc');
	t.regex(await proxy.line(), / 200 \d+ - - ---- /);
});

for (const [name, request, response] of [
	['HEAD', 'HEAD / HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n'],
	['304', GET, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 20\r\n\r\n'],
	['204', GET, 'HTTP/1.1 204 No Content\r\n\r\n'],
] as const) {
	test(`${name}: no body is waited for, and the connection serves the next request`, async t => {
		const proxy = await startProxy(
			t,
			simple(
				await serve(
					t,
					answering((_, count) => (count === 1 ? response : OK)),
				),
			),
		);
		const client = proxy.connect();
		client.send(request + GET);
		await client.untilText('ok');
		t.is(client.text, response + OK);
	});
}

test('a server that sends more than its response is not asked again on that connection', async t => {
	const head = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n';
	let connections = 0;
	const port = await serve(t, socket => {
		connections++;
		answering(request => (request.startsWith('HEAD') ? `${head}HTTP/1.1 200 Forged\r\n\r\n` : OK))(socket);
	});
	const proxy = await startProxy(t, simple(port));
	const client = proxy.connect();
	client.send('HEAD / HTTP/1.1\r\nHost: x\r\n\r\n');
	await client.untilText('\r\n\r\n');
	client.send(GET);
	await client.untilText('ok');
	t.is(client.text, head + OK);
	t.is(connections, 2);
});

test('interim responses go on to a 1.1 client, not to a 1.0 one, and have no line', async t => {
	const interim = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
	const proxy = await startProxy(
		t,
		simple(
			await serve(
				t,
				answering(() => interim + OK),
			),
		),
	);
	const client = proxy.connect();
	client.send(GET);
	await client.untilText('ok');
	t.is(client.text, interim + OK);
	const old = proxy.connect();
	old.send('GET / HTTP/1.0\r\n\r\n');
	await old.untilText('ok');
	t.false(old.text.includes('103'));
	await proxy.line(2);
	t.is(proxy.lines.length, 2);
});

test('Expect: 100-continue: the body comes when the server has said so', async t => {
	const port = await serve(t, socket => {
		let heard = '';
		socket.on('data', data => {
			heard += data.toString('latin1');
			if (heard.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
			else if (heard.endsWith('abc')) socket.write(OK);
		});
	});
	const proxy = await startProxy(t, simple(port));
	const client = proxy.connect();
	client.send('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n');
	await client.untilText('HTTP/1.1 100 Continue\r\n\r\n');
	client.send('abc');
	await client.untilText('ok');
	t.is(client.text, `HTTP/1.1 100 Continue\r\n\r\n${OK}`);
	t.regex(await proxy.line(), / 200 65 - - ---- /);
});

test('many requests in one packet are answered in order', async t => {
	const proxy = await startProxy(t, simple(await serveEcho(t)));
	const client = proxy.connect();
	const paths = Array.from({length: 200}, (_, place) => `/${place}`);
	client.send(paths.map(path => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
	await client.untilText('GET /199 ');
	t.deepEqual(
		[...client.text.matchAll(/^GET (\S+)/gm)].map(([, path]) => path),
		paths,
	);
});

test('a request that is cut anywhere is understood', async t => {
	const proxy = await startProxy(t, simple(await serveEcho(t)));
	const client = proxy.connect();
	client.socket.setNoDelay(true);
	for (const byte of 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
		await new Promise<void>(resolve => client.socket.write(byte, () => resolve()));
	await client.untilText('\r\n\r\nGET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
	t.regex(await proxy.line(), /"GET \/slow HTTP\/1\.1"$/);
});

test('a server that answers before it has heard all: the client gets the answer, then the end', async t => {
	const proxy = await startProxy(
		t,
		simple(
			await serve(
				t,
				answering(() => 'HTTP/1.1 413 Too much\r\nContent-Length: 2\r\n\r\nno'),
			),
		),
	);
	const client = proxy.connect();
	client.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(1000)}`);
	await client.untilEnd();
	t.is(client.text, 'HTTP/1.1 413 Too much\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
	t.regex(await proxy.line(), / 413 \d+ - - ---- /);
});

test('what is sent behind the last request does not destroy the end of its answer', async t => {
	// More than a client that does not read takes, less than the kernel keeps for it: it is still on its way when all is over.
	const body = 'b'.repeat(400_000);
	const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`;
	const proxy = await startProxy(
		t,
		simple(
			await serve(
				t,
				answering(() => head + body),
			),
		),
	);
	const client = proxy.connect();
	client.socket.pause();
	client.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /more HTTP/1.1\r\n');
	await proxy.line();
	client.send('Host: x\r\n\r\n');
	client.socket.resume();
	await client.untilEnd();
	t.true(client.text.endsWith(`\r\n\r\n${body}`));
	t.is(client.text.split('HTTP/1.1').length, 2);
});

for (const [name, rest, answers, last] of [
	['whole requests', GET + GET, 3, '200'],
	['a head that breaks off', `${GET}GET / HTTP/1.1\r\nHo`, 3, '400'],
	['a body that breaks off', `${GET}POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc`, 2, '200'],
] as const) {
	test(`a client that has ended its direction is answered all that it asked before: ${name}`, async t => {
		const proxy = await startProxy(t, simple(await serve(t)));
		const client = proxy.connect();
		client.socket.end(GET + rest, 'latin1');
		// Long before a timeout would end it.
		await client.until(({ended, closed}) => ended || closed, 3000);
		const statuses = [...client.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
		t.is(statuses.length, answers);
		t.is(statuses.at(-1), last);
	});
}

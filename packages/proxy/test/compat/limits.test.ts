/** Who waits, where, and for how long: server maxconn and queues, frontend and global maxconn. */
import type net from 'node:net';
import test from 'ava';
import {Counter} from '../../src/shared-table.ts';
import {waitFor} from '../helpers/engine.ts';
import {GET, OK, serve, simple, startProxy} from '../helpers/proxy.ts';

/** A server that answers when told. */
function holding() {
	const held: net.Socket[] = [];
	let most = 0;
	return {
		held,
		get most() {
			return most;
		},
		answerAll() {
			for (const socket of held.splice(0)) socket.write(OK);
		},
		serve: (socket: net.Socket) =>
			void socket
				.on('data', () => {
					held.push(socket);
					most = Math.max(most, held.length);
				})
				.on('end', () => socket.end()),
	};
}

const limited = (text: string, more: string) => text.replace(/(server s1 \S+)/, `$1 ${more}`);

test('a full server: 503 sQ after `timeout queue`', async t => {
	const server = holding();
	const proxy = await startProxy(
		t,
		limited(simple(await serve(t, server.serve), {backend: 'timeout queue 60ms'}), 'maxconn 1'),
	);
	proxy.connect().send(GET);
	await waitFor(() => server.held.length === 1);
	const second = proxy.connect();
	second.send(GET);
	await second.untilText('HTTP/1.1 503 Service Unavailable');
	t.is(
		await proxy.line(),
		'127.0.0.1:P [T] in out/<NOSRV> T/T/-1/-1/T 503 220 - - sQ-- 2/2/1/0/0 0/1 "GET / HTTP/1.1"',
	);
	t.is(proxy.table.backendQueued(0), 0);
});

test('a full server: the others wait in order and are served', async t => {
	const server = holding();
	const proxy = await startProxy(t, limited(simple(await serve(t, server.serve)), 'maxconn 1'));
	const order: number[] = [];
	const clients = [1, 2, 3].map(() => proxy.connect());
	for (const [place, client] of clients.entries()) {
		client.send(GET);
		await waitFor(() => server.held.length + proxy.table.backendQueued(0) === place + 1);
		client.socket.once('data', () => order.push(place));
	}
	for (let i = 0; i < 3; i++) {
		await waitFor(() => server.held.length === 1);
		server.answerAll();
	}
	await Promise.all(clients.map(client => client.untilText(OK)));
	t.deepEqual(order, [0, 1, 2]);
	t.is(server.most, 1);
	t.deepEqual(
		proxy.lines.map(({text}) => / (\d+\/\d+) "/.exec(text)?.[1]),
		['0/0', '0/1', '0/2'],
	);
});

test('whom a cookie sends to a full server waits for that server', async t => {
	const server = holding();
	const text = limited(
		simple(await serve(t, server.serve), {backend: 'cookie S insert\n    timeout queue 60ms'}),
		'maxconn 1 cookie a',
	);
	const proxy = await startProxy(t, text);
	const bound = 'GET / HTTP/1.1\r\nHost: x\r\nCookie: S=a\r\n\r\n';
	proxy.connect().send(bound);
	await waitFor(() => server.held.length === 1);
	const second = proxy.connect();
	second.send(bound);
	await second.untilText('HTTP/1.1 503 ');
	t.regex(await proxy.line(), / sQVN 2\/2\/1\/\d\/0 1\/0 "/);
});

test('a client that leaves the queue under abortonclose: CQ', async t => {
	const server = holding();
	const proxy = await startProxy(
		t,
		limited(simple(await serve(t, server.serve), {backend: 'option abortonclose'}), 'maxconn 1'),
	);
	proxy.connect().send(GET);
	await waitFor(() => server.held.length === 1);
	const second = proxy.connect();
	second.socket.end(GET);
	t.is(await proxy.line(), '127.0.0.1:P [T] in out/<NOSRV> T/T/-1/-1/T -1 0 - - CQ-- 2/2/1/0/0 0/1 "GET / HTTP/1.1"');
	t.is(proxy.table.backendQueued(0), 0);
});

test('a queue that is full sends the next one elsewhere', async t => {
	const server = holding();
	const text = limited(
		simple(await serve(t, server.serve), {backend: 'cookie S insert\n    option redispatch'}),
		'maxconn 1 maxqueue 1 cookie a',
	);
	const proxy = await startProxy(t, `${text}    server s2 127.0.0.1:${await serve(t)} cookie b\n`);
	const bound = 'GET / HTTP/1.1\r\nHost: x\r\nCookie: S=a\r\n\r\n';
	proxy.connect().send(bound);
	await waitFor(() => server.held.length === 1);
	proxy.connect().send(bound);
	await waitFor(() => proxy.table.serverQueued(0) === 1);
	const third = proxy.connect();
	third.send(bound);
	await third.untilText(OK.slice(-2));
	t.regex(await proxy.line(), / out\/s2 /);
});

for (const [where, text] of [
	['frontend', 'frontend in\n    maxconn 1'],
	['process', 'global\n    maxconn 1\nfrontend in'],
] as const) {
	test(`beyond the ${where}'s maxconn connections wait at the door and are let in as others leave`, async t => {
		const proxy = await startProxy(t, simple(await serve(t)).replace('frontend in', text));
		const first = proxy.connect();
		first.send(GET);
		await first.untilText(OK);
		const second = proxy.connect();
		second.send(GET);
		const third = proxy.connect();
		third.send(GET);
		await second.until(() => second.socket.readyState === 'open');
		t.is(proxy.table.connections, 1);
		t.is(second.text, '');
		first.socket.end();
		await second.untilText(OK);
		t.is(third.text, '');
		second.socket.end();
		await third.untilText(OK);
		t.is(proxy.table.readMax(proxy.table.row('frontend', 0), Counter.maxConnections), 1);
	});
}

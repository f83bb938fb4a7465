/** Limits and queues end to end: a proxy with two worker threads, so that all of them must agree. */
import type net from 'node:net';
import test from 'ava';
import {Client, startServer} from '../helpers/engine.ts';
import {listenTcp} from '../helpers/tcp-server.ts';
import {waitFor} from '../helpers/wait-for.ts';
import {ask, bodyOf, startProxy, type TestProxy} from '../helpers/whole-proxy.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

/** A server that answers when the test says so. */
async function startHolding() {
	const waiting: {path: string; answer: () => void}[] = [];
	const seen: string[] = [];
	let most = 0;
	const server = await startServer((socket: net.Socket) => {
		socket.on('data', chunk => {
			const path = /^GET (\S+)/.exec(chunk.toString('latin1'))?.[1] ?? '?';
			seen.push(path);
			const entry = {path, answer: () => socket.end(ok)};
			waiting.push(entry);
			most = Math.max(most, waiting.length);
		});
	});
	return {
		server,
		seen,
		waiting,
		get most() {
			return most;
		},
		/** Lets the oldest go. */
		release() {
			waiting.shift()?.answer();
		},
	};
}

function send(port: number, path: string, headers = ''): Client {
	const client = new Client(port);
	client.send(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
	return client;
}

const queued = (proxy: TestProxy, backend = 'web') =>
	proxy.engine.snapshot().backends.find(({name}) => name === backend)!.queued;

test('maxconn is exact over two threads, and who has waited longest goes first', async t => {
	const held = await startHolding();
	const proxy = await startProxy(
		`listen web\nbind 127.0.0.1:0\ntimeout queue 9s\nserver s 127.0.0.1:${held.server.port} maxconn 3`,
	);
	const port = proxy.portOf('web');
	const clients: Client[] = [];
	for (let i = 0; i < 20; i++) {
		clients.push(send(port, `/${i}`));
		await waitFor(`request ${i}`, () => held.seen.length + queued(proxy) === i + 1);
	}
	t.is(held.seen.length, 3);
	t.is(queued(proxy), 17);
	for (let i = 3; i < 20; i++) {
		held.release();
		await waitFor(`request ${i} to go`, () => held.seen.length === i + 1);
	}
	while (held.waiting.length > 0) held.release();
	t.is(held.most, 3);
	t.deepEqual(
		held.seen,
		Array.from({length: 20}, (_, i) => `/${i}`),
	);
	for (const client of clients) client.socket.destroy();
	await proxy.close();
	held.server.close();
});

test('a crowd never meets more than maxconn', async t => {
	let open = 0;
	let most = 0;
	const server = await startServer(socket => {
		socket.on('data', () => {
			most = Math.max(most, ++open);
			setTimeout(() => {
				open--;
				socket.end(ok);
			}, 5);
		});
	});
	const proxy = await startProxy(
		`listen web\nbind 127.0.0.1:0\ntimeout queue 9s\nserver s 127.0.0.1:${server.port} maxconn 4`,
	);
	const all = await Promise.all(Array.from({length: 100}, () => ask(proxy.portOf('web'))));
	t.true(all.every(answer => bodyOf(answer) === 'ok'));
	t.is(most, 4);
	t.is(queued(proxy), 0);
	await proxy.close();
	server.close();
});

test('a request that waits too long gets 503', async t => {
	const held = await startHolding();
	const proxy = await startProxy(
		`listen web\nbind 127.0.0.1:0\ntimeout queue 200\nserver s 127.0.0.1:${held.server.port} maxconn 1`,
	);
	const first = send(proxy.portOf('web'), '/1');
	await waitFor('the first', () => held.seen.length === 1);
	t.regex(await ask(proxy.portOf('web')), /^HTTP\/1\.1 503 /);
	t.deepEqual(held.seen, ['/1']);
	t.is(queued(proxy), 0);
	first.socket.destroy();
	await proxy.close();
	held.server.close();
});

test('a client that leaves the queue is not served with abortonclose', async t => {
	const held = await startHolding();
	const proxy = await startProxy(
		`listen web\nbind 127.0.0.1:0\ntimeout queue 9s\noption abortonclose\nserver s 127.0.0.1:${held.server.port} maxconn 1`,
	);
	const port = proxy.portOf('web');
	const first = send(port, '/1');
	await waitFor('the first', () => held.seen.length === 1);
	const second = send(port, '/2');
	await waitFor('the second', () => queued(proxy) === 1);
	second.socket.end();
	await waitFor('the queue empty', () => queued(proxy) === 0);
	held.release();
	t.true((await Promise.race([ask(port, '/3'), waitFor('the third', () => held.seen.includes('/3'))])) === true);
	t.deepEqual(held.seen, ['/1', '/3']);
	first.socket.destroy();
	second.socket.destroy();
	await proxy.close();
	held.server.close();
});

test('without abortonclose a client that has sent all may wait half closed', async t => {
	const held = await startHolding();
	const proxy = await startProxy(
		`listen web\nbind 127.0.0.1:0\ntimeout queue 9s\nserver s 127.0.0.1:${held.server.port} maxconn 1`,
	);
	const port = proxy.portOf('web');
	const first = send(port, '/1');
	await waitFor('the first', () => held.seen.length === 1);
	const second = send(port, '/2');
	await waitFor('the second', () => queued(proxy) === 1);
	second.socket.end();
	held.release();
	await waitFor('the second to go', () => held.seen.length === 2);
	held.release();
	await second.untilText('ok');
	t.is(second.text.slice(0, 15), 'HTTP/1.1 200 OK');
	first.socket.destroy();
	await proxy.close();
	held.server.close();
});

/** Servers s (holding, checked) and t; one request holds s, another with the cookie of s waits for it, and s goes down. */
async function goDown(
	lines: string,
	use: (proxy: TestProxy, waiter: Client, second: {seen: string[]}) => Promise<void>,
) {
	let isUp = true;
	const health = await listenTcp(socket => socket.end(`HTTP/1.0 ${isUp ? '200 OK' : '500 X'}\r\n\r\n`));
	const held = await startHolding();
	const seen: string[] = [];
	const other = await startServer(socket => {
		socket.on('data', () => {
			seen.push('t');
			socket.end(ok);
		});
	});
	const proxy = await startProxy(
		`listen web
		bind 127.0.0.1:0
		${lines}
		option httpchk
		cookie S insert
		server s 127.0.0.1:${held.server.port} maxconn 1 check port ${health.port} inter 300ms fall 1 rise 1 cookie s
		server t 127.0.0.1:${other.port} maxconn 5 cookie t`,
	);
	const port = proxy.portOf('web');
	const first = send(port, '/1', 'Cookie: S=s\r\n');
	await waitFor('the first', () => held.seen.length === 1);
	const waiter = send(port, '/2', 'Cookie: S=s\r\n');
	await waitFor('the second', () => queued(proxy) === 1);
	isUp = false;
	await use(proxy, waiter, {seen});
	first.socket.destroy();
	waiter.socket.destroy();
	await proxy.close();
	await health.close();
	held.server.close();
	other.close();
}

test('who waits for a server that goes down goes to another with option redispatch', async t => {
	await goDown('option redispatch\ntimeout queue 9s', async (proxy, waiter, {seen}) => {
		await waiter.untilText('ok');
		t.deepEqual(seen, ['t']);
		t.regex(waiter.text, /set-cookie: S=t/i);
		t.true(
			(await proxy.untilLog('Server web/s is DOWN')).endsWith(' 1 sessions active, 1 requeued, 0 remaining in queue.'),
		);
	});
});

test('without option redispatch it waits on, until its time is up', async t => {
	await goDown('timeout queue 3s', async (proxy, waiter, {seen}) => {
		t.true(
			(await proxy.untilLog('Server web/s is DOWN')).endsWith(' 1 sessions active, 0 requeued, 1 remaining in queue.'),
		);
		await waiter.untilText('\r\n\r\n');
		t.regex(waiter.text, /^HTTP\/1\.1 503 /);
		t.deepEqual(seen, []);
	});
});

for (const [redispatch, status] of [
	['', 503],
	['option redispatch', 200],
] as const) {
	test(`a server whose queue is full (maxqueue) means ${status} ${redispatch === '' ? 'without' : 'with'} option redispatch`, async t => {
		const held = await startHolding();
		const other = await startServer(socket => socket.on('data', () => socket.end(ok)));
		const proxy = await startProxy(
			`listen web
			bind 127.0.0.1:0
			timeout queue 9s
			${redispatch}
			cookie S insert
			server s 127.0.0.1:${held.server.port} maxconn 1 maxqueue 1 cookie s
			server t 127.0.0.1:${other.port} maxconn 5 cookie t`,
		);
		const port = proxy.portOf('web');
		const first = send(port, '/1', 'Cookie: S=s\r\n');
		await waitFor('the first', () => held.seen.length === 1);
		const second = send(port, '/2', 'Cookie: S=s\r\n');
		await waitFor('the second', () => queued(proxy) === 1);
		t.is((await ask(port, '/3', 'Cookie: S=s\r\n')).slice(9, 12), String(status));
		t.is(queued(proxy), 1);
		first.socket.destroy();
		second.socket.destroy();
		await proxy.close();
		held.server.close();
		other.close();
	});
}

test('between minconn and maxconn the limit follows the load of the backend', async t => {
	const held = await startHolding();
	const proxy = await startProxy(
		`listen web\nbind 127.0.0.1:0\ntimeout queue 9s\nfullconn 10\nserver s 127.0.0.1:${held.server.port} minconn 1 maxconn 5`,
	);
	const clients: Client[] = [];
	const limits: number[] = [];
	for (let i = 1; i <= 12; i++) {
		clients.push(send(proxy.portOf('web'), `/${i}`));
		await waitFor(`request ${i}`, () => held.seen.length + queued(proxy) === i);
		limits.push(held.seen.length);
	}
	// The connection that comes counts already: floor(5 × n ⁄ 10), at least 1, at most 5 — and a queue is served in the pauses too.
	t.is(limits[0], 1);
	t.true(
		limits.every((limit, i) => limit <= Math.min(5, Math.max(1, Math.floor((i + 1) / 2)))),
		`${limits}`,
	);
	await waitFor('the upper limit', () => held.seen.length === 5);
	for (const client of clients) client.socket.destroy();
	await proxy.close();
	held.server.close();
});

test('rate-limit sessions lets no more in over two threads, and everybody in the end', async t => {
	const server = await startServer(socket => socket.on('data', () => socket.end(ok)));
	const proxy = await startProxy(
		`listen web\nbind 127.0.0.1:0\nrate-limit sessions 5\nserver s 127.0.0.1:${server.port}`,
	);
	const port = proxy.portOf('web');
	const startMs = performance.now();
	const times = await Promise.all(
		Array.from({length: 12}, async () => {
			t.is(bodyOf(await ask(port)), 'ok');
			return performance.now() - startMs;
		}),
	);
	times.sort((a, b) => a - b);
	// Eleven sessions do not fit into one second; the first answers come late on a busy machine.
	t.true(times[10]! - times[0]! > 600, `${times}`);
	await proxy.close();
	server.close();
});

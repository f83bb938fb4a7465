/** Balancing end to end: a proxy with two worker threads, real servers that answer their name. */
import type net from 'node:net';
import test from 'ava';
import {answering, Client, startServer} from '../helpers/engine.ts';
import {waitFor} from '../helpers/wait-for.ts';
import {ask, bodyOf, startProxy, type TestProxy} from '../helpers/whole-proxy.ts';

const reply = (name: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`;

async function withServers(
	count: number,
	lines: string,
	options: readonly string[],
	use: (proxy: TestProxy, port: number) => Promise<void>,
): Promise<void> {
	const names = Array.from({length: count}, (_, i) => 'abcdef'.charAt(i));
	const servers = await Promise.all(names.map(name => startServer(answering(() => reply(name)))));
	const serverLines = names.map((name, i) => `server ${name} 127.0.0.1:${servers[i]!.port} ${options[i] ?? ''}`);
	let proxy: TestProxy | undefined;
	try {
		proxy = await startProxy(`listen web\nbind 127.0.0.1:0\n${lines}\n${serverLines.join('\n')}`);
		await use(proxy, proxy.portOf('web'));
	} finally {
		await proxy?.close();
		for (const server of servers) server.close();
	}
}

async function answers(port: number, count: number, path: (i: number) => string = () => '/'): Promise<string[]> {
	const all: string[] = [];
	for (let i = 0; i < count; i++) all.push(bodyOf(await ask(port, path(i))));
	return all;
}

const countOf = (all: readonly string[], name: string) => all.filter(one => one === name).length;

test('roundrobin is exact over two threads', async t => {
	await withServers(3, 'balance roundrobin', ['weight 2', 'weight 1', 'weight 1'], async (_proxy, port) => {
		const all = await Promise.all(Array.from({length: 80}, () => ask(port)));
		const names = all.map(bodyOf);
		t.deepEqual([countOf(names, 'a'), countOf(names, 'b'), countOf(names, 'c')], [40, 20, 20]);
	});
});

test('a URI stays with its server in whichever thread, and the others keep theirs when one leaves', async t => {
	await withServers(3, 'balance uri\nhash-type consistent', ['', '', ''], async (proxy, port) => {
		const path = (i: number) => `/p${i}?x=${i}`;
		const before = await answers(port, 30, path);
		t.deepEqual(await answers(port, 30, i => `/p${i}?other`), before);
		t.is(new Set(before).size, 3);
		proxy.engine.setServer('web', 'b', 'maint');
		const without = await answers(port, 30, path);
		for (const [i, name] of before.entries()) {
			if (name === 'b') t.not(without[i], 'b');
			else t.is(without[i], name);
		}
		proxy.engine.setServer('web', 'b', 'ready');
		t.deepEqual(await answers(port, 30, path), before);
	});
});

test('a header leads to its server; without it turns are taken', async t => {
	await withServers(2, 'balance hdr(X-User)', [], async (_proxy, port) => {
		const byUser = (user: string) => ask(port, '/', `X-User: ${user}\r\n`).then(bodyOf);
		const first = await Promise.all(['u1', 'u2', 'u3', 'u4'].map(byUser));
		t.is(new Set(first).size, 2);
		t.deepEqual(await Promise.all(['u1', 'u2', 'u3', 'u4'].map(byUser)), first);
		const turns = await answers(port, 10);
		t.is(countOf(turns, 'a'), 5);
	});
});

test('a parameter in the query and the same in the body of a POST lead to one server', async t => {
	await withServers(3, 'balance url_param id check_post', [], async (_proxy, port) => {
		for (const id of ['1', '2', '3', '4', '5']) {
			const name = bodyOf(await ask(port, `/?a=b&id=${id}`));
			t.is(bodyOf(await ask(port, '/', '', 'POST', `x=y&id=${id}`)), name);
		}
	});
});

test('the body of a POST is waited for, chunked too, and arrives whole', async t => {
	const seen: string[] = [];
	const server = await startServer(socket => {
		let text = '';
		socket.on('data', chunk => {
			text += chunk.toString('latin1');
			if (!text.endsWith('0\r\n\r\n')) return;
			seen.push(text.slice(text.indexOf('\r\n\r\n') + 4));
			socket.write(reply('a'));
		});
	});
	const proxy = await startProxy(
		`listen web\nbind 127.0.0.1:0\nbalance url_param id check_post\nserver a 127.0.0.1:${server.port}`,
	);
	const client = new Client(proxy.portOf('web'));
	client.send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nid=\r\n');
	await new Promise(resolve => setTimeout(resolve, 50));
	client.send('1\r\n7\r\n0\r\n\r\n');
	await client.untilText('\r\n\r\na');
	t.deepEqual(seen, ['3\r\nid=\r\n1\r\n7\r\n0\r\n\r\n']);
	client.socket.destroy();
	await proxy.close();
	server.close();
});

test('a POST whose body never comes ends with 408', async t => {
	const lines = 'timeout http-request 300\nbalance url_param id check_post';
	await withServers(1, lines, [], async (proxy, port) => {
		const client = new Client(port);
		client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nid=');
		await client.untilText('HTTP/1.1 408 ');
		await client.untilEnd();
		t.is(proxy.engine.snapshot().backends[0]?.servers[0]?.totalSessions, 0);
		client.socket.destroy();
	});
});

test('leastconn sends the next request to the server that has the fewest, whoever holds them', async t => {
	const waiting = new Set<net.Socket>();
	const slow = await startServer(socket => {
		waiting.add(socket);
		socket.on('data', () => {});
	});
	const fast = await startServer(answering(() => reply('fast')));
	const proxy = await startProxy(
		`listen web\nbind 127.0.0.1:0\nbalance leastconn\nserver slow 127.0.0.1:${slow.port}\nserver fast 127.0.0.1:${fast.port}`,
	);
	const port = proxy.portOf('web');
	const held = new Client(port);
	held.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
	await waitFor('a request held', () => waiting.size > 0);
	const names = await answers(port, 12);
	t.deepEqual(
		names,
		Array.from({length: 12}, () => 'fast'),
	);
	held.socket.destroy();
	await proxy.close();
	slow.close();
	fast.close();
});

test('first fills one server before the next', async t => {
	const held: net.Socket[] = [];
	const hold = (socket: net.Socket) => {
		held.push(socket);
		socket.on('data', () => {});
	};
	const [a, b] = [await startServer(hold), await startServer(answering(() => reply('b')))];
	const proxy = await startProxy(
		`listen web\nbind 127.0.0.1:0\nbalance first\nserver a 127.0.0.1:${a.port} maxconn 2\nserver b 127.0.0.1:${b.port}`,
	);
	const port = proxy.portOf('web');
	const clients = Array.from({length: 2}, () => new Client(port));
	for (const client of clients) client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
	await waitFor('both slots taken', () => held.length === 2);
	t.deepEqual(await answers(port, 4), ['b', 'b', 'b', 'b']);
	for (const client of clients) client.socket.destroy();
	await proxy.close();
	a.close();
	b.close();
});

test('a weight changed at run time holds from the next request on', async t => {
	await withServers(2, 'balance roundrobin', ['weight 10', 'weight 10'], async (proxy, port) => {
		t.is(countOf(await answers(port, 10), 'a'), 5);
		proxy.engine.setWeight('web', 'a', 30);
		t.is(countOf(await answers(port, 20), 'a'), 15);
		proxy.engine.setWeight('web', 'a', 0);
		t.is(countOf(await answers(port, 6), 'a'), 0);
		t.false(proxy.engine.setWeight('web', 'nobody', 1).ok);
	});
});

test('a remote desktop client finds its server by its cookie, however its message arrives', async t => {
	const servers = await Promise.all(
		['a', 'b', 'c'].map(name => startServer(socket => void socket.on('data', () => socket.write(name)))),
	);
	const lines = servers.map((server, i) => `server s${i} 127.0.0.1:${server.port}`).join('\n');
	const proxy = await startProxy(`listen rdp\nbind 127.0.0.1:0\nmode tcp\nbalance rdp-cookie\n${lines}`);
	const serverOf = async (user: string, pieces: number) => {
		const cookie = `Cookie: mstshash=${user}\r\n`;
		const message = `\x03\0\0${String.fromCharCode(11 + cookie.length)}${String.fromCharCode(6 + cookie.length)}\xe0\0\0\0\0\0${cookie}`;
		const client = new Client(proxy.portOf('rdp'));
		const size = Math.ceil(message.length / pieces);
		for (let at = 0; at < message.length; at += size) {
			client.send(message.slice(at, at + size));
			await new Promise(resolve => setTimeout(resolve, 5));
		}
		await client.until(({text}) => text !== '');
		client.socket.destroy();
		return client.text.charAt(0);
	};
	const found = new Set<string>();
	for (const user of ['anna', 'bert', 'carl', 'dora', 'emil', 'fred']) {
		const name = await serverOf(user, 1);
		found.add(name);
		t.is(await serverOf(user, 4), name);
		t.is(await serverOf(user, 1), name);
	}
	t.true(found.size > 1);
	const other = new Client(proxy.portOf('rdp'));
	other.send('hello');
	await other.until(({text}) => text !== '');
	other.socket.destroy();
	await proxy.close();
	for (const server of servers) server.close();
});

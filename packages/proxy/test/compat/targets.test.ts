/** Servers without an address: where the client's URI says, or where the client connected to. */
import net from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {addressOfUri} from '../../src/engine/server-route.ts';
import {answering, Client} from '../helpers/engine.ts';
import {serve, startProxy, type TestProxy} from '../helpers/proxy.ts';

async function ask(proxy: TestProxy, target: string, headers = ''): Promise<string> {
	const client = proxy.connect();
	client.send(
		`GET ${target} HTTP/1.1\r\nHost: ${/\/\/([^/]+)/.exec(target)?.[1] ?? 'x'}\r\n${headers}Connection: close\r\n\r\n`,
	);
	await client.untilEnd();
	return client.text;
}

const named = (name: string) =>
	answering(head => {
		const body = `${name} ${head.split('\r\n', 1)[0]}`;
		return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
	});

test('option http_proxy: the address in the URI is the server, connection after connection', async t => {
	const first = await serve(t, named('one'));
	const second = await serve(t, named('two'));
	const proxy = await startProxy(t, '\nlisten in\n    bind 127.0.0.1:1\n    option http_proxy\n');
	for (let round = 0; round < 2; round++) {
		t.regex(await ask(proxy, `http://127.0.0.1:${first}/a?b`), /\r\n\r\none GET \/a\?b HTTP\/1\.1$/);
		t.regex(await ask(proxy, `http://127.0.0.1:${second}/`), /\r\n\r\ntwo GET \/ HTTP\/1\.1$/);
	}
	t.regex(await proxy.line(), / in\/http_proxy T\/T\/T\/T\/T 200 \d+ - - ---- /);
});

test('option http_proxy: one client may go from one server to the other', async t => {
	const first = await serve(t, named('one'));
	const second = await serve(t, named('two'));
	const proxy = await startProxy(t, '\nlisten in\n    bind 127.0.0.1:1\n    option http_proxy\n');
	const client = proxy.connect();
	const get = (port: number) => `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
	client.send(get(first) + get(second) + get(first));
	await client.until(({text}) => text.split('HTTP/1.1 200').length === 4 && text.endsWith('one GET / HTTP/1.1'));
	t.deepEqual(client.text.match(/(one|two)(?= GET)/g), ['one', 'two', 'one']);
});

test('option http_proxy: no name is looked up, and a path leads nowhere', async t => {
	const proxy = await startProxy(t, '\nlisten in\n    bind 127.0.0.1:1\n    option http_proxy\n');
	t.regex(await ask(proxy, 'http://localhost:80/'), /^HTTP\/1\.1 503 /);
	t.regex(await ask(proxy, '/'), /^HTTP\/1\.1 503 /);
	t.regex(await proxy.line(2), / in\/http_proxy .* 503 .* SC-- /);
});

test('the address of a URI', t => {
	t.deepEqual(addressOfUri('http://10.0.0.1/x'), {host: '10.0.0.1', port: 80});
	t.deepEqual(addressOfUri('http://10.0.0.1:8080'), {host: '10.0.0.1', port: 8080});
	t.deepEqual(addressOfUri('http://[2001:db8::1]:81/'), {host: '2001:db8::1', port: 81});
	for (const bad of [
		'/',
		'http://example.org/',
		'http://2001:db8::1/',
		'http://[10.0.0.1]/',
		'http://10.0.0.1:0/',
		'*',
	])
		t.is(addressOfUri(bad), undefined, bad);
});

/** A server at one address of the loopback network. */
async function serveAt(t: ExecutionContext, host: string, port: number, name: string): Promise<number> {
	const sockets = new Set<net.Socket>();
	const server = net.createServer(socket => {
		sockets.add(socket);
		named(name)(socket);
	});
	await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
	t.teardown(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	return (server.address() as net.AddressInfo).port;
}

test('a server without an address is where the client connected to', async t => {
	const port = await serveAt(t, '127.0.0.5', 0, 'five');
	await serveAt(t, '127.0.0.6', port, 'six');
	const proxy = await startProxy(t, `\nlisten in\n    bind 0.0.0.0:1\n    server s 0.0.0.0:${port}\n`);
	for (const [host, name] of [
		['127.0.0.5', 'five'],
		['127.0.0.6', 'six'],
		['127.0.0.5', 'five'],
	] as const) {
		const client = new Client(proxy.port('in'), host);
		t.teardown(() => client.socket.destroy());
		client.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
		await client.untilEnd();
		t.regex(client.text, new RegExp(`${name} GET / HTTP/1.1$`));
	}
});

test('option transparent: a cookie goes before the destination, which is not balanced', async t => {
	const port = await serve(t, named('one'));
	const proxy = await startProxy(
		t,
		`
listen in
    bind 127.0.0.1:1
    cookie S insert
    option transparent
    server one 127.0.0.1:${port} cookie a
    server lonely 127.0.0.1:9
`,
	);
	for (let round = 0; round < 3; round++) t.regex(await ask(proxy, '/', 'Cookie: S=a\r\n'), /one GET/);
	t.is(proxy.configuration.backends[0]!.servers.at(-1)!.target, 'original');
});

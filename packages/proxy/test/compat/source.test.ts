/** `source`: from which address and port servers see connections come. */
import net from 'node:net';
import test from 'ava';
import type {Client} from '../helpers/engine.ts';
import {serve, startProxy} from '../helpers/proxy.ts';

/** Answers with the client's address and port, and keeps the connection. */
const mirror = (socket: net.Socket) => {
	const from = `${socket.remoteAddress} ${socket.remotePort}`;
	socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${from.length}\r\n\r\n${from}`));
	socket.on('end', () => socket.end());
};
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
let nextAddress = 0;
/** Nobody else uses its ports. */
const ownAddress = () => `127.${100 + (process.pid & 0x3f)}.${(process.pid >> 6) & 0xff}.${++nextAddress}`;
const mayBeForeign = process.getuid?.() === 0;

const inMode = (mode: string, source: string, port: number) => `
listen in
    mode ${mode}
    bind 0.0.0.0:1
    retries 0
    ${source}
    server s 127.0.0.1:${port}
`;

async function ask(client: Client): Promise<string> {
	client.send(GET);
	await client.until(({text}) => /\r\n\r\n\S+ \d+$/.test(text) || text.includes('503'));
	return client.text.slice(client.text.indexOf('\r\n\r\n') + 4);
}

test('a range of ports is used up, and no further', async t => {
	const port = await serve(t, mirror);
	const address = ownAddress();
	const proxy = await startProxy(t, inMode('tcp', `source ${address}:20000-20002`, port));
	const seen = [];
	for (const client of [proxy.connect(), proxy.connect(), proxy.connect()]) seen.push(await ask(client));
	t.deepEqual(
		seen.sort(),
		[0, 1, 2].map(n => `${address} 2000${n}`),
	);
	const last = proxy.connect();
	last.send(GET);
	await last.untilEnd();
	t.is(last.text, '');
	t.regex(await proxy.line(), / in\/s .* SC /);
});

test('a source of a server goes before that of its section', async t => {
	const port = await serve(t, mirror);
	const address = ownAddress();
	const text = inMode('http', 'source 127.0.0.1', port).replace(/(server .*)/, `$1 source ${address}`);
	const proxy = await startProxy(t, text);
	t.regex(await ask(proxy.connect()), new RegExp(`^${address} `));
});

(mayBeForeign ? test : test.failing)('usesrc: servers see the client, a header, or any address', async t => {
	const port = await serve(t, mirror);
	const shown = async (source: string, headers = ''): Promise<string> => {
		const proxy = await startProxy(t, inMode('http', source, port));
		const socket = net.connect({port: proxy.port('in'), host: '127.0.0.1', localAddress: '127.0.0.77'});
		t.teardown(() => socket.destroy());
		socket.write(`GET / HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`);
		let text = '';
		for await (const chunk of socket) text += String(chunk);
		return text.slice(text.indexOf('\r\n\r\n') + 4).replace(String(socket.localPort), 'same');
	};
	t.regex(await shown('source 0.0.0.0 usesrc clientip'), /^127\.0\.0\.77 \d+$/);
	t.regex(await shown('source 0.0.0.0 usesrc 127.0.0.88'), /^127\.0\.0\.88 \d+$/);
	t.regex(
		await shown('source 0.0.0.0 usesrc hdr_ip(x-from)', 'X-From: 127.0.0.98, 127.0.0.99\r\n'),
		/^127\.0\.0\.99 \d+$/,
	);
	t.regex(
		await shown('source 0.0.0.0 usesrc hdr_ip(x-from,1)', 'X-From: 127.0.0.98, 127.0.0.99\r\n'),
		/^127\.0\.0\.98 /,
	);
	t.regex(await shown('source 0.0.0.0 usesrc hdr_ip(x-from)'), /^127\.0\.0\.1 \d+$/);
});

test('interface: connections leave through it', async t => {
	const port = await serve(t, mirror);
	const proxy = await startProxy(t, inMode('http', 'source 0.0.0.0 interface lo', port));
	t.regex(await ask(proxy.connect()), /^127\.0\.0\.1 /);
	const nowhere = await startProxy(t, inMode('http', 'source 0.0.0.0 interface nosuch0', port));
	const client = nowhere.connect();
	client.send(GET);
	await client.untilText('503');
	t.pass();
});

test('bind … transparent listens at an address that this machine does not have', async t => {
	const free = await serve(t);
	const bind = (options: string) => `\nlisten in\n    bind 192.0.2.77:${free} ${options}\n`;
	const error = await t.throwsAsync(startProxy(t, bind('')));
	t.regex(error.message, /EADDRNOTAVAIL/);
	const proxy = await startProxy(t, bind('transparent'));
	t.is(proxy.port('in'), free);
});

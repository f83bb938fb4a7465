/** A frontend in mode tcp inspects what the client says first, and leads to a backend in mode http. */
import test from 'ava';
import {answering} from '../helpers/engine.ts';
import {serve, startProxy} from '../helpers/proxy.ts';

const configuration = (http: number, tcp: number, more = '') => `
frontend in
    mode tcp
    bind 127.0.0.1:1
    tcp-request inspect-delay 5s
    tcp-request content set-var(sess.kind) str(web) if HTTP
    tcp-request content accept if HTTP
    tcp-request content reject if { req_len gt 100 }
    use_backend web if HTTP
    default_backend raw
    ${more}
backend web
    mode http
    http-request deny if { path /secret }
    http-request set-header X-Kind "%[var(sess.kind)]"
    server s 127.0.0.1:${http}
backend raw
    mode tcp
    server s 127.0.0.1:${tcp}
`;
const named = answering(head => `HTTP/1.1 200 OK\r\nContent-Length: ${head.length}\r\n\r\n${head}`);
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

test('requests are read one by one, the inspected bytes first', async t => {
	const proxy = await startProxy(t, configuration(await serve(t, named), 9));
	const client = proxy.connect();
	client.send('GET /a HT');
	client.send(`TP/1.1\r\nHost: x\r\n\r\n${get('/secret')}`);
	await client.until(({text}) => text.includes('403'));
	t.regex(
		client.text,
		/^HTTP\/1\.1 200 OK\r\n[\s\S]*GET \/a HTTP\/1\.1\r\nHost: x\r\nX-Kind: web\r\n[\s\S]*HTTP\/1\.1 403/,
	);
	client.send(get('/b'));
	await client.until(({text}) => text.includes('GET /b HTTP/1.1'));
	client.socket.destroy();
	while (proxy.table.connections > 0) await new Promise(resolve => setTimeout(resolve, 5));
	t.is(proxy.table.transactions, 0);
});

test('a client that ends behind its request is still answered', async t => {
	const proxy = await startProxy(t, configuration(await serve(t, named), 9));
	const client = proxy.connect();
	client.socket.end(get('/a'));
	await client.untilEnd();
	t.regex(client.text, /^HTTP\/1\.1 200 OK/);
});

test('what is no request goes on in mode tcp', async t => {
	const raw = await serve(t, socket => void socket.on('data', data => socket.end(`raw ${data}`)));
	const proxy = await startProxy(t, configuration(9, raw).replace('inspect-delay 5s', 'inspect-delay 5s'));
	const client = proxy.connect();
	client.socket.end('\x01hello');
	await client.untilEnd();
	t.is(client.text, 'raw \x01hello');
});

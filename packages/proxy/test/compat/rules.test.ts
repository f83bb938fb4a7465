/** `acl`, `use_backend`, `redirect`, `http-request`, `monitor-uri`, `errorfile`. */
import test from 'ava';
import {answering} from '../helpers/engine.ts';
import {GET, OK, serve, serveEcho, simple, startProxy} from '../helpers/proxy.ts';

const get = (path: string, lines = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;
const named = (name: string) => answering(() => `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`);

test('use_backend by path, host and method; else the default', async t => {
	const proxy = await startProxy(
		t,
		`
frontend in
    bind 127.0.0.1:1
    acl image path_end -i .png .jpg
    acl shop hdr(host) -i shop.example
    use_backend images if image !METH_POST
    use_backend shops if shop
    default_backend out
backend images
    server s1 127.0.0.1:${await serve(t, named('IMAGE'))}
backend shops
    server s1 127.0.0.1:${await serve(t, named('SHOP'))}
backend out
    server s1 127.0.0.1:${await serve(t, named('OUT'))}
`,
	);
	const client = proxy.connect();
	const ask = async (request: string, body: string) => {
		client.text = '';
		client.send(request);
		await client.untilText(`\r\n\r\n${body}`);
	};
	await ask(get('/a.PNG'), 'IMAGE');
	await ask('POST /a.png HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n', 'OUT');
	await ask('GET / HTTP/1.1\r\nHost: Shop.Example\r\n\r\n', 'SHOP');
	await ask(get('/'), 'OUT');
	t.deepEqual(
		proxy.lines.map(({text}) => / in (\S+) /.exec(text)?.[1]),
		['images/s1', 'out/s1', 'shops/s1', 'out/s1'],
	);
});

test('a denied request is answered here: 403 PR', async t => {
	const proxy = await startProxy(t, simple(await serve(t), {frontend: 'http-request deny if { path_beg /private }'}));
	const client = proxy.connect();
	client.send(get('/private/x'));
	await client.untilText('HTTP/1.1 403 Forbidden\r\n');
	t.is(
		await proxy.line(),
		'127.0.0.1:P [T] in in/<NOSRV> T/-1/-1/-1/T 403 187 - - PR-- 1/1/0/0/0 0/0 "GET /private/x HTTP/1.1"',
	);
	client.send(get('/public'));
	await client.untilText(OK);
});

test('a rule of the backend runs after the choice and shows in the line', async t => {
	const backend = 'cookie S insert\n    http-request deny';
	const proxy = await startProxy(t, simple(await serve(t), {backend}));
	proxy.connect().send(GET);
	t.is(
		await proxy.line(),
		'127.0.0.1:P [T] in out/<NOSRV> T/-1/-1/-1/T 403 187 - - PRNN 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
	);
});

test('headers are set, added and removed on the way to the server', async t => {
	const frontend = `http-request set-header X-Set given
    http-request add-header X-Add 1 if { path_beg /a }
    http-request del-header X-Del`;
	const proxy = await startProxy(t, simple(await serveEcho(t), {frontend}));
	const client = proxy.connect();
	client.send(get('/a', 'X-Del: 1\r\nX-Set: forged\r\n'));
	await client.untilText('\r\n\r\nGET ');
	t.is(client.text.slice(client.text.indexOf('GET')), 'GET /a HTTP/1.1\r\nHost: x\r\nX-Set: given\r\nX-Add: 1\r\n\r\n');
});

test('redirects: 302 LR, the connection stays', async t => {
	const frontend = `redirect prefix http://other.example if { path_beg /old }
    redirect location / code 301 if { path /home }`;
	const proxy = await startProxy(t, simple(await serve(t), {frontend}));
	const client = proxy.connect();
	client.send(get('/old/a?b'));
	await client.untilText('location: http://other.example/old/a?b\r\n');
	t.true(client.text.startsWith('HTTP/1.1 302 Found\r\n'));
	t.is(
		await proxy.line(),
		'127.0.0.1:P [T] in in/<NOSRV> T/-1/-1/-1/T 302 ' +
			`${client.text.length} - - LR-- 1/1/0/0/0 0/0 "GET /old/a?b HTTP/1.1"`,
	);
	client.text = '';
	client.send(get('/home'));
	await client.untilText('HTTP/1.1 301 Moved Permanently\r\n');
	client.send(GET);
	await client.untilText(OK);
});

test('monitor-uri is answered here, has no line, and follows `monitor fail`', async t => {
	const frontend = 'monitor-uri /alive\n    acl dead nbsrv(out) lt 1\n    monitor fail if dead';
	const proxy = await startProxy(t, simple(await serve(t), {frontend}));
	const client = proxy.connect();
	client.send(get('/alive'));
	await client.untilText('HTTP/1.1 200 OK\r\n');
	proxy.setServer('out', 's1', false);
	client.text = '';
	client.send(get('/alive'));
	await client.untilText('HTTP/1.1 503 Service Unavailable\r\n');
	client.send(get('/alive?x'));
	t.regex(await proxy.line(), /"GET \/alive\?x HTTP\/1\.1"$/);
	t.is(proxy.lines.length, 1);
});

test("an errorfile is sent as it is, the backend's before the frontend's", async t => {
	const files = {
		'/etc/errors/front.http': Buffer.from('HTTP/1.0 503 Front\r\n\r\nfront'),
		'/etc/errors/back.http': Buffer.from('HTTP/1.0 503 Back\r\nX-Y: z\r\n\r\nback'),
	};
	const texts = [
		{backend: 'errorfile 503 /etc/errors/back.http', expected: 'HTTP/1.0 503 Back\r\nX-Y: z\r\n\r\nback'},
		{backend: '', expected: 'HTTP/1.0 503 Front\r\n\r\nfront'},
	];
	for (const {backend, expected} of texts) {
		const text = simple(1, {frontend: 'errorfile 503 /etc/errors/front.http', backend}).replace(/ +server .*/, '');
		const proxy = await startProxy(t, text, files);
		const client = proxy.connect();
		client.send(GET);
		await client.untilEnd();
		t.is(client.text, expected);
	}
});

test('a disabled backend serves nobody: 503 SC', async t => {
	const proxy = await startProxy(t, simple(await serve(t), {backend: 'disabled'}));
	const client = proxy.connect();
	client.send(GET);
	await client.untilText('HTTP/1.1 503 ');
	t.regex(await proxy.line(), / out\/<NOSRV> \S+ 503 220 - - SC-- /);
});

/** `reqrep`, `reqidel`, `reqadd`, `rspirep` and their kin: what 1.4's rules do to whole lines, in 1.4's order. */
import test from 'ava';
import {answering, waitFor} from '../helpers/engine.ts';
import {OK, serve, serveEcho, simple, startProxy} from '../helpers/proxy.ts';

const get = (path: string, lines = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;
const lines = (...rules: readonly string[]) => ({frontend: rules.join('\n    ')});
const named = (name: string) => answering(() => `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`);

/** What the server sees of a request. */
async function seen(t: Parameters<typeof serveEcho>[0], rules: readonly string[], request: string): Promise<string> {
	const proxy = await startProxy(t, simple(await serveEcho(t), lines(...rules)));
	const client = proxy.connect();
	client.send(request);
	await waitFor(() => client.text.split('\r\n\r\n').length > 2);
	return client.text.slice(client.text.indexOf('\r\n\r\n') + 4);
}

/** What the client gets of a response head. */
async function got(t: Parameters<typeof serveEcho>[0], rules: readonly string[], head: string): Promise<string> {
	const port = await serve(
		t,
		answering(() => `${head}Content-Length: 2\r\n\r\nok`),
	);
	const client = (await startProxy(t, simple(port, lines(...rules)))).connect();
	client.send(get('/'));
	await client.untilText('\r\n\r\n');
	return client.text.slice(0, client.text.indexOf('\r\n\r\n'));
}

test('reqrep rewrites the whole request line with its groups', async t => {
	const rules = [String.raw`reqrep ^([^\ :]*)\ /static/(.*)$ \1\ /\2`];
	t.is(await seen(t, rules, get('/static/a.png?b')), 'GET /a.png?b HTTP/1.1\r\nHost: x\r\n\r\n');
	t.is(await seen(t, rules, get('/other')), get('/other'));
});

test('reqirep rewrites header lines in any case, and each matching line as a whole', async t => {
	const rules = [String.raw`reqirep ^host:\ x.* Host:\ www.example`, String.raw`reqrep b X-New:\ [\0\9]`];
	t.is(
		await seen(t, rules, get('/', 'X-A: ab\r\nX-C: c\r\n')),
		'GET / HTTP/1.1\r\nHost: www.example\r\nX-New: [b]\r\nX-C: c\r\n\r\n',
	);
});

test('an expression that has rewritten the request line is not tried on headers', async t => {
	const rules = [String.raw`reqrep ^(.*)/a(.*)$ \1/b\2`];
	t.is(await seen(t, rules, get('/a', 'X-P: /a\r\n')), get('/b', 'X-P: /a\r\n'));
});

test('reqdel and reqidel remove lines, never the request line nor what says where the body ends', async t => {
	t.is(await seen(t, ['reqidel ^x-', 'reqdel ^x-'], get('/', 'X-A: 1\r\nY: 2\r\nx-b: 3\r\n')), get('/', 'Y: 2\r\n'));
	t.is(await seen(t, ['reqdel ^X-'], get('/', 'x-a: 1\r\nX-B: 2\r\n')), get('/', 'x-a: 1\r\n'));
	t.is(await seen(t, ['reqidel .'], get('/')), 'GET / HTTP/1.1\r\n\r\n');
	const post = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
	t.is(await seen(t, ['reqidel ^Content-Length', 'reqirep ^content-length:.* X:\\ y'], post), post);
});

test('reqadd adds a line behind all others, and only under its condition', async t => {
	const rules = [String.raw`reqadd X-Proto:\ http if { path_beg /a }`, String.raw`reqadd X-Percent:\ 100%ci`];
	t.is(await seen(t, rules, get('/a')), get('/a', 'X-Proto: http\r\nX-Percent: 100%ci\r\n'));
	t.is(await seen(t, rules, get('/b')), get('/b', 'X-Percent: 100%ci\r\n'));
});

test('reqdeny answers 403 PR on any line, reqallow before it spares the request, reqpass skips what follows', async t => {
	const proxy = await startProxy(
		t,
		simple(
			await serve(t),
			lines(
				'reqallow ^Cookie:.*good=1',
				'reqipass ^x-pass: if { path /pass }',
				'reqideny ^get\\ /secret',
				'reqdeny ^X-Bad:',
			),
		),
	);
	const client = proxy.connect();
	const ask = async (request: string, expected: string) => {
		client.text = '';
		client.send(request);
		await client.untilText(`HTTP/1.1 ${expected}`);
	};
	await ask(get('/secret/a'), '403 Forbidden');
	t.regex(await proxy.line(), / in\/<NOSRV> \S+ 403 187 - - PR-- .* "GET \/secret\/a HTTP\/1\.1"$/);
	await ask(get('/', 'X-Bad: 1\r\n'), '403 ');
	await ask(get('/', 'x-bad: 1\r\n'), '200 ');
	await ask(get('/secret', 'Cookie: good=1\r\n'), '200 ');
	await ask(get('/pass', 'X-Pass: 1\r\nX-Bad: 1\r\n'), '200 ');
	await ask(get('/other', 'X-Pass: 1\r\nX-Bad: 1\r\n'), '403 ');
});

test("1.4's order: block, http-request, req*, reqadd, redirect, whatever the order of the lines", async t => {
	const rules = [
		'redirect location /moved if { hdr(X-Go) yes }',
		String.raw`reqadd X-Go:\ yes if { path /new }`,
		String.raw`reqrep ^GET\ /old(.*)$ GET\ /new\1`,
		'http-request set-header X-First %[path] if { path /old }',
	];
	const proxy = await startProxy(t, simple(await serve(t), lines(...rules)));
	const client = proxy.connect();
	client.send(get('/old'));
	await client.untilText('HTTP/1.1 302 Found\r\n');
	t.true(client.text.includes('location: /moved\r\n'));
	t.regex(await proxy.line(), /LR-- .*"GET \/old HTTP\/1\.1"$/);
});

test('reqsetbe chooses the backend before use_backend does', async t => {
	const proxy = await startProxy(
		t,
		`
frontend in
    bind 127.0.0.1:1
    reqsetbe ^GET\\ /img images
    reqisetbe ^host:\\ img images
    use_backend others if { path_beg / }
backend images
    server s1 127.0.0.1:${await serve(t, named('IMAGE'))}
backend others
    server s1 127.0.0.1:${await serve(t, named('OTHER'))}
`,
	);
	const client = proxy.connect();
	client.send(get('/img/a'));
	await client.untilText('IMAGE');
	client.send(get('/'));
	await client.untilText('OTHER');
	client.text = '';
	client.send('GET / HTTP/1.1\r\nHost: IMG.example\r\n\r\n');
	await client.untilText('IMAGE');
	t.regex(await proxy.line(3), / images\/s1 /);
});

test('what cannot be sent is not sent: 400', async t => {
	for (const rule of [
		'reqrep ^GET.* nonsense',
		String.raw`reqrep ^GET.* HEAD\ /\ HTTP/1.1`,
		String.raw`reqrep ^X-A:.* no\ header`,
		String.raw`reqrep ^X-A:.* Content-Length:\ 5`,
	]) {
		const client = (await startProxy(t, simple(await serve(t), lines(rule)))).connect();
		client.send(get('/', 'X-A: 1\r\n'));
		await client.untilText('HTTP/1.1 400 Bad request\r\n');
		t.pass();
	}
});

test('rspadd, rspdel and rspirep change the response', async t => {
	const rules = [
		String.raw`rspadd X-Via:\ hapair`,
		'rspidel ^server:',
		String.raw`rspirep ^location:\ http://inside(.*) Location:\ http://outside\1`,
		String.raw`rsprep ^HTTP/1.1\ 200.* HTTP/1.1\ 203\ Changed`,
	];
	const head = await got(t, rules, 'HTTP/1.1 200 OK\r\nSERVER: x\r\nLocation: http://inside/a\r\n');
	t.is(head, 'HTTP/1.1 203 Changed\r\nLocation: http://outside/a\r\nContent-Length: 2\r\nX-Via: hapair');
});

test('a condition of rsp* sees the response', async t => {
	const rules = [String.raw`rspadd X-Hit:\ 1 if { status 200:299 } { shdr(X-Kind) a }`];
	t.regex(await got(t, rules, 'HTTP/1.1 204 No\r\nX-Kind: b, a\r\n'), /X-Hit: 1/);
	t.notRegex(await got(t, rules, 'HTTP/1.1 404 No\r\nX-Kind: a\r\n'), /X-Hit/);
});

test('rspdeny answers 502 PH in place of the response, and the next request is served', async t => {
	let turn = 0;
	const port = await serve(
		t,
		answering(() => (turn++ === 0 ? `HTTP/1.1 200 OK\r\nX-Secret: 1\r\nContent-Length: 2\r\n\r\nno` : OK)),
	);
	const proxy = await startProxy(t, simple(port, lines('rspideny ^x-secret:')));
	const client = proxy.connect();
	client.send(get('/'));
	await client.untilText('HTTP/1.1 502 Bad Gateway\r\n');
	t.false(client.text.includes('X-Secret'));
	t.regex(await proxy.line(), / out\/s1 \S+ 502 \d+ - - PH-- /);
	client.send(get('/'));
	await client.untilText(OK);
});

test('the rules of both halves run: the frontend before the backend, and for responses the backend before the frontend', async t => {
	const port = await serveEcho(t);
	const config = simple(port, {
		frontend: [String.raw`reqadd X-Order:\ front`, String.raw`rspadd X-Back:\ front`].join('\n    '),
		backend: [String.raw`reqadd X-Order:\ back`, String.raw`rspadd X-Back:\ back`].join('\n    '),
	});
	const client = (await startProxy(t, config)).connect();
	client.send(get('/'));
	await client.untilText('X-Order: back\r\n\r\n');
	t.true(client.text.includes('X-Order: front\r\nX-Order: back\r\n\r\n'));
	t.true(client.text.includes('X-Back: back\r\nX-Back: front\r\n'));
});

test('no expression can hang the engine, in any case', async t => {
	const proxy = await startProxy(t, simple(await serve(t), lines('reqideny ^X-A:.(a+)+$', 'reqdeny ^X-A:.(a|aa)+$')));
	const client = proxy.connect();
	client.send(get('/', `X-A: ${'a'.repeat(10_000)}!\r\n`));
	await client.untilText(OK);
	t.pass();
});

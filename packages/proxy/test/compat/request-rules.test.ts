/** `http-request`: targets, headers, variables, answers, passwords, the tarpit. */
import test from 'ava';
import {answering, waitFor} from '../helpers/engine.ts';
import {OK, serve, serveEcho, simple, startProxy} from '../helpers/proxy.ts';

type T = Parameters<typeof serveEcho>[0];

const get = (path: string, lines = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;
const rules = (...list: readonly string[]) => ({frontend: list.join('\n    ')});

async function seen(t: T, list: readonly string[], request: string): Promise<string> {
	const proxy = await startProxy(t, simple(await serveEcho(t), rules(...list)));
	const client = proxy.connect();
	client.send(request);
	await waitFor(() => client.text.split('\r\n\r\n').length > 2);
	return client.text.slice(client.text.indexOf('\r\n\r\n') + 4);
}

for (const [rule, request, expected] of [
	['set-path /new%[path]', get('/a?b=1'), '/new/a?b=1'],
	['set-pathq /p?q', get('/a?b=1'), '/p?q'],
	['set-query c=%[query]', get('/a?b'), '/a?c=b'],
	['set-query ""', get('/a?b'), '/a'],
	['set-uri /x?y', get('/a?b'), '/x?y'],
	[String.raw`replace-path /old/(.*) /new/\1`, get('/old/x?q=/old/'), '/new/x?q=/old/'],
	[String.raw`replace-pathq ([^?]*)\?(.*) \2\1 if { path / }`, get('/?/y'), '/y/'],
	[String.raw`replace-uri ^/(.*) /%[hdr(host)]/\1`, get('/a?b'), '/x/a?b'],
	['set-path /%[url_param(id)]', get('/a?x=1&id=7'), '/7?x=1&id=7'],
] as const) {
	test(`http-request ${rule}`, async t => {
		t.is(await seen(t, [`http-request ${rule}`], request), `GET ${expected} HTTP/1.1\r\nHost: x\r\n\r\n`);
	});
}

test('an absolute set-uri becomes target and Host', async t => {
	t.is(
		await seen(t, ['http-request set-uri http://other.example:81/abc?d'], get('/')),
		'GET /abc?d HTTP/1.1\r\nHost: other.example:81\r\n\r\n',
	);
});

test('set-method changes a method, but not to or from one whose answer has no body', async t => {
	t.is(await seen(t, ['http-request set-method PATCH'], get('/')), 'PATCH / HTTP/1.1\r\nHost: x\r\n\r\n');
	const proxy = await startProxy(t, simple(await serve(t), rules('http-request set-method %[hdr(x-m)]')));
	const client = proxy.connect();
	client.send(get('/', 'X-M: HEAD\r\n'));
	await client.untilText('HTTP/1.1 500 Internal Server Error\r\n');
	t.regex(await proxy.line(), / 500 \d+ - - PR-- /);
});

test('replace-header rewrites values of lines, replace-value those of lists', async t => {
	const lines = 'A: one, two\r\nA: three\r\nB: x1, y2,x3\r\n';
	t.is(
		await seen(
			t,
			[
				String.raw`http-request replace-header A ^(one)(.*)$ \2-\1`,
				String.raw`http-request replace-value B ^x(.)$ [\1]`,
			],
			get('/', lines),
		),
		get('/', 'A: , two-one\r\nA: three\r\nB: [1], y2,[3]\r\n'),
	);
});

test('del-header by the beginning of a name leaves what says where the body ends', async t => {
	const request = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Kind: a\r\n\r\n';
	t.is(
		await seen(t, ['http-request del-header content- -m beg'], request),
		'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
	);
});

test('variables hold samples: txn for one request, sess for the connection', async t => {
	const frontend = [
		'http-request set-header X-Before "%[var(txn.a)]/%[var(sess.n)]"',
		'http-request set-var(txn.a) path,lower if { path /ONE }',
		'http-request set-var(sess.n) int(41),add(1) if { path /ONE }',
		'http-request set-var-fmt(req.b) "%HM %[var(txn.a)]"',
		'http-request set-header X-After "%[var(req.b)]" if { var(txn.a) /one }',
		'http-request unset-var(txn.a)',
		'http-request set-header X-Gone "[%[var(txn.a)]]"',
	];
	const proxy = await startProxy(t, simple(await serveEcho(t), rules(...frontend)));
	const client = proxy.connect();
	client.send(get('/ONE'));
	await client.untilText('X-Before: /\r\nX-After: GET /one\r\nX-Gone: []\r\n\r\n');
	client.send(get('/TWO'));
	await client.untilText('X-Before: /42\r\nX-Gone: []\r\n\r\n');
	t.pass();
});

test('return gives an answer of the file, with its headers, and HEAD its head: LR', async t => {
	const proxy = await startProxy(
		t,
		simple(
			await serve(t),
			rules(
				'http-request return status 418 content-type "text/plain" lf-string "you are %[src]: é\\n" hdr X-A "%[path]" if { path_beg /tea }',
				'http-request return status 200 if { path /empty }',
			),
		),
	);
	const client = proxy.connect();
	client.send(get('/tea/pot'));
	await client.untilText('é\n'.replace('é', 'Ã©'));
	t.is(
		client.text,
		"HTTP/1.1 418 I'm a Teapot\r\ncontent-length: 22\r\ncontent-type: text/plain\r\nx-a: /tea/pot\r\n\r\nyou are 127.0.0.1: Ã©\n",
	);
	t.regex(await proxy.line(), / in\/<NOSRV> \S+ 418 \d+ - - LR-- /);
	client.text = '';
	client.send(get('/tea').replace('GET', 'HEAD'));
	await client.untilText('x-a: /tea\r\n\r\n');
	client.text = '';
	client.send(get('/empty'));
	await client.untilText('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
});

test('deny takes a status, and an answer of its own', async t => {
	const proxy = await startProxy(
		t,
		simple(
			await serve(t),
			rules(
				'http-request deny status 429 if { path /often }',
				'http-request deny deny_status 404 content-type text/plain string "100% gone" if { path /gone }',
			),
		),
	);
	const client = proxy.connect();
	client.send(get('/often'));
	await client.untilText('HTTP/1.1 429 Too Many Requests\r\n');
	client.send(get('/gone'));
	await client.untilText('HTTP/1.1 404 Not Found\r\n');
	await client.untilText('\r\n\r\n100% gone');
	t.regex(await proxy.line(2), / 404 \d+ - - PR-- /);
});

test('allow ends the http-request rules, not the kinds that come after them', async t => {
	const list = ['http-request allow if { path /a }', 'http-request deny', 'redirect location /b'];
	const client = (await startProxy(t, simple(await serve(t), rules(...list)))).connect();
	client.send(get('/a'));
	await client.untilText('HTTP/1.1 302 Found\r\n');
	client.send(get('/c'));
	await client.untilText('HTTP/1.1 403 Forbidden\r\n');
	t.pass();
});

const USERS = `
userlist staff
    group admins users anna
    group people
    user anna password $6$HASH
    user bert insecure-password clear:text groups people
    user nobody
`;

/** As openssl passwd -6 writes it. */
const ANNA = '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1';
const basic = (user: string) => `Authorization: Basic ${Buffer.from(user).toString('base64')}\r\n`;

test('auth asks for a password of the userlist: 401, then in; groups decide too', async t => {
	const frontend = rules(
		'http-request auth realm "Staff only" unless { http_auth(staff) }',
		'http-request deny if { path /admin } !{ http_auth_group(staff) admins }',
		'http-request set-header X-User %[http_auth_user]',
	);
	const proxy = await startProxy(t, USERS.replace(/\$6\$\S+/, () => ANNA) + simple(await serveEcho(t), frontend));
	const client = proxy.connect();
	const ask = async (request: string, expected: string) => {
		client.text = '';
		client.send(request);
		await client.untilText(expected);
	};
	await ask(get('/'), 'HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic realm="Staff only"\r\n');
	t.regex(await proxy.line(), / in\/<NOSRV> \S+ 401 \d+ - - LR-- /);
	await ask(get('/', basic('anna:wrong')), 'HTTP/1.1 401 ');
	await ask(get('/', basic('nobody:')), 'HTTP/1.1 401 ');
	await ask(get('/', basic('zoe:x')), 'HTTP/1.1 401 ');
	await ask(get('/', 'Authorization: Basic !!\r\n'), 'HTTP/1.1 401 ');
	await ask(get('/', basic('anna:Hello world!')), 'X-User: anna\r\n\r\n');
	await ask(get('/admin', basic('anna:Hello world!')), 'X-User: anna\r\n\r\n');
	await ask(get('/', basic('bert:clear:text')), 'X-User: bert\r\n\r\n');
	await ask(get('/admin', basic('bert:clear:text')), 'HTTP/1.1 403 ');
	client.text = '';
	client.send(`GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n`);
	await client.untilText('HTTP/1.1 407 Unauthorized\r\nproxy-authenticate: Basic realm="Staff only"\r\n');
});

test('a tarpitted client waits for `timeout tarpit`, then gets 500 PT', async t => {
	const frontend = rules('timeout tarpit 200ms', 'http-request tarpit if { path /trap }');
	const proxy = await startProxy(t, simple(await serve(t), frontend));
	const client = proxy.connect();
	const startMs = Date.now();
	client.send(get('/trap'));
	await client.untilText('HTTP/1.1 500 Internal Server Error\r\n');
	t.true(Date.now() - startMs >= 190);
	t.regex(await proxy.line(), / in\/<NOSRV> -1\/T\/-1\/-1\/T 500 \d+ - - PT-- .* "GET \/trap HTTP\/1\.1"$/);
	client.send(get('/'));
	await client.untilText(OK);
});

test('reqtarpit holds too; a client that leaves the tarpit is CT', async t => {
	const proxy = await startProxy(
		t,
		simple(await serve(t), rules('timeout tarpit 20s', 'reqitarpit ^user-agent:\\ evil')),
	);
	const client = proxy.connect();
	client.send(get('/', 'User-Agent: Evil\r\n'));
	await waitFor(() => proxy.table.transactions === 1);
	client.socket.destroy();
	t.regex(await proxy.line(), / - - CT-- /);
});

test('a rule that makes a head too large is stopped: 500', async t => {
	const list = [
		`http-request set-header X-Big "${'x'.repeat(1000)}"`,
		...Array.from({length: 8}, () => String.raw`http-request replace-header X-Big (.*) \1\1\1`),
	];
	const proxy = await startProxy(t, simple(await serve(t), rules(...list)));
	const client = proxy.connect();
	client.send(get('/'));
	await client.untilText('HTTP/1.1 500 Internal Server Error\r\n');
	t.pass();
});

test('nothing that a client sends ends a line of the head', async t => {
	const list = [
		'http-request set-header X-Q %[url_param(q),url_dec]',
		'http-request return status 200 hdr X-R %[url_param(q),url_dec] if { path /r }',
	];
	const head = await seen(t, list, get('/?q=a%0d%0aX-Forged:%201'));
	t.is(head, get('/?q=a%0d%0aX-Forged:%201', 'X-Q: a  X-Forged: 1\r\n'));
	const client = (
		await startProxy(
			t,
			simple(
				await serve(
					t,
					answering(() => OK),
				),
				rules(...list),
			),
		)
	).connect();
	client.send(get('/r?q=a%0d%0aX-Forged:%201'));
	await client.untilText('x-r: a  X-Forged: 1\r\n\r\n');
});

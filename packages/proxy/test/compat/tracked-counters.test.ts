/** `tcp-request`, `track-sc` and what conditions may ask of counters. */
import type net from 'node:net';
import test from 'ava';
import {clientHello} from '../helpers/client-hello.ts';
import {answering, waitFor} from '../helpers/engine.ts';
import {GET, OK, serve, simple, startProxy, type TestProxy} from '../helpers/proxy.ts';

async function statusOf(proxy: TestProxy, headers = '', path = '/'): Promise<string> {
	const client = proxy.connect();
	client.send(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
	await client.untilEnd();
	return client.text.slice(9, 12);
}

/** Values of the first entry of a table, by name. */
function valuesOf(proxy: TestProxy, name: string, key?: string): Record<string, number> {
	const table = proxy.stickTable(name);
	const view = [...table.list(performance.timeOrigin + performance.now())].find(
		one => key === undefined || Buffer.from(one.key).toString('latin1') === key,
	);
	const named = table.layout.columns.map((column, place): [string, number] => [column.name, view?.values[place] ?? -1]);
	return Object.fromEntries(named);
}

const ALL =
	'conn_cnt,conn_cur,conn_rate(10s),sess_cnt,sess_rate(10s),http_req_cnt,http_req_rate(10s),http_err_cnt,http_err_rate(10s),bytes_in_cnt,bytes_out_cnt,gpc0';

test('a client that asks too often is refused, and refusals count as errors', async t => {
	const proxy = await startProxy(
		t,
		simple(await serve(t), {
			frontend: `stick-table type ip size 100 expire 30s store ${ALL}
    tcp-request connection track-sc0 src
    http-request deny deny_status 429 if { sc0_http_req_rate gt 2 }`,
		}),
	);
	const client = proxy.connect();
	for (const expected of ['200', '200', '429']) {
		client.text = '';
		client.send(GET);
		await client.until(({text}) => text.startsWith(`HTTP/1.1 ${expected}`));
	}
	t.is(await statusOf(proxy), '429');
	await waitFor(() => valuesOf(proxy, 'in').conn_cur === 1);
	const {bytes_in_cnt: received, bytes_out_cnt: sent, ...counts} = valuesOf(proxy, 'in');
	t.deepEqual(counts, {
		conn_cnt: 2,
		conn_cur: 1,
		conn_rate: 2,
		sess_cnt: 2,
		sess_rate: 2,
		http_req_cnt: 4,
		http_req_rate: 4,
		http_err_cnt: 2,
		http_err_rate: 2,
		gpc0: 0,
	});
	t.true(received! >= 4 * GET.length && sent! > 2 * OK.length);
	client.socket.destroy();
	await waitFor(() => valuesOf(proxy, 'in').conn_cur === 0);
});

test('answers of the 4xx class and requests that cannot be read are errors of their client', async t => {
	const server = answering(head =>
		head.includes('/miss') ? 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n' : OK,
	);
	const proxy = await startProxy(
		t,
		simple(await serve(t, server), {
			frontend: `stick-table type ip size 100 store http_req_cnt,http_err_cnt
    tcp-request connection track-sc0 src`,
		}),
	);
	t.is(await statusOf(proxy), '200');
	t.is(await statusOf(proxy, '', '/miss'), '404');
	const silent = proxy.connect();
	silent.socket.end();
	await silent.untilEnd();
	const bad = proxy.connect();
	bad.send('NONSENSE\r\n\r\n');
	await bad.untilText('400');
	t.deepEqual(valuesOf(proxy, 'in'), {http_req_cnt: 4, http_err_cnt: 3});
});

test('http-request track-sc1 counts requests under a key of theirs, one transaction long', async t => {
	const proxy = await startProxy(
		t,
		`${simple(await serve(t), {
			frontend: `http-request track-sc1 hdr(x-user) table users
    http-request sc-inc-gpc0(1) if { path /count }
    http-request sc-set-gpt0(1) 7 if { path /tag }
    http-request deny if { sc1_get_gpt0 eq 7 } { path / }
    http-request set-header X-Gone yes if { sc1_tracked }`,
		})}
backend users
    stick-table type string len 20 size 10 store gpt0,gpc0,conn_cnt,conn_cur,http_req_cnt
`,
	);
	await statusOf(proxy, 'X-User: ann\r\n', '/count');
	await statusOf(proxy, 'X-User: ann\r\n', '/count');
	t.is(await statusOf(proxy, 'X-User: ann\r\n'), '200');
	t.is(await statusOf(proxy, 'X-User: ann\r\n', '/tag'), '200');
	t.is(await statusOf(proxy, 'X-User: ann\r\n'), '403');
	t.is(await statusOf(proxy, 'X-User: bob\r\n'), '200');
	t.is(await statusOf(proxy), '200');
	t.deepEqual(valuesOf(proxy, 'users', 'ann'), {gpt0: 7, gpc0: 2, conn_cnt: 5, conn_cur: 0, http_req_cnt: 5});
	t.is(proxy.stickTable('users').used, 2);
});

test('on a kept connection each request is counted under its own key, by the first rule that has one', async t => {
	const proxy = await startProxy(
		t,
		`${simple(await serve(t), {
			frontend: `http-request track-sc0 hdr(x-user) table users
    http-request track-sc0 hdr(x-group) table users`,
		})}
backend users
    stick-table type string len 20 size 10 store conn_cnt,conn_cur,http_req_cnt
`,
	);
	const client = proxy.connect();
	for (const [round, headers] of ['X-User: ann\r\nX-Group: all\r\n', 'X-User: bob\r\n', 'X-Group: all\r\n'].entries()) {
		client.send(`GET / HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
		await client.until(({text}) => text.length === OK.length * (round + 1));
	}
	for (const key of ['ann', 'bob', 'all']) {
		t.deepEqual(valuesOf(proxy, 'users', key), {conn_cnt: 1, conn_cur: 0, http_req_cnt: 1}, key);
	}
});

test('src_ fetches and converters look at tables without tracking', async t => {
	const proxy = await startProxy(
		t,
		`${simple(await serve(t), {
			frontend: `stick-table type ip size 100 store gpc0,conn_cnt
    http-request deny deny_status 410 if { src_get_gpc0 gt 1 }
    http-request deny deny_status 429 if { path /mark } { src_inc_gpc0 gt 0 }
    http-request deny deny_status 404 if { path /clear } { src_clr_gpc0 eq 0 } !{ src_updt_conn_cnt eq 0 }
    http-request deny deny_status 405 if { hdr(x-user),in_table(users) }
    http-request deny deny_status 406 if { hdr(x-user),table_gpc0(users) gt 3 }
    http-request deny deny_status 407 if { table_cnt(users) gt 1 } { path /count }`,
		})}
backend users
    stick-table type string size 10 store gpc0
`,
	);
	const users = proxy.stickTable('users');
	t.is(await statusOf(proxy, '', '/clear'), '404');
	t.is(await statusOf(proxy, 'X-User: ann\r\n'), '200');
	users.setByKey({bytes: Buffer.from('ann'), length: 3}, [], 1);
	t.is(await statusOf(proxy, 'X-User: ann\r\n'), '405');
	users.setByKey({bytes: Buffer.from('eve'), length: 3}, [], 1);
	t.is(await statusOf(proxy, '', '/count'), '407');
	t.is(await statusOf(proxy, '', '/mark'), '429');
	t.is(await statusOf(proxy), '200');
	t.is(await statusOf(proxy, '', '/mark'), '429');
	t.is(await statusOf(proxy), '410');
	t.deepEqual(valuesOf(proxy, 'in'), {gpc0: 2, conn_cnt: 1});
});

test('tcp-request connection reject: closed at once, neither a session nor a log line', async t => {
	const proxy = await startProxy(
		t,
		simple(await serve(t), {
			frontend: `stick-table type ip size 100 store conn_cnt,sess_cnt
    tcp-request connection track-sc0 src
    tcp-request connection reject if { sc0_conn_cnt gt 1 }`,
		}),
	);
	t.is(await statusOf(proxy), '200');
	await proxy.line();
	const second = proxy.connect();
	await second.untilEnd();
	t.is(second.text, '');
	await waitFor(() => proxy.table.connections === 0);
	t.is(proxy.lines.length, 1);
	t.deepEqual(valuesOf(proxy, 'in'), {conn_cnt: 2, sess_cnt: 1});
});

test('tcp-request content reject in mode http: no answer, PR', async t => {
	const proxy = await startProxy(
		t,
		simple(await serve(t), {frontend: 'tcp-request content reject if { path /secret }'}),
	);
	t.is(await statusOf(proxy), '200');
	t.is(await statusOf(proxy, '', '/secret'), '');
	t.regex(await proxy.line(2), / in in\/<NOSRV> -1\/-1\/-1\/-1\/T -1 0 - - PR-- .* "<BADREQ>"$/);
});

const tcp = (port: number, rules: string) => `
listen in
    mode tcp
    bind 127.0.0.1:1
    ${rules}
    server s1 127.0.0.1:${port}
`;

const greeting = (socket: net.Socket): void => {
	socket.write('hello');
	socket.on('data', () => {}).on('end', () => socket.end());
};

test('mode tcp: rules wait for the bytes that they need, and no longer', async t => {
	const proxy = await startProxy(
		t,
		tcp(
			await serve(t, greeting),
			`tcp-request inspect-delay 60s
    tcp-request content reject if { req_len gt 6 }
    tcp-request content accept if { req_len ge 4 }`,
		),
	);
	const fast = proxy.connect();
	fast.send('abc');
	await waitFor(() => proxy.core.sessions.some(({bytesIn}) => bytesIn === 3));
	t.is(fast.text, '');
	fast.send('d');
	// Four bytes do not settle the first rule: more could come.
	await waitFor(() => proxy.core.sessions.some(({bytesIn}) => bytesIn === 4));
	t.is(fast.text, '');
	fast.send('efgh');
	await fast.untilEnd();
	t.is(fast.text, '');
	t.regex(await proxy.line(), / in in\/<NOSRV> -1\/-1\/\S+ 0 PR /);
});

test('mode tcp: when the time is over, what is there decides', async t => {
	const proxy = await startProxy(
		t,
		tcp(
			await serve(t, greeting),
			`tcp-request inspect-delay 100ms
    tcp-request content reject if { req_len gt 6 }
    tcp-request content accept if WAIT_END`,
		),
	);
	const startMs = performance.now();
	const client = proxy.connect();
	client.send('abc');
	await client.untilText('hello');
	const tookMs = performance.now() - startMs;
	t.true(tookMs > 95, `${tookMs} ms: it was not waited for more`);
});

test('mode tcp: a TLS client is known by its first message, and led by the name that it asks for', async t => {
	const answer = (name: string) => (socket: net.Socket) => {
		socket.write(name);
		socket.on('data', () => {}).on('end', () => socket.end());
	};
	const plain = await serve(t, answer('plain'));
	const secure = await serve(t, answer('secure'));
	const proxy = await startProxy(
		t,
		`
frontend in
    mode tcp
    bind 127.0.0.1:1
    tcp-request inspect-delay 5s
    tcp-request content reject if { req_ssl_hello_type 1 } { req_ssl_ver lt 3.1 }
    tcp-request content accept if { req_ssl_hello_type 1 } or { req_len gt 0 }
    use_backend secure if { req_ssl_sni -i a.example }
    default_backend plain
backend plain
    mode tcp
    server s 127.0.0.1:${plain}
backend secure
    mode tcp
    server s 127.0.0.1:${secure}
`,
	);
	const ask = async (text: string) => {
		const client = proxy.connect();
		for (const half of [text.slice(0, 20), text.slice(20)]) if (half !== '') client.send(half);
		await client.until(({text: got, ended}) => got !== '' || ended);
		return client.text;
	};
	t.is(await ask(clientHello('A.example')), 'secure');
	t.is(await ask(clientHello('b.example')), 'plain');
	t.is(await ask('SSH-2.0'), 'plain');
	t.is(await ask(clientHello('a.example', '\x03\x00')), '');
});

test('mode tcp: a client that speaks HTTP is known by its first line', async t => {
	const proxy = await startProxy(
		t,
		tcp(
			await serve(t, greeting),
			`tcp-request inspect-delay 60s
    tcp-request content reject if !HTTP`,
		),
	);
	const http = proxy.connect();
	http.send('GET / HT');
	await waitFor(() => proxy.core.sessions.some(({bytesIn}) => bytesIn === 8));
	t.is(http.text, '');
	http.send('TP/1.1\r\n');
	await http.untilText('hello');
	const other = proxy.connect();
	other.send('SSH-2.0');
	await other.untilEnd();
	t.is(other.text, '');
});

test('a configuration without rules tracks nothing', async t => {
	const proxy = await startProxy(
		t,
		simple(
			await serve(
				t,
				answering(() => OK),
			),
		),
	);
	t.is(await statusOf(proxy), '200');
	t.is(proxy.configuration.stickTables.length, 0);
});

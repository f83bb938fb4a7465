import test, {type ExecutionContext} from 'ava';
import {answering, waitFor} from '../helpers/engine.ts';
import {OK, serve, startProxy} from '../helpers/proxy.ts';

/** The line that `format` makes of one request through a whole proxy. */
async function lineOf(t: ExecutionContext, format: string, request: string, extra = ''): Promise<string> {
	const port = await serve(t);
	const proxy = await startProxy(
		t,
		`frontend in
    bind 127.0.0.1:1
    capture request header x-q len 20
    capture request header x-none len 20
    capture response header server len 20
    capture cookie ck len 20
    ${extra}
    log-format ${format}
    default_backend b
backend b
    cookie SRV insert
    server s1 127.0.0.1:${port} cookie c1
`,
	);
	const client = proxy.connect();
	client.send(request);
	await waitFor(() => proxy.lines.length >= 1);
	return proxy.lines[0]!.text;
}

const REQUEST = 'GET /a/b?c=d HTTP/1.1\r\nHost: x\r\nX-Q: a"b[c]\\d\r\nCookie: ck=cv\r\n\r\n';

for (const [format, expected] of [
	['"%HM %HP %HPO %HQ %HU %HV"', 'GET /a/b /a/b ?c=d /a/b?c=d HTTP/1.1'],
	['"%{+Q}r %r"', '"GET /a/b?c=d HTTP/1.1" GET /a/b?c=d HTTP/1.1'],
	['"%ST %b/%s %f %ft %rc %ts %tsc"', '200 b/s1 in in 0 -- --NI'],
	['"%CC %CS %{+Q}CS"', 'ck=cv - ""'],
	['"%ci %{+Q}ci %{+X}ci %si %bi"', '127.0.0.1 "127.0.0.1" 7F000001 127.0.0.1 127.0.0.1'],
	['"%hr|%hrl|%{+Q}hrl|%hs|%hsl"', '{a#22b[c]\\d|}|a#22b[c]\\d -|"a#22b[c]\\d" ""|{}|-'],
	['"%{+E}hr %{+E}[capture.req.hdr(0)] %[capture.req.hdr(0)]"', '{a#22b[c\\]\\\\d|} a\\"b[c\\]\\\\d a"b[c]\\d'],
	['"%{+Q}o %b %{-Q}b %[src] %{+X}[src]"', '"b" b "127.0.0.1" "127.0.0.1"'],
	['"  %b   and    %s  "', 'b and s1 '],
	['"100%% %sslc %sslv %Th"', '100% - - 0'],
	['"%ac %fc %bc %sc %sq %bq"', '1 1 0 0 0 0'],
	['"%[method] %[path,upper] %[status]"', 'GET /A/B 200'],
] as const) {
	test(`log-format ${format}`, async t => {
		t.is(await lineOf(t, format, REQUEST), expected);
	});
}

test('times, dates, counters and ports have their forms, in hexadecimal too', async t => {
	const line = await lineOf(
		t,
		'"%t|%tr|%T|%Tl|%trg|%Ts|%{+X}Ts|%ms|%TR %Tw %Tc %Tr %Ta %Tt %Tq %Ti %Td %Tu|%B %U|%rt %{+X}rt %lc|%cp %{+X}cp %fp %sp %bp|%pid %H"',
		REQUEST,
	);
	const date = '\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d';
	const parts = [
		`${date}\\.\\d{3}`,
		`${date}\\.\\d{3}`,
		`${date} \\+0000`,
		`${date} [+-]\\d{4}`,
		`${date} \\+0000`,
		'\\d{10}',
		'[0-9A-F]{8}',
		'\\d{1,3}',
		'(?:\\d+ ){9}\\d+',
		'\\d+ \\d+',
		'\\d+ [0-9A-F]{4,} 0',
		'\\d+ [0-9A-F]{4} \\d+ \\d+ \\d+',
		`${process.pid} \\S+`,
	];
	t.regex(line, new RegExp(`^${parts.join('\\|')}$`));
});

test('a request that could not be read has no parts', async t => {
	t.is(
		await lineOf(t, '"%{+Q}r %HM %HU %[method] %ST %tsc"', 'BAD\r\n\r\n'),
		'"<BADREQ>" <BADREQ> <BADREQ> - 400 PR--',
	);
});

test('in mode tcp samples of the connection are shown', async t => {
	const port = await serve(t, socket => socket.end('bye'));
	const proxy = await startProxy(
		t,
		`listen in
    mode tcp
    bind 127.0.0.1:1
    log-format "%ci %[src] %s %ts %B %{+Q}[dst_port] %HM"
    server s1 127.0.0.1:${port}
`,
	);
	const client = proxy.connect();
	await client.untilEnd();
	client.socket.end();
	await waitFor(() => proxy.lines.length === 1);
	t.is(proxy.lines[0]!.text, `127.0.0.1 127.0.0.1 s1 -- 3 "${proxy.port('in')}" <BADREQ>`);
});

test('a name is made once for each request: in its header for the server, in samples, in the line', async t => {
	const seen: string[] = [];
	const port = await serve(
		t,
		answering(head => {
			seen.push(/^x-id: (.*)$/im.exec(head)?.[1] ?? '', /^x-too: (.*)$/im.exec(head)?.[1] ?? '');
			return OK;
		}),
	);
	const proxy = await startProxy(
		t,
		`frontend in
    bind 127.0.0.1:1
    unique-id-format %{+X}o\\ %ci:%cp_%fi:%fp_%Ts_%rt:%pid
    unique-id-header X-ID
    http-request set-header X-Too %[unique-id]
    log-format %ID
    default_backend b
backend b
    server s1 127.0.0.1:${port}
`,
	);
	const client = proxy.connect();
	client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
	await waitFor(() => proxy.lines.length === 1);
	client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
	await waitFor(() => proxy.lines.length === 2);
	const [first, second] = proxy.lines.map(({text}) => text);
	t.regex(first!, /^7F000001:[0-9A-F]{4}_7F000001:[0-9A-F]{4}_[0-9A-F]{8}_[0-9A-F]{4}:[0-9A-F]+$/);
	t.not(first, second);
	t.deepEqual(seen, [first, first, second, second]);
});

test('what a client sends cannot end a line', async t => {
	const port = await serve(t);
	const proxy = await startProxy(
		t,
		`frontend in
    bind 127.0.0.1:1
    http-request set-var(txn.a) url_param(a),url_dec
    log-format "%[var(txn.a)]"
    default_backend b
backend b
    server s1 127.0.0.1:${port}
`,
	);
	const client = proxy.connect();
	client.send('GET /?a=x%0ay%00%7f HTTP/1.1\r\nHost: x\r\n\r\n');
	await waitFor(() => proxy.lines.length === 1);
	t.is(proxy.lines[0]!.text, 'x#0Ay#00#7F');
});

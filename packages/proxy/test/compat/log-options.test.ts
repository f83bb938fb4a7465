/** Which lines a frontend writes: `option httplog [clf]`, `dontlognull`, `dontlog-normal`, `logasap`, `log-separate-errors`. */
import test from 'ava';
import {answering, waitFor} from '../helpers/engine.ts';
import {GET, OK, serve, simple, startProxy} from '../helpers/proxy.ts';

const BAD = '127.0.0.1:P [T] in in/<NOSRV> -1/-1/-1/-1/T 400 0 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"';

test('a connection without a byte has a line', async t => {
	const proxy = await startProxy(t, simple(await serve(t)));
	proxy.connect().socket.end();
	t.is(await proxy.line(), BAD.replace('PR', 'CR'));
});

test('under dontlognull it has none', async t => {
	const proxy = await startProxy(t, simple(await serve(t), {frontend: 'option dontlognull'}));
	const silent = proxy.connect();
	silent.socket.end();
	await silent.untilEnd();
	await waitFor(() => proxy.table.connections === 0);
	const client = proxy.connect();
	client.send('x\r\n\r\n');
	t.is(await proxy.line(), BAD);
});

test('under dontlog-normal only what went wrong has a line', async t => {
	const proxy = await startProxy(t, simple(await serve(t), {frontend: 'option dontlog-normal'}));
	const good = proxy.connect();
	good.send(GET);
	await good.untilText(OK);
	good.send('x\r\n\r\n');
	t.is(await proxy.line(), BAD);
	t.is(proxy.lines.length, 1);
});

test('a 5xx of a server is no normal end', async t => {
	const port = await serve(
		t,
		answering(() => 'HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n'),
	);
	const proxy = await startProxy(t, simple(port, {frontend: 'option dontlog-normal\n    option log-separate-errors'}));
	proxy.connect().send(GET);
	t.regex(await proxy.line(), / 500 \d+ - - ---- /);
	t.is(proxy.lines[0]!.severity, 3);
});

test('under log-separate-errors errors have severity err, the rest info', async t => {
	const proxy = await startProxy(t, simple(await serve(t), {frontend: 'option log-separate-errors'}));
	const client = proxy.connect();
	client.send(GET);
	await client.untilText(OK);
	client.send('x\r\n\r\n');
	await proxy.line(2);
	t.deepEqual(
		proxy.lines.map(({severity}) => severity),
		[6, 3],
	);
});

test('under logasap the line comes with the response head and marks what is not known yet', async t => {
	const port = await serve(
		t,
		socket => void socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n')),
	);
	const proxy = await startProxy(t, simple(port, {frontend: 'option logasap'}));
	const client = proxy.connect();
	client.send(GET);
	t.is(await proxy.line(), '127.0.0.1:P [T] in out/s1 T/T/T/T/+T 200 +38 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"');
	// A reset: a mere end of the client's direction would still let the rest of the response come.
	client.socket.resetAndDestroy();
	await waitFor(() => proxy.table.connections === 0);
	t.is(proxy.lines.length, 1);
});

test('clf', async t => {
	const proxy = await startProxy(t, simple(await serve(t), {frontend: 'option httplog clf'}));
	proxy.connect().send(GET);
	await proxy.line();
	t.regex(
		proxy.lines[0]!.text,
		/^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET \/ HTTP\/1\.1" 200 40 "-" "-" \d+ \d{3} "in" "out" "s1" \d+ \d+ \d+ \d+ \d+ "----" 1 1 0 0 0 0 0 "-" "-"$/,
	);
});

test('without a format every request is announced when it arrives', async t => {
	const text = simple(await serve(t));
	const proxy = await startProxy(
		t,
		`defaults\n    mode http\n    log 127.0.0.1:9 local0\n    timeout client 5s\n    timeout server 5s\n    timeout connect 5s\n${text}`,
	);
	const client = proxy.connect();
	client.send(GET);
	await client.untilText(OK);
	t.is(
		proxy.lines[0]?.text,
		`Connect from 127.0.0.1:${client.socket.localPort} to 127.0.0.1:${proxy.port('in')} (in/HTTP)`,
	);
});

test('two requests of a connection have two lines, an idle end none', async t => {
	const proxy = await startProxy(t, simple(await serve(t)));
	const client = proxy.connect();
	client.send(GET + GET);
	await client.untilText(OK + OK);
	client.socket.end();
	await waitFor(() => proxy.table.connections === 0);
	t.is(proxy.lines.length, 2);
});

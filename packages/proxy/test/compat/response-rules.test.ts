/** `http-response` and `http-after-response`. */
import test from 'ava';
import {answering} from '../helpers/engine.ts';
import {OK, serve, simple, startProxy} from '../helpers/proxy.ts';

const get = (path: string, lines = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;
const rules = (...list: readonly string[]) => ({frontend: list.join('\n    ')});
const HEAD = 'HTTP/1.1 200 OK\r\nServer: inner\r\nVary: a, b\r\nContent-Length: 2\r\n\r\nok';

async function start(t: Parameters<typeof serve>[0], list: readonly string[], head = HEAD) {
	const port = await serve(
		t,
		answering(() => head),
	);
	const proxy = await startProxy(t, simple(port, rules(...list)));
	return {proxy, client: proxy.connect()};
}

test('headers of a response are set, added, replaced and removed, with samples of request and response', async t => {
	const {client} = await start(t, [
		'http-response del-header Server',
		'http-response set-header X-Path "%[capture.req.uri] %[status] %[res.hdr(vary,1)] %[srv_name] %s"',
		'http-response replace-value Vary ^b$ c',
		'http-response add-header X-Kept %[var(txn.p)] if { hdr(vary) c }',
		'http-request set-var(txn.p) path',
	]);
	client.send(get('/p'));
	await client.untilText('\r\n\r\nok');
	t.is(
		client.text,
		'HTTP/1.1 200 OK\r\nVary: a, c\r\nContent-Length: 2\r\nX-Path: /p 200 a s1 s1\r\nX-Kept: /p\r\n\r\nok',
	);
});

test('set-status changes the line and the log, but not where the body ends', async t => {
	const {proxy, client} = await start(t, [
		'http-response set-status 299 reason "All fine" if { path /a }',
		'http-response set-status 404 if { path /b }',
		'http-response set-status 304 if { path /c }',
	]);
	client.send(get('/a'));
	await client.untilText('HTTP/1.1 299 All fine\r\n');
	t.regex(await proxy.line(), / out\/s1 \S+ 299 /);
	client.send(get('/b'));
	await client.untilText('HTTP/1.1 404 Not Found\r\n');
	client.text = '';
	client.send(get('/c'));
	await client.untilText('HTTP/1.1 200 OK\r\n');
});

test('deny answers 502 PH, redirect and return LH, and the connection goes on', async t => {
	const {proxy, client} = await start(t, [
		'http-response deny if { path /deny }',
		'http-response deny status 410 content-type text/plain string gone if { path /gone }',
		'http-response redirect location /else if { path /move }',
		'http-response return status 203 content-type text/plain lf-string "was %[status]" if { path /give }',
		'http-response allow if { path /allow }',
		'http-response set-header X-End 1',
	]);
	const ask = async (path: string, expected: string) => {
		client.text = '';
		client.send(get(path));
		await client.untilText(expected);
	};
	await ask('/deny', 'HTTP/1.1 502 Bad Gateway\r\n');
	await ask('/gone', 'HTTP/1.1 410 Gone\r\n');
	await ask('/move', 'location: /else\r\n');
	await ask('/give', '\r\n\r\nwas 200');
	await ask('/allow', '\r\n\r\nok');
	t.false(client.text.includes('X-End'));
	await ask('/', 'X-End: 1\r\n\r\nok');
	const flags = [];
	for (let n = 1; n <= 6; n++)
		flags.push(
			/ (\d{3}) \d+ - - (\S+) /
				.exec(await proxy.line(n))
				?.slice(1)
				.join(' '),
		);
	t.deepEqual(flags, ['502 PH--', '410 PH--', '302 LH--', '203 LH--', '200 ----', '200 ----']);
});

test('http-after-response sees every answer, our own too', async t => {
	const {proxy, client} = await start(t, [
		'http-request deny if { path /deny }',
		'redirect location /x if { path /move }',
		'http-after-response set-header X-After "%[status]"',
		'http-after-response del-header server',
		'http-after-response set-status 404 if { status 403 }',
	]);
	client.send(get('/deny'));
	await client.untilText('x-after: 403'.replace('x-after', 'X-After'));
	t.true(client.text.startsWith('HTTP/1.1 404 Not Found\r\n'));
	t.regex(await proxy.line(), / 404 \d+ - - PR-- /);
	client.send(get('/move'));
	await client.untilText('X-After: 302\r\n\r\n');
	client.text = '';
	client.send(get('/'));
	await client.untilText('X-After: 200\r\n\r\nok');
	t.false(client.text.includes('Server'));
});

test('a deny of the response gives the slot of the server back', async t => {
	const port = await serve(
		t,
		answering((_head, count) => (count > 0 ? 'HTTP/1.1 200 OK\r\nX-Bad: 1\r\nContent-Length: 0\r\n\r\n' : OK)),
	);
	const text = simple(port, {frontend: 'http-response deny if { res.hdr(x-bad) -m found }'});
	const proxy = await startProxy(t, text.replace(/server s1 \S+/, '$& maxconn 1'));
	const client = proxy.connect();
	for (let n = 1; n <= 3; n++) {
		client.send(get('/'));
		await proxy.line(n);
	}
	t.is(proxy.table.serverSlots(0), 0);
});

/** `wait-for-body`, `option http-buffer-request` and what they let rules see, beside haproxy. */
import test from 'ava';
import {type Side, startBoth} from '../helpers/beside.ts';
import {serve, serveEcho} from '../helpers/proxy.ts';

const post = (path: string, more = '') =>
	`POST ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 11\r\n${more}\r\n`;
const chunked = (path: string) =>
	`POST ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
const BODY = 'name=a&b=cd';

const TEXT = (port: number) => `
frontend in
    bind 127.0.0.1:1
    http-request wait-for-body time 10s at-least 5 if { path /some }
    http-request wait-for-body time 10s if { path_beg /wait }
    http-request wait-for-body time 100ms if { path /soon }
    http-request deny deny_status 429 if { path_beg /wait } { req.body_param(name) -m str evil }
    http-request return status 200 content-type text/plain lf-string "%[req.body]|%[req.body_len]|%[req.body_size]|%[req.body_param(name)]|%[req.body_param]" unless { path_beg /to }
    use_backend waits if { path /to/wait }
    default_backend out
frontend waiting
    bind 127.0.0.1:2
    option http-buffer-request
    timeout http-request 200ms
    http-request set-header x-body %[req.body]
    default_backend out
backend waits
    option http-buffer-request
    http-request set-header x-body %[req.body]
    server s1 127.0.0.1:${port}
backend out
    server s1 127.0.0.1:${port}
`;

/** The end of the answer to texts that go out one by one, each once the one before has been read. */
async function slowly(side: Side, texts: readonly string[], frontend?: string): Promise<string> {
	const client = side.connect(frontend);
	for (const text of texts) {
		client.send(text);
		await new Promise(resolve => setTimeout(resolve, 60));
	}
	await client.untilEnd();
	return client.text;
}

const bodyOf = (answer: string) => answer.slice(answer.lastIndexOf('\r\n\r\n') + 4);

test('rules see as much of the body as has come, and wait for what they name', async t => {
	for (const side of await startBoth(t, TEXT(await serveEcho(t)))) {
		const see = async (...texts: readonly string[]) => bodyOf(await slowly(side, texts));
		const {name} = side;
		const whole = 'name=a&b=cd|11|11|a|a';
		t.is(await see('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'), '|0|0||', name);
		t.is(await see(post('/now') + BODY), whole, name);
		t.is(await see(post('/now'), BODY), '|0|11||', name);
		t.is(await see(post('/wait'), 'name=', 'a&b=cd'), whole, name);
		t.is(await see(post('/some'), 'na', 'me=', 'a&b=cd'), 'name=|5|11||', name);
		t.is(await see(`${chunked('/now')}5\r\nname=\r\n6\r\na&b=cd\r\n0\r\n\r\n`), whole, name);
		t.is(await see(chunked('/wait'), '5\r\nname=\r\n', '6\r\na&b=cd\r\n0\r\n\r\n'), whole, name);
		t.is(await see(chunked('/some'), '5\r\nname=\r\n', '6\r\na&b=cd\r\n0\r\n\r\n'), 'name=|5|5||', name);
		t.regex(await slowly(side, [post('/wait'), 'name=evil&x']), /^HTTP\/1\.1 429 /, name);
		t.regex(await slowly(side, [post('/wait', 'Expect: 100-continue\r\n'), BODY]), /^HTTP\/1\.1 100 Continue\r\n\r\n/);
	}
});

test('what does not come in time is a 408 that was no request', async t => {
	for (const side of await startBoth(t, TEXT(await serveEcho(t)))) {
		t.regex(await slowly(side, [post('/soon'), 'n']), /^HTTP\/1\.1 408 /, side.name);
		t.regex(
			await side.line(),
			/^127\.0\.0\.1:P \[T\] in in\/<NOSRV> -1\/-1\/-1\/-1\/T 408 \d+ - - cR-- 1\/1\/0\/0\/0 0\/0 "POST \/soon HTTP\/1\.1"$/,
			side.name,
		);
		t.regex(await slowly(side, [post('/'), 'n'], 'waiting'), /^HTTP\/1\.1 408 /, side.name);
	}
});

test('the whole request goes on, and the server is not asked before', async t => {
	for (const side of await startBoth(t, TEXT(await serveEcho(t)))) {
		for (const frontend of ['in', 'waiting']) {
			const answer = await slowly(side, [post('/to/wait'), 'name=', 'a&b=cd'], frontend);
			t.regex(answer, /\r\nx-body: name=a&b=cd\r\n/i, `${side.name} ${frontend}`);
		}
	}
});

test('a body that no buffer holds is waited for as far as one does', async t => {
	const seen: number[] = [];
	const port = await serve(t, socket => {
		let got = '';
		socket.on('data', data => {
			got += data.toString('latin1');
			const head = got.indexOf('\r\n\r\n');
			if (got.length - head - 4 < 100_000) return;
			seen.push(Number(/x-len: (\d+)/i.exec(got)![1]));
			socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
		});
	});
	const text = `
frontend in
    bind 127.0.0.1:1
    http-request wait-for-body time 10s
    http-request set-header x-len %[req.body_len]
    default_backend out
backend out
    server s1 127.0.0.1:${port}
`;
	for (const side of await startBoth(t, text)) {
		const request = 'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n';
		t.regex(await side.ask(request + 'x'.repeat(100_000)), /\r\n\r\nok$/, side.name);
		// One buffer, less what is kept free for rules.
		t.true(seen.at(-1)! > 14_000 && seen.at(-1)! < 66_000, `${side.name} ${seen.at(-1)}`);
	}
});

test('a client that leaves while its body is waited for', async t => {
	for (const side of await startBoth(t, TEXT(await serveEcho(t)))) {
		const client = side.connect();
		client.send(`${post('/to/wait')}n`);
		await new Promise(resolve => setTimeout(resolve, 60));
		client.socket.destroy();
		t.regex(await side.line(), / waits\/<NOSRV> \S+ -1 0 - - CR-- .* "POST \/to\/wait HTTP\/1\.1"$/, side.name);
	}
});

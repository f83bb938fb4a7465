/** `http-error`, `errorfiles` and sections `http-errors`, beside haproxy. */
import test from 'ava';
import {startBoth} from '../helpers/beside.ts';
import {GET, serve} from '../helpers/proxy.ts';

const FILES = {
	'410': 'HTTP/1.0 410 Gone Away\r\nX-Own: 410\r\n\r\ngone',
	'503': 'HTTP/1.0 503 Down\r\nX-Own: 503\r\n\r\ndown',
	body: 'hello %[path] 100%%',
};

const get = (path: string, method = 'GET') => `${method} ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`;

/** Status line, own headers and body: what is left when the order and case of headers does not count. */
function shape(text: string): string {
	const [head = '', ...body] = text.split('\r\n\r\n');
	const [status, ...headers] = head.split('\r\n');
	const kept = headers.map(line => line.toLowerCase()).filter(line => !line.startsWith('connection:'));
	return [status, ...kept.sort(), '', ...body].join('\n');
}

test('pages of words, of files and of sections', async t => {
	const text = `
http-errors site
    errorfile 410 DIR/410
    errorfile 503 DIR/503
frontend in
    bind 127.0.0.1:1
    timeout tarpit 50ms
    errorfiles site 503
    http-error status 404 content-type text/plain lf-string "no %[path] %[method]" hdr x-a "%[src]"
    http-error status 403 content-type text/plain string "plain %[path]"
    http-error status 400 content-type text/plain lf-file DIR/body
    http-error status 401 content-type text/plain file DIR/body
    http-error status 429 errorfile DIR/410
    http-error status 500
    http-error status 502 errorfiles site
    http-request return status 410 errorfiles site if { path /return-section }
    http-request return status 404 errorfiles site if { path /return-no-file }
    http-request return status 404 default-errorfiles if { path /return-own }
    http-request return status 503 default-errorfiles if { path /return-import }
    http-request return status 401 default-errorfiles if { path /return-file }
    http-request deny deny_status 503 errorfiles site if { path /deny-section }
    http-request deny deny_status 404 if { path /deny-own }
    http-request deny deny_status 500 if { path /deny-empty }
    http-request deny default-errorfiles if { path /deny-default }
    http-request deny deny_status 400 if { path /deny-lf-file }
    http-request tarpit deny_status 429 errorfiles site if { path /tarpit-no-file }
    http-request tarpit deny_status 429 if { path /tarpit }
    http-after-response set-header x-after yes
`;
	const [first, ...others] = await startBoth(t, text, FILES);
	const paths =
		'return-section return-no-file return-own return-import return-file deny-section deny-own deny-empty deny-default deny-lf-file tarpit-no-file tarpit nothing';
	let count = 0;
	for (const path of paths.split(' ')) {
		const expected = shape(await first!.ask(get(`/${path}`)));
		t.regex(expected, /^HTTP\/1\.[01] [45]/, path);
		count++;
		for (const other of others) {
			t.is(shape(await other.ask(get(`/${path}`))), expected, path);
			t.regex(await other.line(count), new RegExp(`${/ [A-Zct][A-Z]-- /.exec(await first!.line(count))![0]}`), path);
		}
	}
	for (const side of [first!, ...others]) {
		t.true((await side.ask(get('/deny-own', 'HEAD'))).endsWith('\r\n\r\n'), side.name);
	}
});

test("a backend's pages go before the frontend's, and default-errorfiles takes back its own", async t => {
	const dead = await serve(t, socket => socket.destroy());
	const text = `
http-errors site
    errorfile 503 DIR/503
frontend in
    bind 127.0.0.1:1
    http-error status 502 content-type text/plain string "of the frontend"
    use_backend own if { path /own }
    use_backend taken-back if { path /taken-back }
    default_backend plain
backend own
    http-error status 502 content-type text/plain lf-string "of %b"
    server s1 127.0.0.1:${dead}
backend taken-back
    errorfile 502 DIR/503
    http-error status 502 default-errorfiles
    server s1 127.0.0.1:${dead}
backend plain
    server s1 127.0.0.1:${dead}
`;
	for (const side of await startBoth(t, text, FILES)) {
		t.regex(await side.ask(get('/own')), /\r\n\r\nof own$/, side.name);
		t.true((await side.ask(get('/'))).endsWith('of the frontend'), side.name);
		t.true((await side.ask(get('/taken-back'))).endsWith('of the frontend'), side.name);
	}
});

test('an answer of words leaves the connection open', async t => {
	const text = `
frontend in
    bind 127.0.0.1:1
    http-error status 403 content-type text/plain string "no"
    http-request deny
`;
	for (const side of await startBoth(t, text, FILES)) {
		const client = side.connect();
		client.send(GET);
		await client.untilText('\r\n\r\nno');
		client.send(GET);
		await client.until(({text: got}) => got.split('HTTP/1.1 403').length === 3);
		t.pass();
	}
});

/** Answers of rules from files: a body, and a whole response. */
import {Buffer} from 'node:buffer';
import {parseConfiguration} from '@hapair/config';
import test from 'ava';
import {serve, simple, startProxy, type TestProxy} from '../helpers/proxy.ts';

async function ask(proxy: TestProxy, path: string, method = 'GET'): Promise<string> {
	const client = proxy.connect();
	client.send(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
	await client.untilEnd();
	return client.text;
}

const files = {
	'/body': Uint8Array.from([0x3c, 0xff, 0x25, 0x63, 0x69, 0x00, 0x3e]),
	'/page': Uint8Array.from(Buffer.from('HTTP/1.0 429 Slow Down\r\nX-Own: yes\r\n\r\nslow down')),
};

test('file: its bytes are the body, whatever they are', async t => {
	const frontend = `http-request return status 203 content-type image/x file /body hdr X-A b if { path /return }
    http-request deny status 403 content-type image/x file /body if { path /deny }
    http-request deny deny_status 429 errorfile /page if { path /page }
    http-response return status 200 content-type text/plain file /body if { path /answer }`;
	const proxy = await startProxy(t, simple(await serve(t), {frontend}), files);
	const body = Buffer.from(files['/body']).toString('latin1');
	const returned = await ask(proxy, '/return');
	t.regex(returned, /^HTTP\/1\.1 203 .*\r\ncontent-length: 7\r\ncontent-type: image\/x\r\nx-a: b\r\n/);
	t.true(returned.endsWith(`\r\n\r\n${body}`));
	t.true((await ask(proxy, '/return', 'HEAD')).endsWith('\r\n\r\n'));
	t.regex(await ask(proxy, '/deny'), /^HTTP\/1\.1 403 /);
	t.is(await ask(proxy, '/page'), Buffer.from(files['/page']).toString());
	t.true((await ask(proxy, '/answer')).endsWith(body));
	t.regex(await proxy.line(4), / 429 \d+ - - PR-- /);
});

test('lf-file is read with the configuration; its mistakes are too', t => {
	const read = (text: string) =>
		parseConfiguration(
			[
				{
					name: 'x',
					text: 'frontend f\n mode http\n bind :80\n timeout client 5s\n http-request return status 200 content-type text/plain lf-file /t\n',
				},
			],
			{environment: {}, readFile: path => (path === '/t' ? text : undefined)},
		);
	const rule = read('hello %[src]\nline %%\n').configuration!.frontends[0]!.httpRequestRules[0]!;
	t.like(rule, {kind: 'return', reply: {body: 'hello %[src]\nline %%\n'}});
	t.regex(
		read('x %[nonsense]')
			.diagnostics.map(({message}) => message)
			.join(),
		/nonsense/,
	);
});

/** `cookie NAME insert indirect nocache`: where it leads, what it shows, which flags it leaves. */
import test from 'ava';
import {answering, waitFor} from '../helpers/engine.ts';
import {serve, startProxy} from '../helpers/proxy.ts';

const echo = (name: string) =>
	answering(head => `HTTP/1.1 200 OK\r\nContent-Length: ${head.length + name.length}\r\n\r\n${name}${head}`);

test('persistence, flags, and what server and client see of the cookie', async t => {
	const proxy = await startProxy(
		t,
		`
frontend in
    bind 127.0.0.1:1
    default_backend out
backend out
    option redispatch
    cookie SRV insert indirect nocache
    server s1 127.0.0.1:${await serve(t, echo('<s1>'))} cookie one
    server s2 127.0.0.1:${await serve(t, echo('<s2>'))} cookie two
`,
	);
	const ask = async (cookie: string) => {
		const client = proxy.connect();
		const count = proxy.lines.length + 1;
		client.send(`GET / HTTP/1.1\r\nHost: x\r\n${cookie === '' ? '' : `Cookie: ${cookie}\r\n`}\r\n`);
		await client.untilText('\r\n\r\n<s');
		const line = await proxy.line(count);
		client.socket.destroy();
		return {text: client.text, flags: / - - (....) /.exec(line)?.[1]};
	};
	const first = await ask('');
	t.is(first.flags, '--NI');
	t.regex(first.text, /\r\nSet-Cookie: SRV=(?:one|two); path=\/\r\n/);
	for (const [cookie, server] of [
		['one', 's1'],
		['two', 's2'],
		['one', 's1'],
	] as const) {
		const valid = await ask(`a=b; SRV=${cookie}`);
		t.is(valid.flags, '--VN');
		t.true(valid.text.includes(`<${server}>`));
		t.false(valid.text.includes('Set-Cookie'));
		t.regex(valid.text, /\r\nCookie: a=b\r\n/);
	}
	const unknown = await ask('SRV=three');
	t.is(unknown.flags, '--II');
	t.true(unknown.text.includes('Set-Cookie: SRV='));
	proxy.setServer('out', 's2', false);
	const down = await ask('SRV=two');
	t.is(down.flags, '--DI');
	t.regex(down.text, /Set-Cookie: SRV=one; path=\/\r\n[\s\S]*<s1>/);
});

test('two requests at once do not mix their cookies up', async t => {
	const waiting: (() => void)[] = [];
	const port = await serve(
		t,
		socket =>
			void socket.on('data', () => waiting.push(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))),
	);
	const proxy = await startProxy(
		t,
		`frontend in\n bind 127.0.0.1:1\n default_backend out\nbackend out\n cookie SRV insert indirect\n server s1 127.0.0.1:${port} cookie one\n`,
	);
	const known = proxy.connect();
	known.send('GET /known HTTP/1.1\r\nHost: x\r\nCookie: SRV=one\r\n\r\n');
	const fresh = proxy.connect();
	fresh.send('GET /fresh HTTP/1.1\r\nHost: x\r\n\r\n');
	await waitFor(() => waiting.length === 2);
	for (const answer of waiting) answer();
	await Promise.all([known.untilText('ok'), fresh.untilText('ok')]);
	t.false(known.text.includes('Set-Cookie'));
	t.true(fresh.text.includes('Set-Cookie: SRV=one'));
});

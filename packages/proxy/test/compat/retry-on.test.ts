/** `retry-on` and `http-request disable-l7-retry`, beside haproxy. */
import test, {type ExecutionContext} from 'ava';
import {type Side, startBoth} from '../helpers/beside.ts';
import {answering, type Client} from '../helpers/engine.ts';
import {OK, serve} from '../helpers/proxy.ts';
import {closedPort} from '../helpers/tcp-server.ts';

const REFUSED = 'HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno';
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`;

/** Retries, status, flags and server of a log line. */
const told = (line: string) =>
	line.replace(/^.* (\S+) T\/T\S* (\d+) \d+ - - (\S+) \S+?(\/\+?\d+) 0\/0 .*$/, '$1 $2 $3 $4');

async function servers(t: ExecutionContext) {
	return {
		empty: await serve(t, socket => socket.on('data', () => socket.destroy())),
		half: await serve(t, socket => socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nX-A'))),
		junk: await serve(t, socket => socket.on('data', () => socket.end('no answer\r\n\r\n'))),
		mute: await serve(t, () => {}),
		busy: await serve(
			t,
			answering(() => REFUSED),
		),
		good: await serve(t),
		down: await closedPort(),
	};
}

test('each reason retries what it names, and nothing else', async t => {
	const {empty, half, junk, mute, busy, down} = await servers(t);
	const cases: Readonly<Record<string, readonly [on: string, port: number, expected: string]>> = {
		none: ['none', down, 'none/s 503 SC-- /0'],
		unnamed: ['empty-response', down, 'unnamed/s 503 SC-- /0'],
		empty: ['empty-response', empty, 'empty/s 502 SH-- /2'],
		half: ['empty-response', half, 'half/s 502 SH-- /2'],
		halfjunk: ['junk-response', half, 'halfjunk/s 502 SH-- /0'],
		junk: ['junk-response', junk, 'junk/s 502 PH-- /2'],
		junkempty: ['empty-response', junk, 'junkempty/s 502 PH-- /0'],
		mute: ['response-timeout', mute, 'mute/s 504 sH-- /2'],
		busy: ['503', busy, 'busy/s 503 ---- /2'],
		other: ['502 504', busy, 'other/s 503 ---- /0'],
		all: ['all-retryable-errors', busy, 'all/s 503 ---- /2'],
		spared: ['all-retryable-errors', busy, 'spared/s 503 ---- /0'],
	};
	const backends = Object.entries(cases).map(
		([name, [on, port]]) => `
backend ${name}
    retry-on ${on}
    retries 2
    timeout server 100ms
    ${name === 'spared' ? 'http-request disable-l7-retry if { method GET }' : ''}
    server s 127.0.0.1:${port}
`,
	);
	const choices = Object.keys(cases).map(name => `use_backend ${name} if { path /${name} }`);
	const text = `
frontend in
    bind 127.0.0.1:1
    ${choices.join('\n    ')}
${backends.join('')}`;
	for (const side of await startBoth(t, text)) {
		let count = 0;
		for (const [name, [, , expected]] of Object.entries(cases)) {
			await side.ask(get(`/${name}`));
			count++;
			t.is(told(await side.line(count)), expected, `${side.name} ${name}`);
		}
	}
});

test('with redispatch another server answers; the body goes along', async t => {
	const {busy} = await servers(t);
	const echo = await serve(t, socket => {
		let got = '';
		socket.on('data', data => {
			got += data.toString('latin1');
			if (got.endsWith('hello')) socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${got.length}\r\n\r\n${got}`);
		});
	});
	const text = `
frontend in
    bind 127.0.0.1:1
    default_backend out
backend out
    retry-on 503
    option redispatch
    balance first
    server s1 127.0.0.1:${busy}
    server s2 127.0.0.1:${busy} backup
    server s3 127.0.0.1:${echo}
`;
	for (const side of await startBoth(t, text)) {
		const answer = await side.ask('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello');
		t.regex(answer, /^HTTP\/1\.1 200 OK[\s\S]*\r\n\r\nhello$/, side.name);
		t.is(told(await side.line()), 'out/s3 200 ---- /+1', side.name);
	}
});

test('what was sent before all of it had come is not sent again, nor is what is larger than the buffer', async t => {
	const {empty} = await servers(t);
	const text = `
frontend in
    bind 127.0.0.1:1
    default_backend out
backend out
    retry-on empty-response
    server s1 127.0.0.1:${empty}
`;
	const length = 40_000;
	for (const side of await startBoth(t, text)) {
		const late = side.connect();
		late.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\n');
		await answered(late);
		const large = side.connect();
		large.send(
			`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${'x'.repeat(length)}`,
		);
		await answered(large);
		t.deepEqual(await bothLines(side), ['out/s1 502 SH-- /0', 'out/s1 502 SH-- /0'], side.name);
	}
});

async function answered(client: Client): Promise<void> {
	await client.untilText('HTTP/1.1 502 ');
}

async function bothLines(side: Side): Promise<readonly string[]> {
	return [told(await side.line(1)), told(await side.line(2))];
}

test('a retried request leaves its connection usable', async t => {
	let count = 0;
	const port = await serve(
		t,
		answering(() => (++count % 2 === 1 ? REFUSED : OK)),
	);
	const text = `
frontend in
    bind 127.0.0.1:1
    default_backend out
backend out
    retry-on 503
    server s1 127.0.0.1:${port}
`;
	for (const side of await startBoth(t, text)) {
		count = 0;
		const client = side.connect();
		for (let n = 1; n <= 3; n++) {
			client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
			await client.until(({text: got}) => got.split('HTTP/1.1 200').length === n + 1);
		}
		t.is(told(await side.line(3)), 'out/s1 200 ---- /1', side.name);
	}
});

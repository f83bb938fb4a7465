/** `retries`, `option redispatch`, `option persist`: what becomes of a connection that cannot be made. */
import test from 'ava';
import {Counter} from '../../src/shared-table.ts';
import {GET, OK, serve, startProxy} from '../helpers/proxy.ts';
import {closedPort} from '../helpers/tcp-server.ts';

const two = (dead: number, alive: number, more = '') => `
frontend in
    bind 127.0.0.1:1
    default_backend out
backend out
    timeout connect 40ms
    cookie S insert
    ${more}
    server s0 127.0.0.1:${dead} cookie zero
    server s1 127.0.0.1:${alive} cookie one
`;
const BOUND = 'GET / HTTP/1.1\r\nHost: x\r\nCookie: S=zero\r\n\r\n';

test('without redispatch a bound client insists on its server: 503', async t => {
	const proxy = await startProxy(t, two(await closedPort(), await serve(t), 'retries 2'));
	const client = proxy.connect();
	client.send(BOUND);
	await client.untilText('HTTP/1.1 503 ');
	t.is(await proxy.line(), '127.0.0.1:P [T] in out/s0 T/T/-1/-1/T 503 220 - - SCVN 1/1/0/0/2 0/0 "GET / HTTP/1.1"');
	const {table} = proxy;
	const row = table.row('server', 0);
	t.deepEqual(
		[Counter.retries, Counter.redispatches, Counter.connectErrors].map(column => table.readSum(row, column)),
		[2, 0, 1],
	);
});

test('with redispatch its last attempt goes to another', async t => {
	const proxy = await startProxy(t, two(await closedPort(), await serve(t), 'option redispatch\n    retries 2'));
	const client = proxy.connect();
	client.send(BOUND);
	await client.untilText(OK.slice(-2));
	t.regex(await proxy.line(), / out\/s1 T\/T\/T\/T\/T 200 \d+ - - --DI 1\/1\/0\/0\/\+2 0\/0 /);
	const {table} = proxy;
	t.is(table.readSum(table.row('server', 0), Counter.redispatches), 1);
	t.is(table.readSum(table.row('backend', 0), Counter.redispatches), 1);
});

test('with redispatch a client that nothing binds goes on at once', async t => {
	const proxy = await startProxy(t, two(await closedPort(), await serve(t), 'option redispatch\n    retries 3'));
	for (let i = 0; i < 2; i++) {
		const client = proxy.connect();
		client.send(GET);
		await client.untilText(OK.slice(-2));
	}
	await proxy.line(2);
	t.true(proxy.lines.some(({text}) => / out\/s1 .*\/\+1 0\/0 /.test(text)));
});

test('a cookie of a server that is down leads elsewhere', async t => {
	const proxy = await startProxy(t, two(await closedPort(), await serve(t)));
	proxy.setServer('out', 's0', false);
	const client = proxy.connect();
	client.send(BOUND);
	await client.untilText(OK.slice(-2));
	t.regex(await proxy.line(), / out\/s1 .* --DI /);
});

test('under `option persist` it is tried all the same', async t => {
	const proxy = await startProxy(t, two(await serve(t), await closedPort(), 'option persist'));
	proxy.setServer('out', 's0', false);
	const client = proxy.connect();
	client.send(BOUND);
	await client.untilText(OK.slice(-2));
	t.regex(await proxy.line(), / out\/s0 /);
});

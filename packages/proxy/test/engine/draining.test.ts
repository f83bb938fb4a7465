import test from 'ava';
import {waitFor} from '../helpers/engine.ts';
import {serve, startProxy} from '../helpers/proxy.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const simple = (port: number): string =>
	`frontend in\n    bind 127.0.0.1:1\n    default_backend out\nbackend out\n    server s1 127.0.0.1:${port}\n`;

test('while draining a response says that the connection closes, and closes it', async t => {
	const proxy = await startProxy(t, simple(await serve(t)));
	const client = proxy.connect();
	client.send(GET);
	await client.untilText('\r\n\r\n');
	t.notRegex(client.text, /connection: close/i);
	proxy.core.drain(true);
	client.send(GET);
	await client.untilEnd();
	t.regex(client.text, /connection: close/i);
	proxy.core.drain(false);
	const next = proxy.connect();
	next.send(GET);
	await next.untilText('\r\n\r\n');
	t.notRegex(next.text, /connection: close/i);
});

test('idle connections are closed on demand; a fresh one and one with a request in work get their answers', async t => {
	let answer: (() => void) | undefined;
	const port = await serve(
		t,
		socket =>
			void socket.on('data', bytes => {
				const reply = (): void => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
				if (bytes.includes('slow')) answer = reply;
				else reply();
			}),
	);
	const proxy = await startProxy(t, simple(port));
	const [idle, fresh, busy] = [proxy.connect(), proxy.connect(), proxy.connect()];
	idle.send(GET);
	await idle.untilText('ok');
	busy.send('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
	await waitFor(() => answer !== undefined && proxy.table.connections === 3);
	proxy.core.closeIdle();
	await idle.untilEnd();
	fresh.send(GET);
	await fresh.untilText('ok');
	answer?.();
	await busy.untilText('ok');
	t.false(busy.ended);
});

import test from 'ava';
import {startServer} from '../helpers/engine.ts';
import {startProxy} from '../helpers/proxy.ts';

test('bytes pass both ways and the line says so', async t => {
	const server = await startServer(socket =>
		socket.on('data', data => socket.write(`<${data}>`)).on('end', () => socket.end('bye')),
	);
	t.teardown(() => server.close());
	const proxy = await startProxy(
		t,
		`
listen in
    mode tcp
    option tcplog
    bind 127.0.0.1:1
    server s1 127.0.0.1:${server.port}
`,
	);
	const client = proxy.connect();
	client.send('hello');
	await client.untilText('<hello>');
	client.socket.end();
	await client.untilEnd();
	t.is(client.text, '<hello>bye');
	t.is(await proxy.line(), '127.0.0.1:P [T] in in/s1 T/T/T 10 -- 1/1/0/0/0 0/0');
});

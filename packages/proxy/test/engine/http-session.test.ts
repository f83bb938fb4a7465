import test from 'ava';
import {makeBackend, makeConfiguration, makeFrontend, makeServer} from '../helpers/configuration.ts';
import {answering, Client, startEngine, startServer} from '../helpers/engine.ts';

test('a request is proxied and the client connection is kept', async t => {
	const heads: string[] = [];
	const server = await startServer(
		answering(head => {
			heads.push(head);
			return 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
		}),
	);
	const engine = await startEngine(makeConfiguration([makeFrontend()], [makeBackend([makeServer(server.port)])]));
	const client = new Client(engine.port);
	client.send('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
	await client.untilText('hello');
	t.is(client.text, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
	client.text = '';
	client.send('GET /b HTTP/1.1\r\nHost: x\r\n\r\n');
	await client.untilText('hello');
	t.deepEqual(heads, ['GET /a HTTP/1.1\r\nHost: x\r\n\r\n', 'GET /b HTTP/1.1\r\nHost: x\r\n\r\n']);
	client.socket.destroy();
	server.close();
	await engine.close();
});

import net from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {type Engine, startEngine} from '../../src/engine.ts';
import {systemCalls} from '../../src/system/calls.ts';
import {answering, Client, startServer, waitFor} from '../helpers/engine.ts';
import {readConfiguration} from '../helpers/proxy.ts';

const testWithCalls = systemCalls() ? test : test.skip;

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

async function startThreads(t: ExecutionContext, text: string): Promise<{engine: Engine; port: number}> {
	const configuration = readConfiguration(`
global
    nbthread 2
defaults
    mode http
    timeout connect 2s
    timeout client 10s
    timeout server 10s
    timeout queue 10s
frontend in
    bind 127.0.0.1:1
    default_backend out
${text}`);
	const engine = await startEngine(configuration, {errorFiles: {}, logTag: 'haproxy', logPid: process.pid});
	t.teardown(() => engine.stop('hard', 0));
	return {engine, port: engine.ports[0]!.port};
}

/** One request on a connection of its own; the whole answer, or why there is none. */
function ask(port: number): Promise<string> {
	return new Promise(resolve => {
		let text = '';
		const socket = net.connect(port, '127.0.0.1', () => socket.write(GET));
		socket.on('data', data => {
			text += data.toString('latin1');
			if (text.endsWith('ok')) socket.end();
		});
		socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
		socket.on('close', () => resolve(text));
	});
}

testWithCalls('connections that arrive while every worker is dead are all served', async t => {
	const server = await startServer(answering(() => OK));
	t.teardown(() => server.close());
	const {engine, port} = await startThreads(t, `backend out\n server s1 127.0.0.1:${server.port}\n`);
	await Promise.all(engine.supervisor.threads.map(thread => thread!.terminate()));
	const answers = await Promise.all(Array.from({length: 40}, () => ask(port)));
	t.deepEqual(new Set(answers), new Set([OK]));
	await waitFor(() => engine.supervisor.listening === 2);
	await waitFor(() => engine.snapshot().connections === 0);
});

test('what a dead worker held is given back', async t => {
	const server = await startServer(socket => socket.resume());
	t.teardown(() => server.close());
	const {engine, port} = await startThreads(t, `backend out\n server s1 127.0.0.1:${server.port} maxconn 1\n`);
	const client = new Client(port);
	t.teardown(() => client.socket.destroy());
	client.send(GET);
	await waitFor(() => engine.snapshot().backends[0]!.servers[0]!.connections === 1);
	await Promise.all(engine.supervisor.threads.map(thread => thread!.terminate()));
	await client.untilEnd();
	await waitFor(() => engine.supervisor.listening === 2);
	const {connections, activeTransactions, backends} = engine.snapshot();
	t.deepEqual([connections, activeTransactions, backends[0]!.servers[0]!.connections], [0, 0, 0]);
});

test('a server gets no more requests at once than its maxconn, whichever thread they come from', async t => {
	let now = 0;
	let most = 0;
	const server = await startServer(socket => {
		socket.on('data', () => {
			most = Math.max(most, ++now);
			setTimeout(() => {
				now--;
				socket.write(OK);
			}, 5);
		});
		socket.on('end', () => socket.end());
	});
	t.teardown(() => server.close());
	const {engine, port} = await startThreads(t, `backend out\n server s1 127.0.0.1:${server.port} maxconn 3\n`);
	const answers = await Promise.all(Array.from({length: 60}, () => ask(port)));
	t.deepEqual(new Set(answers), new Set([OK]));
	t.is(most, 3);
	await waitFor(() => engine.snapshot().connections === 0);
	const {frontends, backends} = engine.snapshot();
	t.is(frontends[0]!.totalRequests, 60);
	t.is(backends[0]!.servers[0]!.totalSessions, 60);
	t.is(frontends[0]!.bytesIn, 60 * GET.length);
	t.is(frontends[0]!.bytesOut, 60 * OK.length);
});

/** Stick tables over real worker threads: counts are those of the process, and a thread that dies takes its own with it. */
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {startEngine} from '../../src/engine.ts';
import {answering, Client, startServer, waitFor} from '../helpers/engine.ts';
import {GET, OK, readConfiguration} from '../helpers/proxy.ts';

async function start(t: ExecutionContext) {
	const server = await startServer(answering(() => OK));
	const directory = mkdtempSync(join(tmpdir(), 'hapair-stick-'));
	const path = join(directory, 'stats.sock');
	const configuration = readConfiguration(`
global
    nbthread 2
    stats socket ${path} level admin
defaults
    mode http
    timeout connect 2s
    timeout client 10s
    timeout server 10s
frontend in
    bind 127.0.0.1:1
    stick-table type ip size 10 store conn_cnt,conn_cur,http_req_cnt
    tcp-request connection track-sc0 src
    default_backend out
backend out
    server s1 127.0.0.1:${server.port}
`);
	const engine = await startEngine(configuration, {errorFiles: {}, logTag: 'haproxy', logPid: process.pid});
	t.teardown(async () => {
		await engine.stop('hard', 0);
		server.close();
		rmSync(directory, {recursive: true, force: true});
	});
	const ask = async (command: string) => {
		const socket = net.connect(path, () => socket.write(`${command}\n`));
		let text = '';
		socket.on('data', data => (text += data.toString('latin1')));
		await once(socket, 'close');
		return text;
	};
	const counts = async () => (await ask('show table in')).match(/ conn_cnt=\d+ conn_cur=\d+ http_req_cnt=\d+/)?.[0];
	return {engine, port: engine.ports[0]!.port, counts};
}

test('counts are exact over threads, and what a dead thread tracked is given back', async t => {
	const {engine, port, counts} = await start(t);
	const clients = Array.from({length: 40}, () => new Client(port));
	t.teardown(() => {
		for (const client of clients) client.socket.destroy();
	});
	for (let round = 1; round <= 5; round++) {
		for (const client of clients) client.send(GET);
		await Promise.all(clients.map(client => client.until(({text}) => text.length === OK.length * round)));
	}
	t.is(await counts(), ' conn_cnt=40 conn_cur=40 http_req_cnt=200');
	await Promise.all(engine.supervisor.threads.map(thread => thread!.terminate()));
	await waitFor(() => engine.supervisor.listening === 2);
	t.is(await counts(), ' conn_cnt=40 conn_cur=0 http_req_cnt=200');
	const again = new Client(port);
	again.send(GET);
	await again.untilText('ok');
	t.is(await counts(), ' conn_cnt=41 conn_cur=1 http_req_cnt=201');
	again.socket.destroy();
});

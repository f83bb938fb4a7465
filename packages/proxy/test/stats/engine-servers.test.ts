/** Servers that come and go on a whole engine with two worker threads, and limits that the socket sets. */
import {mkdtempSync, rmSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {startEngine} from '../../src/engine.ts';
import {answering, Client, startServer} from '../helpers/engine.ts';
import {readConfiguration} from '../helpers/proxy.ts';
import {waitFor} from '../helpers/wait-for.ts';

/** Ends with the test. */
async function serve(t: ExecutionContext, how: Parameters<typeof startServer>[0]) {
	const server = await startServer(how);
	t.teardown(() => server.close());
	return server;
}

const named = (name: string) => answering(() => `HTTP/1.1 200 OK\r\ncontent-length: ${name.length}\r\n\r\n${name}`);

async function start(t: ExecutionContext) {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-roster-'));
	const path = join(directory, 'sock');
	const first = await serve(t, named('first'));
	const engine = await startEngine(
		readConfiguration(`
global
	nbthread 2
	stats socket ${path} level admin
defaults
	mode http
	timeout connect 2s
	timeout client 5s
	timeout server 5s
frontend in
	bind 127.0.0.1:1
	default_backend out
backend out
	server s1 127.0.0.1:${first.port}
backend fixed
	balance source
	server t1 127.0.0.1:${first.port}
`),
		{errorFiles: {}, logTag: 'haproxy', logPid: 1},
	);
	t.teardown(async () => {
		await engine.stop('hard', 0);
		rmSync(directory, {recursive: true, force: true});
	});
	const ask = (command: string) =>
		new Promise<string>((resolve, reject) => {
			let text = '';
			const socket = net.connect(path);
			socket.on('data', chunk => {
				text += chunk.toString('latin1');
			});
			socket.on('end', () => resolve(text.trimEnd()));
			socket.on('error', reject);
			socket.write(`${command}\n`);
		});
	const fetch = async () => {
		const client = new Client(engine.ports[0]!.port);
		client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
		await client.untilEnd();
		client.socket.destroy();
		return client.text.slice(client.text.indexOf('\r\n\r\n') + 4);
	};
	/** Who answers, over so many connections that both threads take some. */
	const answers = async () => new Set(await Promise.all(Array.from({length: 24}, fetch)));
	return {engine, ask, fetch, answers};
}

test('a server is added, used by every thread, and deleted when nobody uses it', async t => {
	const {ask, answers, engine} = await start(t);
	const second = await serve(t, named('second'));
	t.is(await ask(`add server out/s2 127.0.0.1:${second.port} weight 3`), 'New server registered.');
	t.regex(await ask('show servers state out'), new RegExp(`^3 out 2 s2 127.0.0.1 0 1 3 3 .* ${second.port} `, 'm'));
	t.deepEqual([...(await answers())], ['first']);
	t.is(await ask('enable server out/s2'), '');
	t.deepEqual([...(await answers())].sort(), ['first', 'second']);
	t.is(await ask('del server out/s2'), 'Only servers in maintenance mode can be deleted.');
	await ask('disable server out/s1');
	t.deepEqual([...(await answers())], ['second']);

	// A thread that starts later knows it too.
	await engine.supervisor.threads[0]!.terminate();
	await waitFor('both threads listen', () => engine.supervisor.listening === 2);
	t.deepEqual([...(await answers())], ['second']);

	await ask('enable server out/s1');
	await ask('disable server out/s2');
	t.is(await ask('del server out/s2'), 'Server deleted.');
	t.deepEqual([...(await answers())], ['first']);
	t.is(await ask('enable server out/s2'), 'No such server.');

	// Its row is another server's: nothing of it is left.
	const third = await serve(t, named('third'));
	t.is(await ask(`add server out/s3 127.0.0.1:${third.port} check inter 50ms`), 'New server registered.');
	t.regex(await ask('show stat out 4 2'), /\nout,s3,0,0,0,0,,0,0,0,,0,,0,0,0,0,MAINT,/);
	await ask('enable health out/s3;enable server out/s3');
	await waitFor('the statistics say so', async () => /^out,s3,.*,UP,/m.test(await ask('show stat out 4 2')));
	t.deepEqual([...(await answers())].sort(), ['first', 'third']);
	third.close();
	await waitFor('the statistics say so', async () => /^out,s3,.*,DOWN,/m.test(await ask('show stat out 4 2')));
});

test('a server in use cannot be deleted', async t => {
	const {ask, engine} = await start(t);
	const silent = await serve(t, () => {});
	await ask(`add server out/s2 127.0.0.1:${silent.port}`);
	await ask('enable server out/s2;disable server out/s1');
	const client = new Client(engine.ports[0]!.port);
	t.teardown(() => client.socket.destroy());
	client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
	await waitFor('the statistics say so', async () => /^out,s2,0,0,1,/m.test(await ask('show stat out 4 2')));
	await ask('disable server out/s2');
	t.is(await ask('del server out/s2'), 'Server still has connections attached to it, cannot remove it.');
	await ask('shutdown sessions server out/s2');
	await client.untilEnd();
	await waitFor('the slot is free', async () => /^out,s2,0,0,0,/m.test(await ask('show stat out 4 2')));
	t.is(await ask('del server out/s2'), 'Server deleted.');
});

test('what cannot be added or deleted', async t => {
	const {ask} = await start(t);
	const cases = {
		'add server out/s1 127.0.0.1:1': 'Already exists a server with the same name in backend.',
		'add server out': "Require 'backend/server'.",
		'add server nope/x 127.0.0.1:1': 'No such backend.',
		'add server fixed/x 127.0.0.1:1': 'Backend must use a dynamic load balancing to support dynamic servers.',
		'add server out/x 127.0.0.1:1 cookie c': "'cookie' option is not accepted for dynamic server",
		'del server out': "Require 'backend/server'.",
		'del server out/nope': 'No such server.',
	};
	for (const [command, answer] of Object.entries(cases)) t.is(await ask(command), answer, command);
	t.regex(await ask('add server out/x 127.0.0.1:1 bogus'), /'bogus' is not a server option/);
	t.regex(await ask('add server out/x 127.0.0.1:1 id 1'), /number 1/);
	t.is(await ask('add server out/x 127.0.0.1:1 track out/s1'), 'New server registered.');
	await ask('disable server out/s1');
	t.regex(await ask('del server out/s1'), /^This server cannot be removed/);
});

test('limits of the process a second hold over all threads', async t => {
	const {ask, fetch} = await start(t);
	t.is(await ask('set rate-limit sessions global 2'), '');
	const began = performance.now();
	await Promise.all(Array.from({length: 5}, fetch));
	t.true(performance.now() - began > 1000);
	t.regex(await ask('show info'), /\nSessRateLimit: 2\n/);
	t.is(await ask('set rate-limit sessions global 0'), '');
	await Promise.all(Array.from({length: 5}, fetch));
});

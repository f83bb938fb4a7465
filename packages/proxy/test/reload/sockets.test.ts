/** Two engines in one process, as two processes would follow each other: the sockets' queues outlive the first. */
import {once} from 'node:events';
import net from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {type Engine, type PreparedEngine, prepareEngine, startEngine} from '../../src/engine.ts';
import {assignListeners} from '../../src/reload/lent-listeners.ts';
import {systemCalls} from '../../src/system/calls.ts';
import {answering, startServer, waitFor} from '../helpers/engine.ts';
import {readConfiguration} from '../helpers/proxy.ts';

const testWithCalls = systemCalls() ? test : test.skip;

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

const configure = (threads: number, server: number, path: string) =>
	readConfiguration(`
global
    nbthread ${threads}
defaults
    mode http
    timeout connect 2s
    timeout client 10s
    timeout server 10s
frontend in
    bind 127.0.0.1:1
    bind unix@${path}
    default_backend out
backend out
    server s1 127.0.0.1:${server}`);

const options = {errorFiles: {}, logTag: 'haproxy', logPid: process.pid};

/** The next engine, holding copies of the sockets of `old`. */
async function follow(
	old: Engine,
	threads: number,
	server: number,
	path: string,
): Promise<{next: PreparedEngine; keys: string[]}> {
	const configuration = configure(threads, server, path);
	const lent = old.bequest.lend().map(({key, fd}) => ({key, fd: systemCalls()?.duplicate(fd) ?? -1}));
	const {assigned} = assignListeners(lent, configuration, threads);
	const next = await prepareEngine(configuration, {...options, takenOver: assigned});
	return {next, keys: lent.map(({key}) => key)};
}

/** Connects and asks; the answer comes when somebody accepts. */
async function ask(where: {port: number; host: string} | {path: string}): Promise<{answer: Promise<string>}> {
	const socket = net.connect(where);
	await once(socket, 'connect');
	let text = '';
	socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
	const answer = new Promise<string>(resolve => {
		socket.on('data', data => {
			text += data.toString('latin1');
		});
		socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
		socket.on('close', () => resolve(text));
	});
	return {answer};
}

async function assertServed(t: ExecutionContext, asked: readonly {answer: Promise<string>}[]): Promise<void> {
	for (const {answer} of asked) t.regex(await answer, /^HTTP\/1\.1 200 [\s\S]*ok$/);
}

testWithCalls(
	'who connects while nobody accepts is served by the next engine, however many workers each has',
	async t => {
		const server = await startServer(answering(() => OK));
		t.teardown(() => server.close());
		const path = `/tmp/hapair-test-${process.pid}.sock`;
		let engine = await startEngine(configure(2, server.port, path), options);
		t.teardown(() => engine.stop('hard', 0));
		const {port} = engine.ports[0]!;
		for (const threads of [1, 3]) {
			const {next, keys} = await follow(engine, threads, server.port, path);
			await engine.bequest.hold(true, keys);
			const waiting = await Promise.all(Array.from({length: 12}, () => ask({port, host: '127.0.0.1'})));
			const old = engine;
			for (const state of old.bequest.rest()) next.take(structuredClone(state));
			engine = await next.begin();
			await assertServed(t, waiting);
			await old.retire();
			t.is(engine.ports[0]!.port, port);
			await assertServed(t, await Promise.all([ask({port, host: '127.0.0.1'}), ask({path})]));
			await waitFor(() => engine.snapshot().connections === 0);
			t.is(engine.snapshot().frontends[0]!.totalRequests, threads === 1 ? 14 : 28);
		}
		await engine.stop('soft', 1000);
		await t.throwsAsync(ask({path}), {code: 'ENOENT'}, 'the last one takes the socket file away');
	},
);

testWithCalls('when it comes to nothing the old engine accepts again, and who waited is served', async t => {
	const server = await startServer(answering(() => OK));
	t.teardown(() => server.close());
	const path = `/tmp/hapair-test-${process.pid}-b.sock`;
	const engine = await startEngine(configure(1, server.port, path), options);
	t.teardown(() => engine.stop('hard', 0));
	const {port} = engine.ports[0]!;
	const {next, keys} = await follow(engine, 1, server.port, path);
	await engine.bequest.hold(true, keys);
	const waiting = [await ask({port, host: '127.0.0.1'})];
	for (const state of engine.bequest.rest()) next.take(state);
	await next.abandon();
	await engine.bequest.hold(false, keys);
	await assertServed(t, [...waiting, await ask({port, host: '127.0.0.1'}), await ask({path})]);
	// It has told its counters to nobody: the next one is told all of them.
	const told = [...engine.bequest.counted()].flatMap(state => (state.kind === 'counters' ? state.rows : []));
	t.is(told.find(({of}) => of === 'frontend in')?.values.requests, 3);
});

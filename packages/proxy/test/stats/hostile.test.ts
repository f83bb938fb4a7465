/** Clients of the stats socket that mean no good: everything they can make the process keep is bounded. */
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {StatsSockets} from '../../src/stats/socket.ts';
import {createRuntime} from '../helpers/runtime.ts';
import {waitFor} from '../helpers/wait-for.ts';

async function open(t: ExecutionContext, over: {statsMaxconn?: number; statsTimeoutMs?: number} = {}) {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-hostile-'));
	const path = join(directory, 'sock');
	const {runtime, configuration} = createRuntime();
	const position = {file: '', line: 1, column: 1};
	const statsSockets = [{address: {kind: 'unix', path}, level: 'admin', position}] as const;
	const sockets = new StatsSockets({...configuration.global, statsSockets, ...over}, runtime);
	await sockets.open();
	t.teardown(() => {
		sockets.close();
		rmSync(directory, {recursive: true, force: true});
	});
	return async () => {
		const socket = net.connect(path);
		socket.on('error', () => {});
		t.teardown(() => socket.destroy());
		await once(socket, 'connect');
		return socket;
	};
}

function collect(socket: net.Socket): {text: string; isClosed: boolean} {
	const got = {text: '', isClosed: false};
	socket.on('data', chunk => {
		got.text += chunk.toString('latin1');
	});
	socket.on('close', () => {
		got.isClosed = true;
	});
	return got;
}

test('a line of a mebibyte without an end closes the connection', async t => {
	const socket = await (await open(t))();
	const got = collect(socket);
	socket.write('x'.repeat(1_048_576));
	await waitFor('it is closed', () => got.isClosed);
	t.is(got.text, '');
});

test('a line of a mebibyte with an end is answered as what it is: nothing known', async t => {
	const socket = await (await open(t))();
	const got = collect(socket);
	socket.write(`${'x'.repeat(1_048_576)}\n`);
	await waitFor('it is closed', () => got.isClosed);
	t.true(got.text.length < 65_536);
});

test('ten thousand commands are answered in order, and others are served meanwhile', async t => {
	const connect = await open(t);
	const [many, other] = [await connect(), await connect()];
	const got = collect(many);
	const count = 10_000;
	many.write(`prompt\n${'show version\n'.repeat(count)}quit\n`);
	const others = collect(other);
	other.write('show version\n');
	await waitFor('the other is answered', () => others.isClosed);
	await waitFor('all are answered', () => got.isClosed);
	t.is(got.text.split('9.9\n').length - 1, count);
});

test('ten thousand commands in one line are too many for a line, or are answered', async t => {
	const socket = await (await open(t))();
	const got = collect(socket);
	socket.write(`${'show version;'.repeat(1000)}\n`);
	await waitFor('all are answered', () => got.isClosed);
	t.is(got.text.split('9.9\n').length - 1, 1000);
});

test('a client that never reads is cut off, and what it was to get is not kept', async t => {
	const connect = await open(t, {statsTimeoutMs: 300});
	const socket = await connect();
	socket.pause();
	let isClosed = false;
	socket.on('close', () => {
		isClosed = true;
	});
	const before = process.memoryUsage().rss;
	const feed = setInterval(() => socket.write('show stat typed;'.repeat(900)), 5);
	socket.write(`prompt\n${`${'show stat typed;'.repeat(500)}\n`.repeat(20)}`);
	t.teardown(() => clearInterval(feed));
	await waitFor('it is cut off', () => isClosed || socket.destroyed);
	t.true(process.memoryUsage().rss - before < 300 * 1024 * 1024);
});

test('a payload without an end is bounded', async t => {
	const socket = await (await open(t))();
	const got = collect(socket);
	socket.write('add map m <<\n');
	const line = `${'k'.repeat(500)} v\n`;
	const feed = setInterval(() => socket.write(line.repeat(200)), 1);
	t.teardown(() => clearInterval(feed));
	await waitFor('it is closed', () => got.isClosed);
	t.is(got.text, '');
});

test('more connections than stats maxconn wait for their turn', async t => {
	const connect = await open(t, {statsMaxconn: 1});
	const first = await connect();
	const second = await connect();
	const got = collect(second);
	second.write('show version\n');
	first.write('prompt\n');
	await once(first, 'data');
	t.is(got.text, '');
	first.destroy();
	await waitFor('the second is served', () => got.isClosed);
	t.is(got.text, '9.9\n\n');
});

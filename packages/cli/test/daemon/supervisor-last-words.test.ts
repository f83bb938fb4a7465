import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {connect, createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import type {FromProxy, ToProxy} from '@hapair/proxy';
import test, {type ExecutionContext} from 'ava';
import {Supervisor} from '../../src/daemon/supervisor.ts';
import {recordLog} from '../helpers/record-log.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {waitFor} from '../helpers/wait-for.ts';

/**
 * Goal: the end of a child is told after its last words. Method: when any child ends, Node collects all that have ended, also one
 * whose words are not read yet. So another child ends first, and while its signal waits, ours speaks and ends. A file of its own,
 * because the test holds the whole process up.
 */
test('the last words of a child are heard before its end is told', async t => {
	// The kernel may still hand over the words first; not four times.
	for (let life = 1; life <= 4; life++) t.is(await countWordsHeardAtExit(t), 20, `life ${life}`);
});

async function countWordsHeardAtExit(t: ExecutionContext): Promise<number> {
	const words: FromProxy[] = [];
	const heardAtExit = Promise.withResolvers<number>();
	const supervisor = new Supervisor<FromProxy, ToProxy>({
		name: 'proxy',
		argv: [process.execPath, join(import.meta.dirname, '..', 'fixtures', 'fake-proxy.ts'), '/dev/null', 'farewell'],
		firstMessage: () => ({type: 'start'}) as ToProxy,
		onMessage: message => words.push(message),
		onExit: () => heardAtExit.resolve(words.filter(({type}) => type === 'result').length),
		silenceLimitMs: 30_000,
		log: recordLog().log,
	});
	t.teardown(() => supervisor.kill());
	supervisor.start();
	await waitFor('ready', () => words.some(({type}) => type === 'ready'));
	const [near, far] = await connectPair(t);
	far.once('data', () => {
		// This runs before the signal of the other child is handled.
		void supervisor.stop({type: 'stop', mode: 'soft', graceMs: 0}, 20_000);
		holdUntilEnded(supervisor.pid);
	});
	const other = spawn('/bin/true');
	near.write('x');
	holdUntilEnded(other.pid);
	return heardAtExit.promise;
}

async function connectPair(t: ExecutionContext): Promise<[Socket, Socket]> {
	const path = join(makeTempDirectory(t), 's');
	const accepted = Promise.withResolvers<Socket>();
	const server = createServer(accepted.resolve).listen(path);
	await once(server, 'listening');
	const near = connect(path);
	const far = await accepted.promise;
	t.teardown(() => {
		near.destroy();
		server.close();
	});
	return [near, far];
}

/** Keeps this process from hearing anything until the child is a zombie. */
function holdUntilEnded(pid: number | undefined): void {
	const endMs = performance.now() + 10_000;
	while (!/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) {
		if (performance.now() > endMs) throw new Error(`process ${pid} did not end`);
	}
}

import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {FromProxy, ToProxy} from '@hapair/proxy';
import test from 'ava';
import {Supervisor} from '../../src/daemon/supervisor.ts';
import {recordLog} from '../helpers/record-log.ts';
import {waitFor} from '../helpers/wait-for.ts';

// A file of its own: the test holds the whole process up, as a busy daemon is.
test('the last words of a child arrive, however soon it ends after them', async t => {
	const messages: FromProxy[] = [];
	const wordsAtExit: number[] = [];
	const words = (): number => messages.filter(({type}) => type === 'result').length;
	const supervisor = new Supervisor<FromProxy, ToProxy>({
		name: 'proxy',
		argv: [process.execPath, join(import.meta.dirname, '..', 'fixtures', 'fake-proxy.ts'), '/dev/null', 'farewell'],
		firstMessage: () => ({type: 'start'}) as ToProxy,
		onMessage: message => messages.push(message),
		onExit: () => wordsAtExit.push(words()),
		silenceLimitMs: 30_000,
		log: recordLog().log,
	});
	t.teardown(() => supervisor.kill());
	supervisor.start();
	await waitFor('ready', () => messages.some(({type}) => type === 'ready'));
	const {pid} = supervisor;
	const stopping = supervisor.stop({type: 'stop', mode: 'soft', graceMs: 0}, 20_000);
	const endMs = performance.now() + 10_000;
	while (!isZombie(pid) && performance.now() < endMs);
	t.true(isZombie(pid), 'it has ended before this process could hear a word');
	await stopping;
	await waitFor('the exit', () => wordsAtExit.length === 1);
	t.deepEqual(wordsAtExit, [20]);
});

function isZombie(pid: number | undefined): boolean {
	return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

import {spawn} from 'node:child_process';
import {appendFileSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import type {Hook} from '@hapair/config';
import test, {type ExecutionContext} from 'ava';
import type {HookOccasion} from '../../src/hooks/events.ts';
import {HookQueue} from '../../src/hooks/queue.ts';
import {QueueFile, readRuns} from '../../src/hooks/queue-file.ts';
import {recordLog} from '../helpers/record-log.ts';
import {sampleOccasion} from '../helpers/samples.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {waitFor} from '../helpers/wait-for.ts';

const news = (eventId: string): HookOccasion => ({
	...sampleOccasion,
	eventId,
	event: 'server-down',
	isState: false,
	about: `app/${eventId}`,
});
const idsIn = (path: string): string[] => readRuns(readFileSync(path, 'utf8')).map(({occasion}) => occasion.eventId);

test('what was added and has not ended is on the disk, and the next one finds it', async t => {
	const path = join(makeTempDirectory(t), 'q');
	const file = new QueueFile(path, recordLog().log);
	for (const id of ['1', '2', '3']) file.add({hook: 'h', occasion: news(id)});
	file.remove({hook: 'h', occasion: news('2')});
	await file.flushed();
	t.deepEqual(idsIn(path), ['1', '3']);
	t.is(statSync(path).mode & 0o777, 0o600);
	const next = new QueueFile(path, recordLog().log);
	t.deepEqual(next.runs, [
		{hook: 'h', occasion: news('1')},
		{hook: 'h', occasion: news('3')},
	]);
});

test('half a line and lines of something else cost nothing but themselves', async t => {
	const path = join(makeTempDirectory(t), 'q');
	const file = new QueueFile(path, recordLog().log);
	file.add({hook: 'h', occasion: news('1')});
	await file.flushed();
	appendFileSync(path, 'null\n[]\n{"add":"x","hook":"h","occasion":{"event":"solo"}}\n{"add":"y","hook":"h","occ');
	const next = new QueueFile(path, recordLog().log);
	t.deepEqual(
		next.runs.map(({occasion}) => occasion.eventId),
		['1'],
	);
	next.add({hook: 'h', occasion: news('2')});
	await next.flushed();
	t.deepEqual(idsIn(path), ['1', '2'], 'what follows half a line is not lost with it');
});

test('the file is bounded by what waits, not by what happened', async t => {
	const path = join(makeTempDirectory(t), 'q');
	const file = new QueueFile(path, recordLog().log);
	file.add({hook: 'h', occasion: news('first')});
	for (let turn = 0; turn < 12; turn++) {
		for (let id = 0; id < 100; id++) {
			const run = {hook: 'h', occasion: news(`${turn}-${id}`)};
			file.add(run);
			file.remove(run);
		}
		await file.flushed();
	}
	t.true(statSync(path).size < 400_000, `${statSync(path).size} bytes`);
	t.deepEqual(idsIn(path), ['first']);
});

test('a full disk costs the memory, one warning and no hook; when there is room again the file is whole', async t => {
	const path = join(makeTempDirectory(t), 'q');
	// Writing to this name fails with ENOSPC, as on a full disk.
	symlinkSync('/dev/full', `${path}.new`);
	const {log, lines} = recordLog();
	const file = new QueueFile(path, log, 20);
	const told: string[] = [];
	const hook: Hook = {
		on: 'server-down',
		kind: 'webhook',
		url: 'http://127.0.0.1:1/',
		timeoutMs: 100,
		position: {file: 'x', line: 1, column: 1},
	};
	const queue = new HookQueue({
		hooks: [hook],
		file,
		run: async (_, occasion) => {
			told.push(occasion.eventId);
			return {ok: false, retry: true, detail: 'no'};
		},
		onRecord: () => {},
		now: () => Date.parse(sampleOccasion.time),
	});
	queue.push(news('stays'));
	await queue.idle();
	await file.flushed();
	t.deepEqual(told, ['stays']);
	t.is(lines.length, 1);
	t.regex(lines[0]?.message ?? '', /^hooks that wait are not kept over a crash of the daemon: ENOSPC/);
	rmSync(`${path}.new`);
	await waitFor('the file', () => lines.length === 2);
	t.is(lines[1]?.message, 'the queue of hooks is kept again');
	t.deepEqual(idsIn(path), ['stays']);
	queue.close();
});

test('a file that is none is a warning', t => {
	const path = join(makeTempDirectory(t), 'q');
	mkdirSync(path);
	const {log, lines} = recordLog();
	t.deepEqual(new QueueFile(path, log).runs, []);
	t.regex(lines[0]?.message ?? '', /^hooks that waited when the last daemon ended are lost: /);
});

test('a program is not run for a state from before a restart; mail, webhooks and other events are told', async t => {
	const path = join(makeTempDirectory(t), 'q');
	const position = {file: 'x', line: 1, column: 1};
	const hooks: readonly Hook[] = [
		{on: 'any', kind: 'exec', argv: ['/bin/true'], timeoutMs: 100, position},
		{on: 'any', kind: 'webhook', url: 'http://127.0.0.1:1/', timeoutMs: 100, position},
	];
	const open = (run: HookQueue['push'] | undefined, list = hooks) => {
		const told: string[] = [];
		const records: string[] = [];
		const file = new QueueFile(path, recordLog().log);
		const queue = new HookQueue({
			hooks: list,
			file,
			run: (hook, occasion) => {
				told.push(`${hook.kind} ${occasion.eventId}`);
				return run === undefined ? new Promise(() => {}) : Promise.resolve({ok: true, detail: ''});
			},
			onRecord: ({hook, occasion, outcome}) => records.push(`${hook.kind} ${occasion.eventId} ${outcome}`),
			now: () => Date.parse(sampleOccasion.time),
		});
		return {queue, file, told, records};
	};
	const first = open(undefined);
	first.queue.push({...sampleOccasion, eventId: 'state'});
	first.queue.push(news('down'));
	await first.file.flushed();
	const second = open(() => {});
	second.queue.restore();
	await second.queue.idle();
	await second.file.flushed();
	t.deepEqual(second.told.toSorted(), ['exec down', 'webhook down', 'webhook state']);
	t.true(second.records.includes('exec state superseded'));
	t.deepEqual(idsIn(path), []);
	// A line that is gone from the configuration takes its runs with it.
	const third = open(undefined);
	third.queue.push(news('late'));
	await third.file.flushed();
	const fourth = open(() => {}, hooks.slice(0, 1));
	fourth.queue.restore();
	await fourth.queue.idle();
	await fourth.file.flushed();
	t.deepEqual(fourth.told, ['exec late']);
	t.deepEqual(idsIn(path), []);
});

test('kill -9 loses nothing: the next process delivers what waited, under the same ids', async t => {
	const directory = makeTempDirectory(t);
	const path = join(directory, 'q');
	const seen: string[] = [];
	let answers = false;
	const server = createServer((request, response) => {
		seen.push(String(request.headers['x-hapair-event-id']));
		// At first nobody answers: the delivery is under way when the process dies.
		if (answers) response.writeHead(204).end();
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
	const first = startQueue(t, path, url, 'one', 'two', 'three');
	await waitFor('on the disk', () => first.out().includes('ready'));
	await waitFor('under way', () => seen.length === 1);
	first.child.kill('SIGKILL');
	await first.ended;
	t.deepEqual(idsIn(path), ['one', 'two', 'three']);
	answers = true;
	const second = startQueue(t, path, url);
	await second.ended;
	t.deepEqual(seen, ['one', 'one', 'two', 'three']);
	t.regex(second.out(), /one ok\ntwo ok\nthree ok\n/);
	t.deepEqual(idsIn(path), []);
});

function startQueue(t: ExecutionContext, ...argv: readonly string[]) {
	const program = join(import.meta.dirname, '..', 'fixtures', 'queue-process.ts');
	const child = spawn(process.execPath, [program, ...argv], {stdio: ['ignore', 'pipe', 'inherit']});
	t.teardown(() => void child.kill('SIGKILL'));
	let out = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		out += text;
	});
	const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
	return {child, out: () => out, ended};
}

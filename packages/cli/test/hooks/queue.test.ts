import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import type {Hook} from '@hapair/config';
import test from 'ava';
import type {HookOccasion} from '../../src/hooks/events.ts';
import {runExecHook} from '../../src/hooks/exec.ts';
import {HookQueue, type HookRecord} from '../../src/hooks/queue.ts';
import {createHookRunner} from '../../src/hooks/runner.ts';
import {sampleOccasion} from '../helpers/samples.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {waitFor} from '../helpers/wait-for.ts';
import {writeProgram} from '../helpers/write-program.ts';

const position = {file: 'pair.cfg', line: 1, column: 1};
const hook = (name: string, on: Hook['on'] = 'change'): Hook => ({
	on,
	kind: 'exec',
	argv: [name],
	timeoutMs: 1000,
	position,
});
const name = (which: Hook): string => (which.kind === 'exec' ? (which.argv[0] ?? '') : '');
const state = (event: 'master' | 'backup' | 'fault', eventId: string = event): HookOccasion => ({
	...sampleOccasion,
	event,
	eventId,
});
const solo: HookOccasion = {...sampleOccasion, event: 'solo', eventId: 'solo', isState: false};

/** A queue whose runs end when the test says so. */
function controlledQueue(hooks: readonly Hook[], limit?: number) {
	const running: {what: string; end: (ok?: boolean) => void}[] = [];
	const records: string[] = [];
	const queue = new HookQueue({
		hooks,
		...(limit === undefined ? {} : {limit}),
		run: (which, occasion) => {
			const {promise, resolve} = Promise.withResolvers<{ok: boolean; detail: string}>();
			running.push({what: `${name(which)}:${occasion.eventId}`, end: (ok = true) => resolve({ok, detail: 'done'})});
			return promise;
		},
		onRecord: ({hook: which, occasion, outcome}: HookRecord) =>
			records.push(`${name(which)}:${occasion.eventId} ${outcome}`),
	});
	const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
	return {queue, running, records, turn};
}

test('hooks run one at a time, in the order of events and of the configuration', async t => {
	const {queue, running, records, turn} = controlledQueue([hook('a'), hook('b', 'master'), hook('c', 'backup')]);
	queue.push(state('master'));
	t.deepEqual(
		running.map(({what}) => what),
		['a:master'],
	);
	running[0]?.end();
	await turn();
	t.deepEqual(
		running.map(({what}) => what),
		['a:master', 'b:master'],
	);
	running[1]?.end(false);
	await queue.idle();
	t.deepEqual(records, ['a:master ok', 'b:master failed']);
});

test('a newer state supersedes the waiting older one of the same hook, not the running one', async t => {
	const {queue, running, records, turn} = controlledQueue([hook('a')]);
	queue.push(state('master', 'one'));
	queue.push(state('backup', 'two'));
	queue.push(state('fault', 'three'));
	t.deepEqual(records, ['a:two superseded']);
	running[0]?.end();
	await turn();
	running[1]?.end();
	await queue.idle();
	t.deepEqual(records, ['a:two superseded', 'a:one ok', 'a:three ok']);
});

test('hooks of different names keep their order, so the last state is told last', async t => {
	const {queue, running, turn} = controlledQueue([hook('up', 'master'), hook('down', 'backup')]);
	queue.push(state('master'));
	queue.push(state('backup'));
	running[0]?.end();
	await turn();
	t.deepEqual(
		running.map(({what}) => what),
		['up:master', 'down:backup'],
	);
	running[1]?.end();
	await queue.idle();
});

test('solo is not a state: a newer solo supersedes it, a state does not', async t => {
	const {queue, running, records, turn} = controlledQueue([hook('s', 'any')]);
	queue.push(state('master', 'one'));
	queue.push(solo);
	queue.push({...solo, event: 'paired', eventId: 'end'});
	queue.push(state('backup', 'two'));
	for (let index = 0; index < 3; index++) {
		running[index]?.end();
		await turn();
	}
	await queue.idle();
	t.deepEqual(records, ['s:solo superseded', 's:one ok', 's:end ok', 's:two ok']);
});

test('a queue that would grow without end drops its oldest run and records it', async t => {
	const {queue, running, records, turn} = controlledQueue([hook('s', 'server-down')], 2);
	for (const eventId of ['1', '2', '3', '4']) queue.push({...solo, event: 'server-down', about: eventId, eventId});
	t.deepEqual(records, ['s:2 dropped']);
	for (let index = 0; index < 3; index++) {
		running[index]?.end();
		await turn();
	}
	await queue.idle();
	t.deepEqual(records, ['s:2 dropped', 's:1 ok', 's:3 ok', 's:4 ok']);
});

test('an occasion that concerns no hook leaves the queue idle', async t => {
	const {queue, running, records} = controlledQueue([hook('a', 'master')]);
	queue.push(state('backup'));
	await queue.idle();
	t.deepEqual([running, records], [[], []]);
});

test('real programs run one after the other, in order, and the newest state supersedes what waits', async t => {
	const directory = makeTempDirectory(t);
	const diary = join(directory, 'diary');
	// Each run writes its beginning and its end, so two at once would interleave.
	const body = `echo "begin $HAPAIR_EVENT $HAPAIR_EVENT_ID" >> ${diary}; while [ ! -e ${directory}/go ]; do sleep 0.01; done; echo end >> ${diary}`;
	const program = writeProgram(directory, 'notify', body);
	const uid = process.getuid?.() ?? 0;
	const records: string[] = [];
	const queue = new HookQueue({
		hooks: [{...hook(program), timeoutMs: 20_000}],
		run: (which, occasion) =>
			which.kind === 'exec' ? runExecHook(which, occasion, uid) : Promise.resolve({ok: false, detail: 'no program'}),
		onRecord: ({occasion, outcome, detail}) =>
			records.push(`${occasion.eventId} ${outcome} ${detail.split(' after')[0]}`),
	});
	for (const [event, id] of [
		['backup', '1'],
		['master', '2'],
		['fault', '3'],
		['master', '4'],
	] as const) {
		queue.push(state(event, id));
	}
	writeFileSync(join(directory, 'go'), '');
	await queue.idle();
	t.is(readFileSync(diary, 'utf8'), 'begin backup 1\nend\nbegin master 4\nend\n');
	t.deepEqual(records, [
		'2 superseded fault followed before its turn came',
		'3 superseded master followed before its turn came',
		'1 ok exited with 0',
		'4 ok exited with 0',
	]);
});

test('a hook that hangs is ended at its deadline, its group with it, and the next one has its turn', async t => {
	const directory = makeTempDirectory(t);
	const helper = join(directory, 'helper');
	const stubborn = writeProgram(
		directory,
		'stubborn',
		`trap '' TERM; (trap '' TERM; sleep 300) & echo $! > ${helper}; while :; do sleep 1; done`,
	);
	const next = writeProgram(directory, 'next', 'echo told');
	const uid = process.getuid?.() ?? 0;
	const details: string[] = [];
	const queue = new HookQueue({
		hooks: [
			{...hook(stubborn), timeoutMs: 300},
			{...hook(next), timeoutMs: 20_000},
		],
		run: (which, occasion) =>
			which.kind === 'exec' ? runExecHook(which, occasion, uid) : Promise.resolve({ok: false, detail: 'no program'}),
		onRecord: ({outcome, detail}) => details.push(`${outcome}: ${detail.replace(/after \d+ ms/, 'after N ms')}`),
	});
	queue.push(state('master'));
	await queue.idle();
	t.deepEqual(details, [
		'failed: did not end within 300 ms and was stopped after N ms',
		'ok: exited with 0 after N ms, output: told',
	]);
	const pid = readFileSync(helper, 'utf8').trim();
	await waitFor('the helper is gone', () => {
		if (!existsSync(`/proc/${pid}`)) return true;
		return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	});
});

test('a receiver that answers 500 for long gets what is newest when it is back; meanwhile nobody else waits for it', async t => {
	const seen: string[] = [];
	const server = createServer((request, response) => {
		const id = String(request.headers['x-hapair-event-id']);
		// It is back when the last two events have happened.
		const status = request.url === '/good' || id === 'up' || id === 'two' ? 204 : 500;
		seen.push(`${request.url} ${id} ${status}`);
		response.writeHead(status).end();
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const webhook = (path: string): Hook => ({
		on: 'any',
		kind: 'webhook',
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
		// Less than the first pause: one attempt each time.
		timeoutMs: 100,
		position,
	});
	const hooks = [webhook('/bad'), webhook('/good')];
	const records: string[] = [];
	const queue = new HookQueue({
		hooks,
		run: createHookRunner({hooks}, 0),
		onRecord: ({occasion, outcome, detail}) => records.push(`${occasion.eventId} ${outcome} ${detail}`),
		backOffMs: () => 10,
		now: () => Date.parse(sampleOccasion.time),
	});
	const down = {...sampleOccasion, event: 'server-down', isState: false, about: 'app/web1'} as const;
	queue.push(state('master', 'one'));
	queue.push({...down, eventId: 'down'});
	await waitFor('the good one', () => seen.includes('/good down 204'));
	const waits = /^one waiting http.*\/… answered 500; gave up after attempt 1; again in 0 s$/;
	await waitFor('the bad one to wait', () => records.filter(record => waits.test(record)).length >= 3);
	queue.push({...down, event: 'server-up', eventId: 'up'});
	queue.push(state('backup', 'two'));
	await waitFor('the end', () => seen.includes('/bad two 204'));
	await queue.idle();
	// Each at least once: on a busy machine an answer may come after the limit.
	const delivered = (path: string) => [...new Set(seen.filter(line => line.startsWith(path) && line.endsWith('204')))];
	t.deepEqual(delivered('/bad'), ['/bad up 204', '/bad two 204']);
	t.deepEqual(delivered('/good'), ['/good one 204', '/good down 204', '/good up 204', '/good two 204']);
});

test('a receiver that answers 500 for an hour is asked some twenty times, then gets what is newest; after a day an event is news no more', async t => {
	const [bad, good] = [hook('bad'), hook('good')].map(
		({position: at, on}, place): Hook => ({
			on,
			kind: 'webhook',
			url: `http://10.0.0.${place + 1}/`,
			timeoutMs: 5000,
			position: at,
		}),
	);
	let [nowMs, backAtMs, attempts] = [Date.parse(sampleOccasion.time), Number.POSITIVE_INFINITY, 0];
	const begunMs = nowMs;
	const timers: {readonly atMs: number; readonly work: () => void}[] = [];
	const ends: string[] = [];
	const queue = new HookQueue({
		hooks: [bad!, good!],
		run: async ({position: _, ...which}) => {
			const isBad = which.kind === 'webhook' && which.url.includes('10.0.0.1');
			if (isBad) attempts += 1;
			return isBad && nowMs < backAtMs
				? {ok: false, retry: true, detail: 'answered 500'}
				: {ok: true, detail: 'answered 204'};
		},
		onRecord: ({hook: which, occasion, outcome}) => {
			if (outcome !== 'waiting') ends.push(`${which === bad ? 'bad' : 'good'} ${occasion.eventId} ${outcome}`);
		},
		now: () => nowMs,
		later: (ms, work) => {
			timers.push({atMs: nowMs + ms, work});
			return () => {};
		},
	});
	/** In virtual time: each pause ends when its time has come. */
	const passUntil = async (endMs: number): Promise<void> => {
		for (await queue.idle(); (timers[0]?.atMs ?? endMs) < endMs; await queue.idle()) {
			const {atMs, work} = timers.shift()!;
			nowMs = atMs;
			work();
		}
		nowMs = endMs;
	};
	queue.push(state('master', 'one'));
	await passUntil(begunMs + 600_000);
	queue.push({...state('backup', 'two'), time: new Date(nowMs).toISOString()});
	await passUntil(begunMs + 3_600_000);
	t.deepEqual(ends, ['good one ok', 'bad one superseded', 'good two ok'], 'nobody else waits');
	t.true(attempts >= 15 && attempts <= 25, `${attempts} attempts in an hour`);
	backAtMs = nowMs;
	await passUntil(begunMs + 3_600_000 + 300_000);
	t.is(ends.at(-1), 'bad two ok', 'within five minutes of its return');
	backAtMs = Number.POSITIVE_INFINITY;
	queue.push({...state('master', 'three'), time: new Date(nowMs).toISOString()});
	await passUntil(nowMs + 25 * 3_600_000);
	t.deepEqual(ends.slice(-2), ['good three ok', 'bad three failed']);
});

test('after a reload later events meet the new hooks; what waits for a line that is still there is its own, the rest runs as it was meant', async t => {
	const {queue, running, records, turn} = controlledQueue([hook('a'), hook('b'), hook('gone')]);
	queue.push(state('backup', 'one'));
	const ran: string[] = [];
	const run = async (which: Hook, occasion: HookOccasion) => {
		ran.push(`${name(which)}:${occasion.eventId}`);
		return {ok: true, detail: 'by the new runner'};
	};
	// The same line, further down in the file.
	queue.use({hooks: [{...hook('b'), position: {...position, line: 9}}, hook('new')], run});
	queue.push(state('master', 'two'));
	for (let turns = 0; turns < 9; turns++) {
		for (const {end} of running) end();
		await turn();
	}
	await queue.idle();
	t.deepEqual(
		running.map(({what}) => what),
		['a:one', 'gone:one'],
		'a was running, gone had been promised',
	);
	t.deepEqual(ran, ['b:two', 'new:two']);
	t.true(records.includes('b:one superseded'));
});

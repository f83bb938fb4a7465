import {spawn} from 'node:child_process';
import {join} from 'node:path';
import {stripVTControlCharacters} from 'node:util';
import test, {type ExecutionContext} from 'ava';
import {watch} from '../../src/commands/watch.ts';
import type {ControlReply} from '../../src/daemon/control-protocol.ts';
import {buildStatusReport, type StatusReport} from '../../src/daemon/status-report.ts';
import {exitCodes} from '../../src/exit-codes.ts';
import {startControlServer} from '../helpers/control-server.ts';
import {recordIo} from '../helpers/record-io.ts';
import {startHapair} from '../helpers/run-hapair.ts';
import {samplePair, sampleStatus} from '../helpers/samples.ts';
import {waitFor} from '../helpers/wait-for.ts';

const time = '2026-01-02T03:04:05.678Z';
const [own, peer] = samplePair.nodes;
const report = buildStatusReport({
	hapair: '0.1.0',
	pid: 4711,
	uptimeMs: 1000,
	configDigest: 'aa',
	loadedAt: '2026-11-27T12:00:00.000Z',
	proxy: {phase: 'starting', detail: 'the proxy is starting', retired: []},
	pair: {
		pair: samplePair,
		own,
		peer,
		fitness: {eligible: true, health: 255, reasons: []},
		verdictFacts: {carriers: [true], gatewaySilent: false},
		takeover: [],
		heartbeat: sampleStatus,
	},
});
const happenings: readonly ControlReply[] = [
	{type: 'status', status: report},
	{
		type: 'transition',
		time,
		node: 'lb1',
		transition: {id: 'x', from: 'backup', to: 'master', term: 4, reason: 'lb2 was silent', takeoverMs: 7.6},
	},
	{type: 'event', time, node: 'lb1', event: {kind: 'solo', id: 'y', term: 4, reason: 'lb2 is silent'}},
	{
		type: 'hook',
		time,
		node: 'lb1',
		event: 'master',
		reason: 'lb2 was silent',
		outcome: 'failed',
		hook: '/hooks/notify',
		detail: 'exited with 1 after 3 ms, output: one\ntwo\x1b[2J',
	},
];
const lines = [
	`${time} lb1 backup → master, term 4: lb2 was silent (takeover 8 ms)`,
	`${time} lb1 solo: lb2 is silent`,
	`${time} lb1 hook /hooks/notify on master (lb2 was silent) failed: exited with 1 after 3 ms, output: one two [2J`,
];

test('without a terminal each happening is one line with its reason; Ctrl-C ends it with 0', async t => {
	const {path} = await startControlServer(t, happenings);
	const {child, out, ended} = startHapair(t, ['watch', '--socket', path]);
	await waitFor('three lines', () => out().split('\n').length > 3);
	child.kill('SIGINT');
	t.deepEqual(await ended, {code: exitCodes.ok, out: `${lines.join('\n')}\n`, err: ''});
});

test('with --json each line is one object, the status included', async t => {
	const {path} = await startControlServer(t, happenings);
	const end = new AbortController();
	const {io, out} = recordIo({interrupted: end.signal});
	const watching = watch({socketPath: path, json: true}, io);
	await waitFor('four lines', () => out().split('\n').length > 4);
	end.abort();
	t.is(await watching, exitCodes.ok);
	t.deepEqual(
		out()
			.trimEnd()
			.split('\n')
			.map(line => JSON.parse(line).type),
		['status', 'transition', 'event', 'hook'],
	);
});

test('a terminal that cannot redraw gets lines as well', async t => {
	const {path} = await startControlServer(t, happenings);
	const end = new AbortController();
	const {io, out} = recordIo({terminal: true, redraws: false, interrupted: end.signal});
	const watching = watch({socketPath: path, json: false}, io);
	await waitFor('three lines', () => out().split('\n').length > 3);
	end.abort();
	await watching;
	t.is(out(), `${lines.join('\n')}\n`);
});

test('a terminal shows the status, redrawn in place and never more than fits', async t => {
	const {path, connections} = await startControlServer(t, happenings);
	const end = new AbortController();
	const size = {columns: 50, rows: 12};
	const {io, out} = recordIo({terminal: true, redraws: true, size: () => size, interrupted: end.signal});
	const watching = watch({socketPath: path, json: false}, io);
	await waitFor('a connection', () => connections.length === 1);
	connections[0]?.reply({type: 'status', status: report});
	await waitFor('two screens', () => out().split('\x1b[H').length > 2);
	end.abort();
	await watching;
	t.true(out().startsWith('\x1b[2J\x1b[H'));
	const screen =
		out().split('\x1b[H').at(-1)?.replaceAll('\x1b[K', '').replace('\x1b[J', '').trimEnd().split('\n') ?? [];
	t.true(screen.length < size.rows, `${screen.length} lines`);
	t.true(screen.every(line => line.length <= size.columns));
	t.is(screen[0], 'pair oslo  10.0.0.100/24 on eth0');
	t.is(
		screen.findIndex(line => line.startsWith('NODE  ')),
		1,
		'fewer columns, no blocks',
	);
	t.regex(screen.at(-4) ?? '', /^03:04:05 lb1 backup → master/);
	t.is(screen.at(-1), 'Ctrl-C ends the watch');
});

/** A live watch whose keys the test presses. */
async function watchWithKeys(t: ExecutionContext, status: StatusReport, result?: ControlReply) {
	const {path, requests, connections, close} = await startControlServer(t, []);
	let press: (key: string) => void = () => {};
	let stopped = false;
	let size = {columns: 200, rows: 40};
	let resize: (columns: number) => void = () => {};
	const {io, out} = recordIo({
		terminal: true,
		redraws: true,
		interactive: true,
		size: () => size,
		watchSize: onChange => {
			resize = columns => {
				size = {columns, rows: 12};
				onChange();
			};
			return () => {};
		},
		readKeys: onKey => {
			press = onKey;
			return () => {
				stopped = true;
			};
		},
	});
	const watching = watch({socketPath: path, json: false}, io);
	await waitFor('a connection', () => connections.length === 1);
	const tell = (next: StatusReport): void => connections[0]?.reply({type: 'status', status: next});
	tell(status);
	const lines = (): string[] =>
		stripVTControlCharacters(out().split('\x1b[H').at(-1) ?? '')
			.trimEnd()
			.split('\n');
	await waitFor('a screen', () => lines().at(-1) === keys);
	return {
		press: (key: string) => press(key),
		lines,
		keys: () => lines().at(-1) ?? '',
		said: () => lines().at(-2) ?? '',
		resize: (columns: number) => resize(columns),
		path,
		close,
		tell,
		requests,
		screens: () => out().split('\x1b[H').length,
		answer: async () => {
			await waitFor('an order', () => connections.length === 2);
			if (result !== undefined) connections[1]?.reply(result);
		},
		watching,
		stopped: () => stopped,
	};
}

const keys = 'f failover  m maintenance  q quit';
const yesOrNo = 'y yes  any other key no';

test('f asks, y moves the address, and how it ended stands on the screen', async t => {
	const screen = await watchWithKeys(t, report, {type: 'result', code: exitCodes.ok, message: 'lb2 took the address'});
	t.is(screen.keys(), keys);
	screen.press('f');
	t.is(screen.said(), 'move the address from lb1 to lb2?');
	t.is(screen.keys(), yesOrNo);
	t.is(screen.requests.length, 1);
	screen.press('y');
	t.is(screen.keys(), 'q quit', 'one order at a time');
	await screen.answer();
	t.deepEqual(screen.requests[1], {command: 'failover', force: false, timeoutMs: 15_000});
	await waitFor('the result', () => screen.said().startsWith('done: lb2 took the address'));
	screen.press('q');
	t.is(await screen.watching, exitCodes.ok);
	t.true(screen.stopped(), 'the terminal is as it was');
});

test('anything but y does nothing, and neither does a y to a pair that has changed', async t => {
	const screen = await watchWithKeys(t, report);
	for (const key of ['n', '\r', ' ', 'f', '\x1b[A']) {
		screen.press('f');
		screen.press(key);
		t.is(screen.said(), 'nothing was done', JSON.stringify(key));
	}
	screen.press('f');
	const [first, second] = report.pair?.nodes ?? [];
	if (report.pair === undefined || first === undefined || second === undefined) throw new Error('no pair');
	const moved = {
		...report.pair,
		nodes: [
			{...first, holdsAddress: false},
			{...second, holdsAddress: true},
		] as const,
	};
	const before = screen.screens();
	screen.tell({...report, pair: moved});
	await waitFor('the change', () => screen.screens() > before);
	screen.press('y');
	t.is(screen.said(), 'the pair has changed since the question; nothing was done');
	t.is(screen.requests.length, 1);
	screen.press('\x03');
	await screen.watching;
});

test('m takes this node out or puts it back, and a refusal is shown', async t => {
	const screen = await watchWithKeys(t, report, {type: 'result', code: exitCodes.refused, message: 'lb2 is silent'});
	screen.press('m');
	t.is(screen.said(), 'begin maintenance of lb1 (this node)? It hands the address over to lb2 first.');
	screen.resize(40);
	t.true(screen.lines().every(line => line.length <= 40));
	t.deepEqual(screen.lines().slice(-3), [
		'begin maintenance of lb1 (this node)? It',
		'hands the address over to lb2 first.',
		yesOrNo,
	]);
	screen.press('y');
	await screen.answer();
	t.deepEqual(screen.requests[1], {command: 'maintenance', on: true, force: false});
	await waitFor('the refusal', () => screen.said().startsWith('refused: lb2 is silent'));
	screen.press('q');
	await screen.watching;
});

test('a daemon that has gone is told of and asked for again; what it said stays on the screen', async t => {
	const screen = await watchWithKeys(t, report);
	await screen.close();
	await waitFor('the complaint', () => /^! the daemon closed the connection/.test(screen.lines()[0] ?? ''));
	t.regex(screen.lines()[1] ?? '', /^pair oslo/);
	await startControlServer(t, [{type: 'status', status: report}], screen.path);
	await waitFor('its return', () => /^pair oslo/.test(screen.lines()[0] ?? ''));
	screen.press('q');
	t.is(await screen.watching, exitCodes.ok);
});

test('on a real terminal a key needs no return, is not echoed, and q leaves the terminal as it was', async t => {
	const {path, connections} = await startControlServer(t, [{type: 'status', status: report}]);
	const main = join(import.meta.dirname, '..', '..', 'bin', 'hapair.mjs');
	const command = `${process.execPath} ${main} watch --socket ${path}; echo "code $?"; stty -a`;
	const child = spawn('script', ['-qefc', command, '/dev/null'], {
		stdio: ['pipe', 'pipe', 'ignore'],
		env: {...process.env, TERM: 'xterm', NO_COLOR: '', SHELL: '/bin/sh'},
	});
	t.teardown(() => void child.kill('SIGKILL'));
	let out = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		out += text;
	});
	const ended = new Promise(resolve => child.once('close', resolve));
	await waitFor('a screen', () => connections.length === 1 && out.includes(keys));
	child.stdin.write('f');
	await waitFor('the question', () => out.includes('move the address from lb1 to lb2?'));
	child.stdin.write('n');
	await waitFor('the answer', () => out.includes('nothing was done'));
	child.stdin.write('q');
	await waitFor('the end', () => out.includes('code 0'));
	child.stdin.end();
	await ended;
	t.regex(out, /\x1b\[32mmaster/, 'with colour');
	t.regex(out.slice(out.indexOf('code 0')), /[^-]icanon/);
});

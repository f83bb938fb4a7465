import test from 'ava';
import {watch} from '../../src/commands/watch.ts';
import type {ControlReply} from '../../src/daemon/control-protocol.ts';
import {buildStatusReport} from '../../src/daemon/status-report.ts';
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
	t.regex(screen.at(-4) ?? '', /backup → master/);
	t.is(screen.at(-1), 'Ctrl-C ends the watch');
});

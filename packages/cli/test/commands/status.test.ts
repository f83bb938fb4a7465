import test from 'ava';
import {findState} from '../../src/commands/find-state.ts';
import {status} from '../../src/commands/status.ts';
import type {ControlReply} from '../../src/daemon/control-protocol.ts';
import {buildStatusReport} from '../../src/daemon/status-report.ts';
import {exitCodes, UserError} from '../../src/exit-codes.ts';
import {startControlServer} from '../helpers/control-server.ts';
import {recordIo} from '../helpers/record-io.ts';
import {runHapair} from '../helpers/run-hapair.ts';
import {samplePair, sampleSnapshot, sampleStatus} from '../helpers/samples.ts';

const [own, peer] = samplePair.nodes;
const fitness = {eligible: true, health: 255, reasons: []};
const report = buildStatusReport({
	hapair: '0.1.0',
	pid: 4711,
	uptimeMs: 1000,
	configDigest: 'aa',
	loadedAt: '2026-11-27T12:00:00.000Z',
	proxy: {phase: 'serving', detail: '', snapshot: sampleSnapshot, retired: []},
	pair: {
		pair: samplePair,
		own,
		peer,
		fitness,
		verdictFacts: {carriers: [true], gatewaySilent: false},
		takeover: [],
		heartbeat: sampleStatus,
	},
});
const reply: ControlReply = {type: 'status', status: report};

test('both nodes and the servers are told', async t => {
	const {path} = await startControlServer(t, [reply]);
	const {code, out, err} = await runHapair(t, ['status'], {HAPAIR_SOCKET: path});
	t.is(code, exitCodes.ok, err);
	t.regex(out, /^lb1 \(this node\) +10\.0\.0\.11 +master +yes/m);
	t.regex(out, /^lb2 +10\.0\.0\.12 +backup +no/m);
	t.regex(out, /^web_servers\/web2 +10\.0\.0\.2:80 +DOWN/m);
	t.false(out.includes('\x1b'), 'no colour without a terminal');
});

test('--json tells the report as it is', async t => {
	const {path} = await startControlServer(t, [reply]);
	const {io, out} = recordIo();
	t.is(await status({socketPath: path, json: true}, io), exitCodes.ok);
	t.deepEqual(JSON.parse(out()), JSON.parse(JSON.stringify(report)));
});

test('on a narrow terminal the tables become blocks', async t => {
	const {path} = await startControlServer(t, [reply]);
	const {io, out} = recordIo({size: () => ({columns: 40, rows: 24})});
	await status({socketPath: path, json: false}, io);
	t.regex(out(), /^lb2\n {2}ADDRESS +10\.0\.0\.12\n {2}STATE +backup$/m);
});

test('nobody there is "not running"', async t => {
	const error = await t.throwsAsync(status({socketPath: '/nonexistent/s', json: false}, recordIo().io), {
		instanceOf: UserError,
	});
	t.is(error?.exitCode, exitCodes.notRunning);
});

test('what reads the state directory finds it: as told, of the daemon that was named, or the usual one', async t => {
	const {io} = recordIo({environment: {HAPAIR_STATE: '/srv/state'}});
	t.is(await findState({}, io), '/srv/state');
	t.is(await findState({stateDir: '/told', socket: '/nonexistent/s'}, io), '/told');
	const {pair} = report;
	const kept: ControlReply = {type: 'status', status: {...report, pair: {...pair!, stateDirectory: '/of/lb1'}}};
	const [keeper, forgetful] = [await startControlServer(t, [kept]), await startControlServer(t, [reply])];
	t.is(await findState({socket: keeper.path}, io), '/of/lb1');
	await t.throwsAsync(findState({socket: forgetful.path}, io), {message: /keeps no history on a disk/});
	await t.throwsAsync(findState({socket: '/nonexistent/s'}, io), {instanceOf: UserError});
});

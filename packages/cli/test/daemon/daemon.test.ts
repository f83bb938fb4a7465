import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Hook, Pair} from '@hapair/config';
import type {Driver} from '@hapair/takeover';
import test, {type ExecutionContext} from 'ava';
import {parseText} from '../../src/configuration/load.ts';
import {converse} from '../../src/daemon/control-client.ts';
import type {ControlReply, ControlRequest} from '../../src/daemon/control-protocol.ts';
import {Daemon} from '../../src/daemon/daemon.ts';
import type {ReadOutcome} from '../../src/daemon/reload.ts';
import type {DaemonPlan} from '../../src/daemon/setup.ts';
import type {StatusReport} from '../../src/daemon/status-report.ts';
import {type LogLine, recordLog} from '../helpers/record-log.ts';
import {samplePair} from '../helpers/samples.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {waitFor} from '../helpers/wait-for.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures');
const position = {file: 'pair.cfg', line: 1, column: 1};
const hook: Hook = {on: 'change', kind: 'exec', argv: ['/hook'], timeoutMs: 1000, position};

interface Stage {
	readonly daemon: Daemon;
	readonly lines: LogLine[];
	readonly hooked: string[];
	/** What the children were told, in order. */
	told(): string[];
	ask(request: ControlRequest): Promise<ControlReply[]>;
	status(): Promise<StatusReport>;
	stop(): Promise<string[]>;
}

/** A daemon over fake children; `modes` are theirs. */
async function startDaemon(
	t: ExecutionContext,
	modes: {
		proxy?: readonly string[];
		heartbeat?: readonly string[];
		hook?: () => Promise<void>;
		driver?: Driver;
		/** What a reload finds in the files, made from what runs. */
		next?: (running: DaemonPlan) => ReadOutcome;
	} = {},
): Promise<Stage> {
	const directory = makeTempDirectory(t);
	const record = join(directory, 'told');
	writeFileSync(record, '');
	const {configuration} = parseText(
		'x.cfg',
		'defaults\n timeout connect 1s\n timeout client 1s\n timeout server 1s\nlisten a\n bind 127.0.0.1:1\n',
	);
	if (configuration === undefined) throw new Error('the configuration of the test is wrong');
	const {log, lines} = recordLog();
	const hooked: string[] = [];
	const pair = {...samplePair, hooks: [hook]};
	const [own] = pair.nodes;
	const socketPath = join(directory, 's');
	const plan: DaemonPlan = {
		configuration,
		configDigest: 'aa',
		texts: new Map(),
		proxyArgv: [process.execPath, join(fixtures, 'fake-proxy.ts'), record, ...(modes.proxy ?? [])],
		proxyOptions: {errorFiles: {}, logTag: 'haproxy', snapshotIntervalMs: 20},
		pair: {
			pair,
			own,
			uid: process.getuid?.() ?? 0,
			commandLine: {files: [], syntax: undefined, nodeName: undefined},
			heartbeatArgv: [process.execPath, join(fixtures, 'fake-heartbeat.ts'), record, ...(modes.heartbeat ?? [])],
			heartbeatSetup: {pair, nodeName: own.name, keys: [], configDigest: 'aa', tools: {}, version: '1.2.3'},
			drivers: modes.driver === undefined ? [] : [modes.driver],
			runHook: async (_, occasion) => {
				hooked.push(occasion.event);
				await modes.hook?.();
				return {ok: true, detail: 'ran'};
			},
		},
	};
	const daemon = new Daemon({
		...plan,
		version: '1.2.3',
		socketPath,
		readAgain: () => modes.next?.(plan) ?? {message: 'no files'},
		log: {
			forComponent: () => log,
			passOn: line => lines.push({level: 'passed', fields: {}, message: line}),
			end: async () => true,
		},
	});
	let stopping: Promise<string[]> | undefined;
	const stop = (): Promise<string[]> => {
		stopping ??= daemon.stop(new AbortController().signal);
		return stopping;
	};
	t.teardown(stop);
	await daemon.start();
	const ask = async (request: ControlRequest): Promise<ControlReply[]> => {
		const replies: ControlReply[] = [];
		await converse(socketPath, request, {silenceLimitMs: 10_000, onReply: reply => replies.push(reply)});
		return replies;
	};
	const status = async (): Promise<StatusReport> => {
		const [reply] = await ask({command: 'status'});
		if (reply?.type !== 'status') throw new Error('no status');
		return reply.status;
	};
	return {daemon, lines, hooked, told: () => readFileSync(record, 'utf8').trim().split('\n'), ask, status, stop};
}

const stateOf = ({daemon}: Stage): string | undefined => daemon.status().pair?.nodes[0].state;
const failoverRequest = {command: 'failover', force: false, drainMs: 2000, timeoutMs: 5000} as const;

/** Each process in its own order: two processes write, so between them only what the daemon waits for has an order. */
function assertHandedOver(t: ExecutionContext, told: readonly string[]): void {
	const of = (process: string): string[] =>
		told.filter(line => line.startsWith(process) && !line.endsWith('readRecording'));
	t.deepEqual(of('proxy'), ['proxy drain true', 'proxy closeIdle', 'proxy drain false']);
	t.deepEqual(of('heartbeat'), ['heartbeat closeDoor', 'heartbeat failover']);
}

function assertBefore(t: ExecutionContext, order: readonly string[], first: string, second: string): void {
	t.true(order.indexOf(first) < order.indexOf(second), `${first} before ${second}: ${order.join(', ')}`);
}

test('a node becomes eligible when its proxy serves, and says each transition once, with its reason', async t => {
	const stage = await startDaemon(t);
	await waitFor('master', () => stateOf(stage) === 'master');
	t.deepEqual(
		stage.lines.filter(({message}) => message.includes('→')).map(({message}) => message),
		['initialize → backup: started', 'backup → master: eligible'],
	);
	await waitFor('hooks', () => stage.hooked.length === 2);
	t.deepEqual(stage.hooked, ['backup', 'master']);
	const report = await stage.status();
	t.is(report.pair?.nodes[1].name, 'lb2');
	t.is(report.proxy.phase, 'serving');
});

test('what the proxy writes on stdout, access logs for one, is passed on as it is', async t => {
	const stage = await startDaemon(t);
	await waitFor('the line', () => stage.lines.some(({message}) => message === 'a line from the child'));
	t.deepEqual(
		stage.lines.filter(({message}) => message === 'a line from the child').map(({level}) => level),
		['passed'],
	);
});

test('a failover drains, shuts the door, moves, ends draining, and says how long it took', async t => {
	const stage = await startDaemon(t);
	await waitFor('master', () => stateOf(stage) === 'master');
	const replies = await stage.ask(failoverRequest);
	const result = replies.at(-1);
	t.is(result?.type === 'result' && result.message, 'lb2 took the address in 5 ms');
	t.is(result?.type === 'result' && result.code, 0);
	t.true(result?.type === 'result' && result.durationMs !== undefined);
	await waitFor('draining ended', () => stage.told().includes('proxy drain false'));
	assertHandedOver(t, stage.told().slice(2));
});

test('a node that becomes master orders the address of its provider, and says where it is', async t => {
	const calls: string[] = [];
	let at: 'here' | 'peer' = 'peer';
	const driver: Driver = {
		name: 'imaginary',
		target: '203.0.113.7',
		watchEveryMs: 1000,
		read: async () => ({at, detail: `server of ${at}`}),
		assign: async ({term, mayChange}) => {
			mayChange();
			calls.push(`assign under term ${term}`);
			at = 'here';
			return undefined;
		},
		poll: async () => 'done',
		release: async () => {
			calls.push('release');
			at = 'peer';
		},
	};
	const stage = await startDaemon(t, {driver});
	const entry = () => stage.daemon.status().pair?.takeover[0];
	await waitFor('the address', () => entry()?.at === 'here');
	t.like(entry(), {driver: 'imaginary', target: '203.0.113.7', wanted: true, term: 2, detail: 'server of here'});
	await stage.ask(failoverRequest);
	await waitFor('the release', () => calls.at(-1) === 'release');
	await stage.stop();
	t.deepEqual(calls.slice(calls.indexOf('assign under term 2')), ['assign under term 2', 'release']);
	t.true(
		stage.lines.some(({message}) =>
			/^imaginary 203\.0\.113\.7: is delivered here \(server of here\), 0\.\d s after/.test(message),
		),
	);
});

test('a failover that the peer declines rolls back', async t => {
	const stage = await startDaemon(t, {heartbeat: ['refuse']});
	await waitFor('master', () => stateOf(stage) === 'master');
	const result = (await stage.ask(failoverRequest)).at(-1);
	t.is(result?.type === 'result' && result.code, 4);
	t.is(result?.type === 'result' && result.message, 'lb2 declined; draining has ended, this node goes on as before');
	t.is(stateOf(stage), 'master');
});

test('a move that the peer asked for and this node refuses: its heartbeat is told why, so that the peer can be', async t => {
	const stage = await startDaemon(t, {heartbeat: ['asked', 'lonely']});
	const declined = (): string | undefined => stage.told().find(line => line.startsWith('heartbeat declineHandover'));
	await waitFor('the refusal', () => declined() !== undefined);
	t.regex(declined() ?? '', /^heartbeat declineHandover: nobody would take or give the address: lb2 /);
	t.false(stage.told().includes('heartbeat failover'));
});

test('a move that the peer asked for is drained and done, and nothing is declined', async t => {
	const stage = await startDaemon(t, {heartbeat: ['asked']});
	await waitFor('the move', () => stage.told().includes('proxy drain false'));
	t.true(stage.told().includes('heartbeat failover'));
	t.is(stateOf(stage), 'backup');
	t.false(stage.told().some(line => line.startsWith('heartbeat declineHandover')));
});

test('a failover asked on the backup that the master refuses ends at once with its reason', async t => {
	const stage = await startDaemon(t, {heartbeat: ['backup', 'refuse']});
	await waitFor('backup', () => stateOf(stage) === 'backup');
	const result = (await stage.ask(failoverRequest)).at(-1);
	t.is(result?.type === 'result' && result.code, 4);
	t.is(result?.type === 'result' && result.message, 'lb2 declined');
});

test('a second failover at the same time is refused', async t => {
	const stage = await startDaemon(t, {proxy: ['idle=3']});
	await waitFor('master', () => stateOf(stage) === 'master');
	const results = await Promise.all([stage.ask(failoverRequest), stage.ask(failoverRequest)]);
	const messages = results.map(replies => replies.at(-1)).map(reply => (reply?.type === 'result' ? reply.message : ''));
	t.true(messages.includes('a failover is already under way'), messages.join('; '));
	t.true(messages.includes('lb2 took the address in 5 ms'));
});

test('maintenance on a master with no peer is refused unless forced', async t => {
	const stage = await startDaemon(t, {heartbeat: ['lonely']});
	await waitFor('master', () => stateOf(stage) === 'master');
	const refused = (await stage.ask({command: 'maintenance', on: true, force: false})).at(-1);
	t.is(refused?.type === 'result' && refused.code, 4);
	t.regex(
		(refused?.type === 'result' && refused.message) || '',
		/^nobody would take .*; maintenance was not begun; --force begins it all the same$/,
	);
	const forced = (await stage.ask({command: 'maintenance', on: true, force: true})).at(-1);
	t.is(forced?.type === 'result' && forced.message, 'maintenance is on');
});

test('the death of the proxy makes the node not eligible at once and leaves the heartbeat alone', async t => {
	const stage = await startDaemon(t);
	await waitFor('master', () => stateOf(stage) === 'master');
	const before = stage.daemon.status().proxy.pid ?? 0;
	process.kill(before, 'SIGKILL');
	await waitFor('not eligible', () =>
		stage.lines.some(({message}) => message === 'not eligible: the proxy process was killed by SIGKILL'),
	);
	await waitFor('serving again', () => {
		const {proxy} = stage.daemon.status();
		return proxy.phase === 'serving' && proxy.pid !== before;
	});
	t.is(stage.told().filter(line => line === 'heartbeat start').length, 1);
});

test('the death of the heartbeat leaves the proxy alone, and maintenance is remembered', async t => {
	const stage = await startDaemon(t, {heartbeat: ['backup']});
	await waitFor('backup', () => stateOf(stage) === 'backup');
	await stage.ask({command: 'maintenance', on: true, force: false});
	const heartbeats = (): number => stage.told().filter(line => line === 'heartbeat start').length;
	const proxyPid = stage.daemon.status().proxy.pid;
	process.kill(stage.daemon.heartbeatPid ?? 0, 'SIGKILL');
	await waitFor('a new heartbeat', () => heartbeats() === 2);
	await waitFor('maintenance again', () => stage.told().filter(line => line === 'heartbeat maintenance').length === 2);
	t.is(stage.daemon.status().proxy.pid, proxyPid);
	t.true(stage.told().includes('heartbeat claims above term 1'), 'terms go on growing');
});

test('the end: hand over, resign, then the proxy; the stop hook runs', async t => {
	const stage = await startDaemon(t);
	await waitFor('master', () => stateOf(stage) === 'master');
	await stage.stop();
	const order = stage.told().slice(2);
	const ofProxy = order.filter(line => line.startsWith('proxy'));
	const ofHeartbeat = order.filter(line => line.startsWith('heartbeat'));
	t.is(ofProxy.pop(), 'proxy stop');
	t.is(ofHeartbeat.pop(), 'heartbeat stop');
	assertBefore(t, order, 'heartbeat stop', 'proxy stop');
	assertHandedOver(t, [...ofProxy, ...ofHeartbeat]);
	assertBefore(t, order, 'proxy drain true', 'heartbeat closeDoor');
	assertBefore(t, order, 'heartbeat failover', 'proxy drain false');
	t.is(stage.hooked.at(-1), 'stop');
});

test('a proxy that cannot start says why', async t => {
	const stage = await startDaemon(t, {proxy: ['fail']});
	const error = await stage.daemon.failure;
	t.is(error.message, 'port 80 is in use');
	t.is(error.hint, 'stop the other program');
});

test('watch tells transitions and status until its reader goes', async t => {
	const stage = await startDaemon(t);
	const replies: ControlReply[] = [];
	const end = new AbortController();
	const {socketPath} = stage.daemon;
	const watching = converse(
		socketPath,
		{command: 'watch'},
		{silenceLimitMs: 5000, onReply: reply => replies.push(reply), signal: end.signal},
	);
	await waitFor('master', () => stateOf(stage) === 'master');
	await stage.ask(failoverRequest);
	await waitFor('the transition', () =>
		replies.some(reply => reply.type === 'transition' && reply.transition.reason === 'handed over'),
	);
	end.abort();
	await watching;
	t.true(replies.some(({type}) => type === 'status'));
});

test('a heartbeat that does not end is killed in time, and the daemon ends', async t => {
	const stage = await startDaemon(t, {heartbeat: ['immortal', 'lonely']});
	await waitFor('master', () => stateOf(stage) === 'master');
	t.deepEqual(await stage.stop(), []);
	t.true(stage.lines.some(({message}) => message === 'did not end within 3000 ms, killing it'));
	t.is(stage.daemon.heartbeatPid, undefined);
});

test('a hook that never ends is named and not waited for', async t => {
	const stage = await startDaemon(t, {heartbeat: ['lonely'], hook: () => new Promise(() => {})});
	await waitFor('master', () => stateOf(stage) === 'master');
	t.deepEqual(await stage.stop(), ['a hook']);
});

test('a stop in a hurry waits for nothing but the release', async t => {
	const stage = await startDaemon(t, {proxy: ['idle=3'], hook: () => new Promise(() => {})});
	await waitFor('master', () => stateOf(stage) === 'master');
	const hurry = new AbortController();
	hurry.abort();
	await stage.daemon.stop(hurry.signal);
	t.true(stage.told().includes('heartbeat stop'));
	t.is(stage.daemon.heartbeatPid, undefined);
	t.is(stage.daemon.status().proxy.phase, 'down');
});

test('a lone master stops with the reason why nothing was handed over', async t => {
	const stage = await startDaemon(t, {heartbeat: ['lonely']});
	await waitFor('master', () => stateOf(stage) === 'master');
	await stage.stop();
	t.true(
		stage.lines.some(({message}) =>
			/^stopping without a handover: nobody would take or give the address: lb2 has never been heard$/.test(message),
		),
	);
	t.false(
		stage.lines.some(({message}) => message.startsWith('not eligible: the proxy has stopped')),
		'that a daemon which ends stops serving is no news',
	);
});

test('watch tells each hook with the event and its reason', async t => {
	const stage = await startDaemon(t);
	const replies: ControlReply[] = [];
	const end = new AbortController();
	const {socketPath} = stage.daemon;
	const watching = converse(
		socketPath,
		{command: 'watch'},
		{silenceLimitMs: 5000, onReply: reply => replies.push(reply), signal: end.signal},
	);
	await waitFor('the watch', () => replies.length > 0);
	await waitFor('the master’s hook', () => stage.hooked.includes('master'));
	await stage.ask(failoverRequest);
	const isBackup = (reply: ControlReply): boolean =>
		reply.type === 'hook' && reply.event === 'backup' && reply.reason === 'handed over';
	await waitFor('the hook', () => replies.some(isBackup));
	end.abort();
	await watching;
	t.like(replies.find(isBackup), {node: 'lb1', outcome: 'ok', hook: '/hook', detail: 'ran'});
	t.true(stage.lines.some(({message}) => message === '/hook on backup: ran'));
});

const findings = {diagnostics: [], text: ''};

/** The same plan with another pair section. */
function withPair(plan: DaemonPlan, change: (pair: Pair) => Pair): ReadOutcome {
	if (plan.pair === undefined) throw new Error('no pair');
	const pair = change(plan.pair.pair);
	const heartbeatSetup = {...plan.pair.heartbeatSetup, pair, configDigest: 'bb'};
	return {
		plan: {...plan, configDigest: 'bb', pair: {...plan.pair, pair, own: pair.nodes[0], heartbeatSetup}},
		findings,
	};
}

test('a reload replaces the proxy process and tells the heartbeat, which goes on; the address stays', async t => {
	const stage = await startDaemon(t, {
		next: plan =>
			withPair(plan, pair => ({
				...pair,
				nodes: [{...pair.nodes[0], priority: 200}, pair.nodes[1]],
				// New, and without a result yet: no reason to give the address away.
				tracks: [
					{kind: 'script', argv: ['/bin/sleep', '5'], everyMs: 60_000, timeoutMs: 50_000, rise: 1, fall: 1, position},
				],
			})),
	});
	await waitFor('master', () => stateOf(stage) === 'master');
	const before = await stage.status();
	const replies = await stage.ask({command: 'reload'});
	t.like(replies.at(-1), {type: 'result', code: 0, message: 'configuration bb is in force'});
	const after = await stage.status();
	t.is(after.configDigest, 'bb');
	t.not(after.proxy.pid, before.proxy.pid);
	t.like(after.pair?.nodes[0], {state: 'master', priority: 200, eligible: true});
	await waitFor('the old one has ended', () => stage.daemon.status().proxy.retired.length === 0);
	const told = stage.told();
	t.is(told.filter(line => line === 'heartbeat start').length, 1);
	t.true(told.includes('heartbeat reconfigure'));
	t.deepEqual(
		told.filter(line => /tell|begin|retire|lend/.test(line)),
		['proxy lend', 'proxy tell', 'proxy tellRest', 'proxy begin', 'proxy retire'],
	);
	t.is(stage.lines.filter(({message}) => message.includes('→')).length, 2, 'no transition');
});

test('what a reload would do is shown, and nothing is done', async t => {
	const file = join(makeTempDirectory(t), 'hapair.cfg');
	writeFileSync(file, '', {mode: 0o644});
	const stage = await startDaemon(t, {
		next: plan => {
			const outcome = withPair(plan, pair => ({...pair, advertIntervalMs: 50}));
			return 'plan' in outcome ? {...outcome, plan: {...outcome.plan, texts: new Map([[file, 'one\n']])}} : outcome;
		},
	});
	await waitFor('master', () => stateOf(stage) === 'master');
	const {proxy} = await stage.status();
	const replies = await stage.ask({command: 'reload', dryRun: true});
	t.deepEqual(replies[0], {
		type: 'difference',
		difference: {own: 'running', peer: 'file', files: [{path: file, kind: 'only there', lines: []}], remarks: []},
	});
	t.like(replies.at(-1), {
		code: 4,
		message:
			'nothing would be changed: advertise: a heartbeat that runs cannot take that; restart this node, the backup first',
	});
	t.is((await stage.status()).proxy.pid, proxy.pid);
	t.false(stage.lines.some(({message}) => message.includes('reload')));
});

test('what a running heartbeat cannot take refuses the whole reload, by name', async t => {
	const stage = await startDaemon(t, {
		next: plan => withPair(plan, pair => ({...pair, advertIntervalMs: 50, port: 1})),
	});
	await waitFor('master', () => stateOf(stage) === 'master');
	const {proxy} = await stage.status();
	const replies = await stage.ask({command: 'reload'});
	t.like(replies.at(-1), {
		code: 4,
		message:
			'nothing was changed: advertise, port: a heartbeat that runs cannot take that; restart this node, the backup first',
	});
	t.is((await stage.status()).proxy.pid, proxy.pid);
	t.false(stage.told().includes('heartbeat reconfigure'));
});

test('a service that is held to one user for its proxy refuses another one', async t => {
	const as = (plan: DaemonPlan, uid: number) => ({...plan, proxyIdentity: {uid, gid: 7, command: []}});
	let uid = 7;
	const stage = await startDaemon(t, {next: plan => ({plan: as(plan, uid), findings})});
	await waitFor('master', () => stateOf(stage) === 'master');
	t.like((await stage.ask({command: 'reload'})).at(-1), {code: 0}, 'from no such user to one');
	t.like((await stage.ask({command: 'reload'})).at(-1), {code: 0}, 'the same');
	uid = 8;
	const {code, message} = (await stage.ask({command: 'reload'})).at(-1) as {code: number; message: string};
	t.is(code, 4);
	t.regex(message, /^nothing was changed: user, group: .* restart this node/);
});

test('a new proxy process that cannot start changes nothing; the next reload may', async t => {
	let good = false;
	const stage = await startDaemon(t, {
		next: plan => ({plan: {...plan, proxyArgv: good ? plan.proxyArgv : [...plan.proxyArgv, 'fail']}, findings}),
	});
	await waitFor('master', () => stateOf(stage) === 'master');
	const {proxy} = await stage.status();
	const [failed] = (await stage.ask({command: 'reload'})).slice(-1);
	t.like(failed, {code: 1, message: 'nothing was changed: port 80 is in use stop the other program'});
	t.is((await stage.status()).proxy.pid, proxy.pid);
	t.is(stateOf(stage), 'master');
	good = true;
	t.like((await stage.ask({command: 'reload'})).at(-1), {code: 0});
});

test('an old proxy process that dies while it tells what it knows is followed all the same', async t => {
	const stage = await startDaemon(t, {
		proxy: ['mute'],
		next: plan => ({plan, findings}),
	});
	await waitFor('master', () => stateOf(stage) === 'master');
	const {pid = 0} = (await stage.status()).proxy;
	const reloading = stage.ask({command: 'reload'});
	await waitFor('it is asked', () => stage.told().includes('proxy tell'));
	t.like((await stage.ask({command: 'reload'})).at(-1), {code: 4, message: 'a reload is under way'});
	process.kill(pid, 'SIGKILL');
	// Its supervisor starts it again, which does not hinder the new one.
	t.like((await reloading).at(-1), {code: 0});
	await waitFor('one is left', () => stage.daemon.status().proxy.retired.length === 0);
});

import type {HeartbeatStatus} from '@hapair/heartbeat';
import test from 'ava';
import {type CommandPorts, ControlCommands} from '../../src/daemon/control-commands.ts';
import type {ControlReply, ControlRequest} from '../../src/daemon/control-protocol.ts';
import type {FailoverAnswer, HandoverOutcome} from '../../src/daemon/handover.ts';
import type {Findings} from '../../src/daemon/reload.ts';
import {buildStatusReport} from '../../src/daemon/status-report.ts';
import {exitCodes} from '../../src/exit-codes.ts';
import {sampleStatus} from '../helpers/samples.ts';

const report = buildStatusReport({
	hapair: '1',
	pid: 1,
	uptimeMs: 1,
	configDigest: 'aa',
	loadedAt: '2026-11-27T12:00:00.000Z',
	proxy: {phase: 'starting', detail: 'the proxy is starting', retired: []},
});

interface Script {
	readonly status?: HeartbeatStatus;
	readonly answer?: FailoverAnswer | 'never';
	readonly handover?: Pick<HandoverOutcome, 'code' | 'message'>;
	readonly alone?: boolean;
	/** What the proxy answers to an order about a server; `never` nothing. */
	readonly server?: {readonly ok: boolean; readonly message: string} | 'never';
}

/** Commands over a heartbeat that answers as scripted; `asked` is what it was asked, in order. */
const findings: Findings = {
	diagnostics: [{severity: 'error', file: 'x.cfg', line: 3, column: 5, length: 4, message: 'unknown keyword'}],
	text: 'x.cfg:3: unknown keyword',
};

function createCommands({status, answer, handover, alone = false, server: onServer}: Script = {}) {
	const asked: string[] = [];
	const reply = async (what: string): Promise<FailoverAnswer | undefined> => {
		asked.push(what);
		if (answer === 'never') return undefined;
		return answer ?? {ok: true, message: 'as asked', durationMs: 1};
	};
	const listeners = new Set<(reply: ControlReply) => void>();
	const heartbeat: CommandPorts['heartbeat'] = {
		status,
		failover: force => reply(`failover force=${force}`),
		maintenance: on => reply(`maintenance ${on}`),
	};
	const commands = new ControlCommands({
		version: '1.2.3',
		status: () => report,
		reload: async progress => {
			progress('a new proxy process starts');
			asked.push('reload');
			return {code: exitCodes.failed, message: 'nothing was changed', durationMs: 7, findings};
		},
		previewReload: () => ({code: exitCodes.ok, message: 'configuration bb would come into force', findings, files: []}),
		handOver: async ({force, progress}) => {
			asked.push(`handover force=${force}`);
			progress('draining');
			return {code: exitCodes.ok, message: 'lb2 took it', ...handover, durationMs: 1};
		},
		watch: listener => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		proxy: {
			setServer: async ({backend, server, admin}) => {
				asked.push(`server ${backend}/${server} ${admin}`);
				return onServer === 'never' ? undefined : (onServer ?? {ok: true, message: 'done'});
			},
		},
		...(alone ? {} : {heartbeat}),
	});
	const ask = async (request: ControlRequest): Promise<ControlReply[]> => {
		const replies: ControlReply[] = [];
		await commands.answer(request, {reply: one => replies.push(one), gone: new AbortController().signal});
		return replies;
	};
	return {commands, ask, asked, listeners};
}

const failover = {command: 'failover', force: false, drainMs: 10, timeoutMs: 20} as const;
const begin = {command: 'maintenance', on: true, force: false} as const;
const backup: HeartbeatStatus = {...sampleStatus, state: 'backup', peer: {...sampleStatus.peer, state: 'master'}};
const lonely: HeartbeatStatus = {...sampleStatus, peer: {...sampleStatus.peer, alive: false}};
const resultOf = (replies: readonly ControlReply[]) => replies.find(reply => reply.type === 'result');

test('a reload tells its progress, then what a check has found, then how it ended', async t => {
	const {ask} = createCommands();
	t.deepEqual(await ask({command: 'reload'}), [
		{type: 'progress', message: 'a new proxy process starts'},
		{type: 'findings', ...findings},
		{type: 'result', code: exitCodes.failed, message: 'nothing was changed', durationMs: 7},
	]);
});

test('what a reload would do is told as the difference, the findings and the result', async t => {
	const {ask, asked} = createCommands();
	t.deepEqual(await ask({command: 'reload', dryRun: true}), [
		{type: 'difference', difference: {own: 'running', peer: 'file', files: [], remarks: []}},
		{type: 'findings', ...findings},
		{type: 'result', code: exitCodes.ok, message: 'configuration bb would come into force'},
	]);
	t.deepEqual(asked, []);
});

test('ping and status are answered at once', async t => {
	const {ask} = createCommands();
	t.deepEqual(await ask({command: 'ping'}), [{type: 'pong', pid: process.pid, version: '1.2.3'}]);
	t.deepEqual(await ask({command: 'status'}), [{type: 'status', status: report}]);
});

test('without a pair section there is nothing to move', async t => {
	const {ask} = createCommands({alone: true});
	for (const request of [failover, begin, {command: 'drill', dryRun: false}] as const) {
		const result = resultOf(await ask(request));
		t.is(result?.code, exitCodes.refused);
		t.regex(result?.message ?? '', /no pair section/);
	}
});

test('while the heartbeat is down a move fails, with when to try again', async t => {
	const {ask} = createCommands();
	for (const request of [failover, begin]) {
		const result = resultOf(await ask(request));
		t.is(result?.code, exitCodes.failed);
		t.regex(result?.message ?? '', /try again in a second/);
	}
});

test('a master hands over itself and tells its progress', async t => {
	const {ask, asked} = createCommands({status: sampleStatus});
	const replies = await ask(failover);
	t.deepEqual(replies[0], {type: 'progress', message: 'draining'});
	t.like(resultOf(replies), {code: exitCodes.ok, message: 'lb2 took it'});
	t.deepEqual(asked, ['handover force=false']);
});

test('a backup asks the master and passes its answer on', async t => {
	const {ask, asked} = createCommands({status: backup});
	t.like(resultOf(await ask({...failover, force: true})), {code: exitCodes.ok, message: 'as asked'});
	t.deepEqual(asked, ['failover force=true']);
	const declined = createCommands({status: backup, answer: {ok: false, message: 'lb2 declined', durationMs: 1}});
	t.like(resultOf(await declined.ask(failover)), {code: exitCodes.refused, message: 'lb2 declined'});
	const silent = createCommands({status: backup, answer: 'never'});
	t.like(resultOf(await silent.ask(failover)), {code: exitCodes.timedOut});
});

test('a backup whose master is silent asks nobody', async t => {
	const {ask, asked} = createCommands({status: {...backup, peer: {...backup.peer, alive: false}}});
	t.is(resultOf(await ask(failover))?.code, exitCodes.refused);
	t.deepEqual(asked, []);
});

test('maintenance on a master hands over first', async t => {
	const {ask, asked} = createCommands({status: sampleStatus});
	t.is(resultOf(await ask(begin))?.code, exitCodes.ok);
	t.deepEqual(asked, ['handover force=false', 'maintenance true']);
});

test('maintenance is not begun when the handover fails, unless forced', async t => {
	const handover = {code: exitCodes.refused, message: 'lb2 declined'};
	const {ask, asked} = createCommands({status: sampleStatus, handover});
	t.like(resultOf(await ask(begin)), {
		code: exitCodes.refused,
		message: 'lb2 declined; maintenance was not begun; --force begins it all the same',
	});
	t.deepEqual(asked, ['handover force=false']);
	t.is(resultOf(await ask({...begin, force: true}))?.code, exitCodes.ok);
	t.is(asked.at(-1), 'maintenance true');
});

test('maintenance of a master that nobody can relieve is refused, or forced without a handover', async t => {
	const {ask, asked} = createCommands({status: lonely});
	t.is(resultOf(await ask(begin))?.code, exitCodes.refused);
	t.deepEqual(asked, []);
	await ask({...begin, force: true});
	t.deepEqual(asked, ['maintenance true']);
});

test('maintenance of a backup and the end of maintenance move nothing', async t => {
	const {ask, asked} = createCommands({status: backup});
	await ask(begin);
	await ask({...begin, on: false});
	t.deepEqual(asked, ['maintenance true', 'maintenance false']);
	const silent = createCommands({status: backup, answer: 'never'});
	t.is(resultOf(await silent.ask(begin))?.code, exitCodes.timedOut);
	const refusing = createCommands({status: backup, answer: {ok: false, message: 'no', durationMs: 0}});
	t.like(resultOf(await refusing.ask(begin)), {code: exitCodes.failed, message: 'no'});
});

test('a watcher is told the status first, then what happens, and is forgotten when it goes', async t => {
	const {commands, listeners} = createCommands();
	const replies: ControlReply[] = [];
	const gone = new AbortController();
	const watching = commands.answer({command: 'watch'}, {reply: one => replies.push(one), gone: gone.signal});
	t.is(replies[0]?.type, 'status');
	for (const tell of listeners) tell({type: 'progress', message: 'news'});
	t.is(replies.at(-1)?.type, 'progress');
	gone.abort();
	await watching;
	t.is(listeners.size, 0);
});

test('a server is taken out and put back by the proxy, and what the proxy says is passed on', async t => {
	const order = {command: 'server', backend: 'app', server: 'web1', state: 'drain'} as const;
	const done = createCommands();
	t.like(resultOf(await done.ask(order)), {code: exitCodes.ok});
	t.deepEqual(done.asked, ['server app/web1 drain']);
	const unknown = createCommands({server: {ok: false, message: 'There is no server app/web1.'}});
	t.like(resultOf(await unknown.ask(order)), {code: exitCodes.refused, message: 'There is no server app/web1.'});
	t.like(resultOf(await createCommands({server: 'never'}).ask(order)), {code: exitCodes.timedOut});
});

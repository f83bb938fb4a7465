/**
 * Drills and windows of a real pair whose clock the test sets: a drill moves, measures beside a client's own figure, is recorded on both nodes,
 * comes back; what refuses one, and what takes one back; windows open and close at their times; old history goes.
 */
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {Lab} from '../lab/lab.ts';
import {runIn} from '../lab/namespaces.ts';
import {type ProbeReport, summarizeClients} from '../lab/probe.ts';
import type {LabDrill} from '../lab/status.ts';
import {waitFor} from '../lab/wait.ts';
import {assertNeverTwo, figure, waitForPair} from './with-pair.ts';

type Node = 'lb1' | 'lb2';

interface Drill {
	readonly ok: boolean;
	readonly message: string;
	readonly result: string;
	readonly gapMs: number;
	readonly returnGapMs: number;
}

/** Both nodes have one file; what makes one of them unfit is an interface that only it has. */
function linesOf({directory}: Lab): string[] {
	return [
		'drill "0 4 * * 0" timezone UTC settle 0s return yes',
		`on drill only refused,failed exec ${join(directory, 'hook')}`,
		'preempt on',
		'failover window "0 2 * * 2" for 1h timezone UTC',
		'maintenance window "30 1 * * 2" for 1m node lb1 timezone UTC',
		'track file /sys/class/net/unfit0 absent every 200ms timeout 100ms rise 1 fall 1',
		'keep-history 30',
	];
}

const historyOf = (lab: Lab): string => join(`${lab.socketPathOf('lb1')}.state`, 'lab.lb1.history.jsonl');

const hookText = `#!/bin/sh
echo "$HAPAIR_NODE $HAPAIR_ABOUT: $HAPAIR_REASON" >> "$(dirname "$0")/told"
`;

function makeUnfit(lab: Lab, node: Node, on: boolean): void {
	const link = on ? ['add', 'unfit0', 'type', 'veth', 'peer', 'name', 'unfit1'] : ['del', 'unfit0'];
	runIn(lab.network.namespaceOf(node), ['ip', 'link', ...link]);
}

async function drill(lab: Lab, node: Node, ...options: string[]): Promise<Drill & {readonly code: number}> {
	const {code, stdout} = await lab.daemon(node).command(['drill', '--now', '--json', ...options]);
	return {...(JSON.parse(stdout) as Drill), code};
}

/** The newest drill, once it is the one that is meant. */
function waitForDrill(lab: Lab, node: Node, what: string, isIt: (last: LabDrill) => boolean): Promise<LabDrill> {
	const look = async () => {
		const {lastDrill} = await lab.readStatus(node);
		return lastDrill !== undefined && isIt(lastDrill) && lastDrill;
	};
	return waitFor(what, look, {deadlineMs: 30_000, everyMs: 100});
}

/** A dry run that is refused, once it is. */
async function waitForRefusal(lab: Lab, what: string, pattern: RegExp): Promise<void> {
	const look = async () => {
		const {code, message} = await drill(lab, 'lb1', '--dry-run');
		return code === 4 && pattern.test(message);
	};
	await waitFor(what, look, {deadlineMs: 15_000, everyMs: 300});
}

async function waitUntilReady(lab: Lab): Promise<void> {
	const isReady = async () => (await drill(lab, 'lb1', '--dry-run')).code === 0;
	await waitFor('a drill to be possible', isReady, {deadlineMs: 20_000, everyMs: 300});
}

/** Between the last answer of one node and the first of the other, ms, for each change of the node. */
function pausesBetweenNodes({fresh}: ProbeReport): number[] {
	const answers = fresh.filter(({ok}) => ok).toSorted((a, b) => a.endMs - b.endMs);
	return answers.flatMap(({endMs, via}, at) => {
		const before = answers[at - 1];
		return before === undefined || before.via === via ? [] : [Math.round(endMs - before.endMs)];
	});
}

async function movesAndComesBack(t: ExecutionContext, lab: Lab): Promise<void> {
	await waitUntilReady(lab);
	// A node tells its daemon each second what it has heard.
	await waitFor('lb2 to know its master', async () => (await lab.readStatus('lb2')).peer.state === 'master');
	const other = await drill(lab, 'lb2');
	t.is(other.code, 4);
	t.regex(other.message, /the master holds a drill, and that is lb1/);

	const clients = await lab.probeClients({perSecond: 100});
	const long = await lab.probeLong({downloads: 2, echoes: 2});
	const eyes = await lab.probeEyes();
	const held = await drill(lab, 'lb1');
	t.is(held.code, 0, held.message);
	t.is(held.result, 'passed');
	t.is(await waitForPair(lab), 'lb1', 'the address is back');
	await assertNeverTwo(t, eyes);
	const {sessions} = await long.stop();
	t.deepEqual(
		sessions.flatMap(({error}) => error || []),
		[],
		'open connections lived through it',
	);
	const report = await clients.stop();
	const {failedFresh} = summarizeClients(report);
	figure(t, 'gap, there and back, as the drill saw it', `${held.gapMs} and ${held.returnGapMs}`);
	const pauses = pausesBetweenNodes(report);
	figure(t, 'between the answers of the one and the other, as a client saw it', pauses.join(' and '));
	t.true(pauses.length >= 2, 'the client was served by lb1, lb2 and lb1 again');
	t.deepEqual(failedFresh, []);
	t.true(held.gapMs > 0 && held.gapMs < 1500, `gap ${held.gapMs}`);

	for (const node of ['lb1', 'lb2'] as const) {
		const isKnown = async () => (await lab.readStatus(node)).provenGapMs === held.gapMs;
		await waitFor(`${node} to know of the drill`, isKnown, {deadlineMs: 10_000, everyMs: 50});
	}
	const again = await drill(lab, 'lb1', '--settle', '10m');
	t.is(again.code, 4);
	t.regex(again.message, /the pair last changed .* ago, and a drill waits until it has been calm for 10 min/);
	const {stdout} = await lab.daemon('lb2').command(['drill']);
	t.regex(stdout, new RegExp(`last proven .* ago: lb1 to lb2, ${held.gapMs} ms.*; next drill 2026-12-06T04:00`));
}

/** The servers answer lb1 only: lb2 could take the address, and would have nobody to ask. Then lb2 is not fit; then its file is another. */
async function isRefused(t: ExecutionContext, lab: Lab): Promise<void> {
	for (const web of ['web1', 'web2', 'web3'] as const) lab.network.cutFromWeb('lb2', web);
	const reason = 'as seen from lb2, backend web_servers has no server up';
	await waitForRefusal(lab, 'lb1 to hear that lb2 has no servers', new RegExp(`^${reason}$`));
	lab.setClock('2026-12-06T03:59:59Z');
	const refused = await waitForDrill(lab, 'lb1', 'the drill of the schedule', ({by}) => by === 'schedule');
	t.like(refused, {result: 'refused', reason});
	const told = await waitForDrill(lab, 'lb2', 'lb2 to be told', ({result}) => result === 'refused');
	t.regex(told.reason, /lb1 refused it and told this node/);
	const hook = () => /^lb1 refused: .*no server up$/m.test(readFileSync(join(lab.directory, 'told'), 'utf8'));
	await waitFor('the hook', hook);
	lab.network.healBetweenNodes();
	await waitUntilReady(lab);

	makeUnfit(lab, 'lb2', true);
	await waitForRefusal(lab, 'lb2 not to be eligible', /^lb2 cannot serve: file .*unfit0 is there$/);
	makeUnfit(lab, 'lb2', false);
	const text = readFileSync(lab.configPath, 'utf8');
	writeFileSync(lab.configPath, text.replace('retries 3', 'retries 4'));
	t.is((await lab.daemon('lb2').command(['reload'])).code, 0);
	await waitForRefusal(lab, 'the files to differ', /^the two nodes have different configurations \(drift\)/);
	const loadedAt = JSON.parse((await lab.daemon('lb2').command(['status', '--json'])).stdout).loadedAt as string;
	const drift =
		readFileSync(historyOf(lab), 'utf8')
			.split('\n')
			.findLast(line => line.includes('"event":"drift"')) ?? '{}';
	const alarmMs = Date.parse((JSON.parse(drift) as {time: string}).time) - Date.parse(loadedAt);
	figure(t, 'alarm of drift after the other file came into force, at an interval of 200 ms', alarmMs);
	t.true(alarmMs < 1000, `${alarmMs} ms`);
	writeFileSync(lab.configPath, text);
	t.is((await lab.daemon('lb2').command(['reload'])).code, 0);
	t.is(await waitForPair(lab), 'lb1', 'nothing has moved');
}

/** lb2 has the address, and a filter keeps everybody out: found by the looks across the network, at the schedule's time. */
async function isTakenBack(t: ExecutionContext, lab: Lab): Promise<void> {
	await waitUntilReady(lab);
	lab.network.refuse('iifname != lb2 oifname lb2 tcp dport 80 drop');
	const eyes = await lab.probeEyes();
	lab.setClock('2026-12-13T03:59:59Z');
	const failed = await waitForDrill(lab, 'lb1', 'the drill of the schedule to fail', ({result}) => result === 'failed');
	t.is(failed.by, 'schedule');
	t.is(failed.reason, 'lb2 took the address and did not serve: no answer; the address is back on lb1');
	lab.network.healBetweenNodes();
	t.is(await waitForPair(lab), 'lb1');
	await assertNeverTwo(t, eyes);
	const told = await waitForDrill(lab, 'lb2', 'lb2 to be told', ({result}) => result === 'failed');
	t.regex(told.reason, /hapair drill --history on lb1 says why/);
	const {stdout} = await lab.daemon('lb1').command(['status']);
	t.regex(stdout, /! the last drill was a failure: lb2 took the address and did not serve: no answer/);
}

/** A clock that is set into the maintenance window has what is left of it; then preference waits for its own window. */
async function keepsWindows(t: ExecutionContext, lab: Lab): Promise<void> {
	lab.setClock('2026-12-01T01:30:55Z');
	await lab.waitForMaster('lb2');
	await waitFor('its maintenance', async () => (await lab.readStatus('lb1')).self.maintenance);
	const isOver = async () => !(await lab.readStatus('lb2')).peer.maintenance;
	await waitFor('maintenance to end by itself', isOver, {everyMs: 50});
	// Without a window a preferred node has the address after 600 ms.
	await sleep(2000);
	t.is(await waitForPair(lab), 'lb2', 'it is not the time for preferences');
	t.false((await lab.readStatus('lb1')).failoverOpen);
	lab.setClock('2026-12-01T01:59:59Z');
	await lab.waitForMaster('lb1');
	t.true((await lab.readStatus('lb1')).failoverOpen);
	await waitForPair(lab);
}

test.serial('drills and windows keep their times, and say what they did and why not', async t => {
	t.timeout(150_000);
	const lab = new Lab();
	try {
		lab.setClock('2026-11-30T12:00:00Z');
		writeFileSync(join(lab.directory, 'hook'), hookText, {mode: 0o755});
		const history = historyOf(lab);
		mkdirSync(join(history, '..'), {mode: 0o750});
		const lineOf = (time: string) =>
			`${JSON.stringify({time, pair: 'lab', node: 'lb1', kind: 'event', id: time, term: 1, event: 'solo', reason: ''})}\n`;
		writeFileSync(history, `${lineOf('2026-10-27T12:00:00.000Z')}${lineOf('2026-11-05T12:00:00.000Z')}`);
		await lab.startPair({lines: linesOf(lab), interMs: 500});
		await keepsWindows(t, lab);
		await movesAndComesBack(t, lab);
		await isRefused(t, lab);
		await isTakenBack(t, lab);
		const kept = readFileSync(history, 'utf8');
		t.deepEqual([kept.includes('2026-10-27T'), kept.includes('2026-11-05T')], [false, true], 'kept for 30 days');
		const {stdout} = await lab.daemon('lb1').command(['drill', '--history', '--state-dir', join(history, '..')]);
		t.regex(stdout, /passed .*\n.*refused .*\n.*failed /);
	} catch (error) {
		for (const node of ['lb1', 'lb2'] as const) t.log(`${node} said:\n${lab.maybeDaemon(node)?.output.slice(-3000)}`);
		throw error;
	} finally {
		lab.dispose();
	}
});

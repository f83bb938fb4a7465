/** A drill of a real pair: it moves, measures beside a client's own figure, records on both nodes, comes back; and what refuses one. */
import test from 'ava';
import type {Lab} from '../lab/lab.ts';
import {type ProbeReport, summarizeClients} from '../lab/probe.ts';
import {waitFor} from '../lab/wait.ts';
import {assertNeverTwo, figure, waitForPair, withPair} from './with-pair.ts';

interface Drill {
	readonly ok: boolean;
	readonly message: string;
	readonly result: string;
	readonly gapMs: number;
	readonly returnGapMs: number;
}

async function drill(lab: Lab, node: 'lb1' | 'lb2', ...options: string[]): Promise<Drill & {readonly code: number}> {
	const {code, stdout} = await lab.daemon(node).command(['drill', '--now', '--json', ...options]);
	return {...(JSON.parse(stdout) as Drill), code};
}

/** Between the last answer of one node and the first of the other, ms, for each change of the node. */
function pausesBetweenNodes({fresh}: ProbeReport): number[] {
	const answers = fresh.filter(({ok}) => ok).toSorted((a, b) => a.endMs - b.endMs);
	return answers.flatMap(({endMs, via}, at) => {
		const before = answers[at - 1];
		return before === undefined || before.via === via ? [] : [Math.round(endMs - before.endMs)];
	});
}

test.serial('hapair drill: moves, measures, comes back, is known on both nodes; refuses with the reason', async t => {
	await withPair(t, {lines: ['drill "0 4 29 2 *" settle 1m return yes'], interMs: 500}, async lab => {
		const dry = async () => (await drill(lab, 'lb1', '--settle', '0s', '--dry-run')).code === 0;
		await waitFor('lb2 to have checked its servers, so that a drill may begin', dry, {deadlineMs: 10_000, everyMs: 50});
		const other = await drill(lab, 'lb2', '--settle', '0s');
		t.is(other.code, 4);
		t.regex(other.message, /the master holds a drill, and that is lb1/);

		const clients = await lab.probeClients({perSecond: 100});
		const long = await lab.probeLong({downloads: 2, echoes: 2});
		const eyes = await lab.probeEyes();
		const held = await drill(lab, 'lb1', '--settle', '0s');
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
		figure(
			t,
			'between the answers of the one and the other, as a client saw it',
			pausesBetweenNodes(report).join(' and '),
		);
		t.true(pausesBetweenNodes(report).length >= 2, 'the client was served by lb1, lb2 and lb1 again');
		t.deepEqual(failedFresh, []);
		t.true(held.gapMs > 0 && held.gapMs < 1500, `gap ${held.gapMs}`);

		for (const node of ['lb1', 'lb2'] as const) {
			const isKnown = async () => (await lab.readStatus(node)).provenGapMs === held.gapMs;
			await waitFor(`${node} to know of the drill`, isKnown, {deadlineMs: 10_000, everyMs: 50});
		}
		const again = await drill(lab, 'lb1');
		t.is(again.code, 4);
		t.regex(again.message, /the pair last changed .* ago, and a drill waits until it has been calm for 1 min/);
		const {stdout} = await lab.daemon('lb2').command(['drill']);
		t.regex(stdout, new RegExp(`last proven .* ago: lb1 to lb2, ${held.gapMs} ms; next drill 20`));

		// The servers answer lb1 only: lb2 could take the address, and would have nobody to ask.
		for (const web of ['web1', 'web2', 'web3'] as const) lab.network.cutFromWeb('lb2', web);
		const isDown = async () => (await lab.serverStatus('lb2', 'web3'))?.startsWith('DOWN') === true;
		await waitFor('lb2 to miss the servers', isDown, {deadlineMs: 10_000, everyMs: 50});
		const refused = await waitFor(
			'lb1 to hear that lb2 has no servers',
			async () => {
				const tried = await drill(lab, 'lb1', '--settle', '0s', '--dry-run');
				return tried.code === 0 ? undefined : tried;
			},
			{deadlineMs: 10_000, everyMs: 200},
		);
		t.is(refused.code, 4);
		t.is(refused.message, 'as seen from lb2, backend web_servers has no server up');
	});
});

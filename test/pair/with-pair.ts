/**
 * A pair for a test: fresh, built before and torn down after, or one that tests of a file with the same configuration share.
 *
 * Decides how figures are printed (one log line a figure, `name: value unit`). Bounds in these tests are wide, because
 * a shared machine is slow at times; `scripts/bench-failover.ts` tells the real figures.
 */
import test, {type ExecutionContext} from 'ava';
import {Lab, type StartOptions} from '../lab/lab.ts';
import type {NodeRole} from '../lab/network.ts';
import {type EyeReport, type Probe, summarizeEyes} from '../lab/probe.ts';
import {waitFor} from '../lab/wait.ts';

/** Runs `body` with a pair of which `lb1` is master; `lb1` and `lb2` tell their last words when it fails. */
export async function withPair(
	t: ExecutionContext,
	options: StartOptions,
	body: (lab: Lab) => Promise<void>,
): Promise<void> {
	t.timeout(120_000);
	endSharedPair();
	const lab = new Lab('lab', options.family);
	try {
		await lab.startPair(options);
		await body(lab);
	} catch (error) {
		for (const node of ['lb1', 'lb2'] as const) t.log(`${node} said:\n${lab.maybeDaemon(node)?.output.slice(-3000)}`);
		throw error;
	} finally {
		lab.dispose();
	}
}

/** The pair of the last test that passed, and what it was made with. */
let kept: {readonly options: string; readonly lab: Lab} | undefined;
test.after.always('The pair that tests have shared is torn down', endSharedPair);

/** Its namespaces have the names that the next lab of this process takes. */
export function endSharedPair(): void {
	kept?.lab.dispose();
	kept = undefined;
}

/**
 * As `withPair`, but a test that passes leaves its pair to the next one with the same options, which finds it whole: a start costs seconds. With
 * `asLeft` it finds it as it was left, and has to bring about what it needs when it is the first one or the one before it has failed.
 */
export async function withSharedPair(
	t: ExecutionContext,
	{asLeft = false, ...options}: StartOptions & {asLeft?: boolean},
	body: (lab: Lab) => Promise<void>,
): Promise<void> {
	t.timeout(120_000);
	const key = JSON.stringify(options);
	if (kept?.options !== key) endSharedPair();
	const found = kept?.lab;
	kept = undefined;
	const lab = found ?? new Lab('lab', options.family);
	try {
		if (found === undefined) await lab.startPair(options);
		else if (!asLeft) await makeWhole(lab, options);
		await body(lab);
		kept = {options: key, lab};
	} catch (error) {
		for (const node of ['lb1', 'lb2'] as const) t.log(`${node} said:\n${lab.maybeDaemon(node)?.output.slice(-3000)}`);
		lab.dispose();
		throw error;
	}
}

/** What `startPair` promises: everything runs and hears each other, all servers are up, `lb1` has the address. */
async function makeWhole(lab: Lab, {witness = false}: StartOptions): Promise<void> {
	lab.network.healBetweenNodes();
	if (witness && !lab.witnessRuns) await lab.startWitness();
	for (const web of ['web1', 'web2', 'web3'] as const) {
		if (lab.webPid(web) === undefined) await lab.startWeb(web);
		lab.setHealth(web, 200);
	}
	for (const node of ['lb1', 'lb2'] as const) if (!lab.daemon(node).running) lab.restorePower(node);
	const isFit = async (node: NodeRole) => {
		const {peer, servers} = await lab.readStatus(node);
		return peer.eligible && servers.every(({status}) => status === 'UP');
	};
	for (const node of ['lb1', 'lb2'] as const)
		await waitFor(`${node} to be fit and to hear that of its peer`, () => isFit(node), {deadlineMs: 45_000});
	if ((await waitForPair(lab)) === 'lb1') return;
	const {code, stdout, stderr} = await lab.daemon('lb2').command(['failover']);
	if (code !== 0) throw new Error(`failover said: ${stdout}${stderr}`);
	await lab.waitForMaster('lb1');
	await lab.waitForBackup('lb2');
}

/** Prints a measured figure. */
export function figure(t: ExecutionContext, name: string, value: number | string, unit = 'ms'): void {
	t.log(`${name}: ${value} ${unit}`);
}

/** Waits until one node is master with the address and the other one backup, each hearing the other. Returns the master. */
export function waitForPair(lab: Lab, deadlineMs = 20_000): Promise<NodeRole> {
	const ask = async (): Promise<NodeRole | undefined> => {
		const [lb1, lb2] = await Promise.all([lab.readStatus('lb1'), lab.readStatus('lb2')]);
		if (!lb1.peer.alive || !lb2.peer.alive) return undefined;
		const states = `${lb1.self.state} ${lb2.self.state}`;
		if (states === 'master backup' && lb1.self.holdsAddress && !lb2.self.holdsAddress) return 'lb1';
		if (states === 'backup master' && lb2.self.holdsAddress && !lb1.self.holdsAddress) return 'lb2';
		return undefined;
	};
	return waitFor('one master and one backup that hear each other', ask, {deadlineMs, everyMs: 50});
}

/** What a node that is not master hears when it asks who has the addresses: verdicts of `pair.probes` (docs/json.md). */
export async function readProbes(lab: Lab, node: NodeRole): Promise<string[]> {
	const {stdout} = await lab.daemon(node).command(['status', '--json']);
	const {pair} = JSON.parse(stdout) as {pair: {probes: {verdict: string}[]}};
	return pair.probes.map(({verdict}) => verdict);
}

/** Ends both eyes and asserts that the two nodes never answered for the address at the same time. */
export async function assertNeverTwo(
	t: ExecutionContext,
	eyes: readonly [Probe<EyeReport>, Probe<EyeReport>],
): Promise<void> {
	const [one, other] = await Promise.all([eyes[0].stop(), eyes[1].stop()]);
	const {doubleArp, doubleTcp} = summarizeEyes(one, other);
	figure(t, 'samples', one.samples.length + other.samples.length, 'looks');
	figure(t, 'two answered at once', `${doubleArp} by ARP, ${doubleTcp} by TCP`, 'times');
	t.is(doubleTcp, 0, 'two nodes answered TCP for the address at the same time');
	t.is(doubleArp, 0, 'two nodes answered ARP for the address at the same time');
}

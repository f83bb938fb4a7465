import {spawn} from 'node:child_process';
import {randomUUID} from 'node:crypto';
import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {PeerChannel} from '../../src/peer/peer-channel.ts';
import {readFileSet} from '../../src/sync/file-set.ts';
import {SyncJournal} from '../../src/sync/journal.ts';
import {LocalSync} from '../../src/sync/local-sync.ts';
import {describeFile} from '../../src/sync/wire.ts';
import {recordLog} from '../helpers/record-log.ts';
import {makeSyncStage, type SyncStage} from '../helpers/sync-nodes.ts';
import {waitFor} from '../helpers/wait-for.ts';

const old = /timeout client 1s/;
const young = /timeout client 2s/;

async function makeStage(t: ExecutionContext): Promise<SyncStage> {
	const stage = await makeSyncStage(t);
	stage.write('lb1', 'hapair.cfg', stage.read('lb1', 'hapair.cfg').replace('client 1s', 'client 2s'));
	return stage;
}

/** lb1 has files then that it does not run. */
function changeAgain(stage: SyncStage): void {
	stage.write('lb1', 'hapair.cfg', stage.read('lb1', 'hapair.cfg').replace('client 2s', 'client 3s'));
}

const config = (stage: SyncStage, node: 'lb1' | 'lb2'): string => stage.read(node, 'hapair.cfg');
const hidden = (stage: SyncStage, node: 'lb1' | 'lb2'): string[] =>
	readdirSync(stage.directory(node)).filter(name => name.startsWith('.'));

/** A node's channel with nothing behind it. */
function openChannel(t: ExecutionContext, stage: SyncStage, node: 'lb1' | 'lb2') {
	const {pair, keys, files} = stage.setup(node);
	const [own, peer] = node === 'lb1' ? pair.nodes : [pair.nodes[1], pair.nodes[0]];
	const ends = {
		own: {pair: pair.name, node: own.name, version: '1', address: own.address},
		peer: {node: peer.name, address: peer.address},
		port: stage.port,
		keys,
	};
	const channel = new PeerChannel(ends, recordLog().log);
	t.teardown(() => channel.close());
	return {channel, files};
}

/** lb1 as far as lb2 can tell: prepares, goes away, and later says what was decided. */
async function prepareAsLb1(t: ExecutionContext, stage: SyncStage) {
	const {channel, files} = openChannel(t, stage, 'lb1');
	let [outcome, asked] = ['pending', 0];
	channel.on('sync outcome', async () => {
		asked++;
		return {outcome};
	});
	channel.start();
	const prepare = async (): Promise<void> => {
		const id = randomUUID();
		const set = readFileSet(files, undefined);
		await channel.converse(async session => {
			const entries = set.files.map(describeFile);
			await session.request('sync begin', {id, entries, digest: set.digest, running: ''}, 5000);
			for (const {bytes} of set.files) await session.request('sync put', {content: bytes.toString('base64')}, 5000);
			await session.request('sync prepare', {id}, 5000);
		});
	};
	await prepare();
	return {
		prepare,
		asked: () => asked,
		decide: (word: string) => {
			outcome = word;
		},
	};
}

test('a node that prepared and lost the other one changes nothing until it knows the decision', async t => {
	const stage = await makeStage(t);
	await stage.start('lb2');
	const lb1 = await prepareAsLb1(t, stage);
	await waitFor('a question', () => lb1.asked() > 0);
	t.regex(config(stage, 'lb2'), old);
	lb1.decide('committed');
	await waitFor('the files', () => young.test(config(stage, 'lb2')));
	t.regex(stage.read('lb2', 'hapair.cfg.previous'), old);
	await waitFor('an end', () => hidden(stage, 'lb2').length === 0);
});

test('what was not decided is dropped', async t => {
	const stage = await makeStage(t);
	const {lines} = await stage.start('lb2');
	const lb1 = await prepareAsLb1(t, stage);
	t.is(hidden(stage, 'lb2').length, 2);
	lb1.decide('aborted');
	await waitFor('an end', () => hidden(stage, 'lb2').length === 0);
	t.regex(config(stage, 'lb2'), old);
	t.true(lines.some(({message}) => message === 'a sync was not decided, and is dropped'));
});

/** A node as a process of its own, which ends by SIGKILL at the moment that is named (`sync-node.ts`). */
async function startProcess(t: ExecutionContext, stage: SyncStage, node: 'lb1' | 'lb2', end: string) {
	const {stateDirectory = '', files} = stage.setup(node);
	const program = join(import.meta.dirname, '..', 'fixtures', 'sync-node.ts');
	const child = spawn(process.execPath, [program, node, stateDirectory, end, ...files], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	t.teardown(() => void child.kill('SIGKILL'));
	const gone = new Promise<NodeJS.Signals | null>(resolve => child.once('exit', (_, signal) => resolve(signal)));
	await new Promise(resolve => child.stdout.once('data', resolve));
	return {child, gone};
}

for (const [end, node, change, outcome] of [
	['push-prepared', 'lb1', 'lb1', old],
	['pull-prepared', 'lb2', 'lb1', old],
	['pull-decided', 'lb2', 'lb1', young],
] as const) {
	test(`kill -9 of the node that orders a sync (${end}): both have ${outcome === old ? 'the old files' : 'the new ones'} when it is back`, async t => {
		const stage = await makeStage(t);
		const other = node === 'lb1' ? 'lb2' : 'lb1';
		const {lines} = await stage.start(other, async () => 'running');
		const {gone} = await startProcess(t, stage, node, end);
		t.is(await gone, 'SIGKILL');
		const back = await stage.start(node, async () => 'running');
		if (outcome === young) t.regex(config(stage, 'lb2'), young);
		else await waitFor('what was prepared to be dropped', () => lines.some(({message}) => /is dropped$/.test(message)));
		if (outcome === old) t.regex(config(stage, 'lb2'), old);
		t.deepEqual([...hidden(stage, 'lb1'), ...hidden(stage, 'lb2')], []);
		t.regex(
			await back.service.synchronise(node === change ? 'push' : 'pull', () => {}),
			/have the same files/,
			'and the next one works',
		);
		t.regex(config(stage, 'lb2'), young);
	});
}

test('kill -9 of the node that gets the files, when they are in their places: both have the new ones when it is back', async t => {
	const stage = await makeStage(t);
	const {gone} = await startProcess(t, stage, 'lb2', 'committing');
	const lb1 = await stage.start('lb1', async () => 'running');
	t.regex(
		await lb1.service.synchronise('push', () => {}),
		/lb2 fell silent after the decision and finishes it by itself/,
	);
	t.is(await gone, 'SIGKILL');
	await stage.start('lb2');
	t.regex(config(stage, 'lb2'), young);
	t.deepEqual(hidden(stage, 'lb2'), []);
	t.deepEqual((await lb1.service.difference()).files, []);
});

test('kill -9 of the node that has decided, before the other one hears of it: both have the new files when it is back', async t => {
	const stage = await makeStage(t);
	const {channel} = openChannel(t, stage, 'lb2');
	let isAsked = false;
	for (const ask of ['begin', 'put']) channel.on(`sync ${ask}`, async () => ({}));
	// The node that gets the files is ready for them, on its disk; then it hears nothing more.
	channel.on('sync prepare', async ({id}) => {
		decideOnDisk(stage, 'participant', 'prepared', String(id));
		return {written: [], warnings: ''};
	});
	channel.on('sync commit', () => {
		isAsked = true;
		return new Promise(() => {});
	});
	channel.start();
	await waitFor('the channel', () => channel.report().listening);
	const {child, gone} = await startProcess(t, stage, 'lb1', 'push-never');
	await waitFor('the decision', () => isAsked);
	child.kill('SIGKILL');
	await Promise.all([gone, channel.close()]);
	t.regex(config(stage, 'lb2'), old);
	await stage.start('lb1', async () => 'running');
	await stage.start('lb2', async () => 'running');
	await waitFor('the files', () => young.test(config(stage, 'lb2')));
	await waitFor('an end', () => hidden(stage, 'lb2').length === 0);
});

test('a node killed between the phases asks when it is back, and finishes', async t => {
	const stage = await makeStage(t);
	const {child, gone} = await startProcess(t, stage, 'lb2', 'never');
	const lb1 = await prepareAsLb1(t, stage);
	child.kill('SIGKILL');
	await gone;
	lb1.decide('committed');
	t.regex(config(stage, 'lb2'), old);
	await stage.start('lb2');
	await waitFor('the files', () => young.test(config(stage, 'lb2')));
	t.true(lb1.asked() > 0);
});

test('a new sync settles the one before it over its own connection', async t => {
	const stage = await makeStage(t);
	await stage.start('lb2');
	const lb1 = await prepareAsLb1(t, stage);
	await waitFor('a question', () => lb1.asked() > 0);
	await t.throwsAsync(lb1.prepare(), {message: /lb2: another sync is under way \(prepared\)/});
	lb1.decide('aborted');
	await lb1.prepare();
	t.is(hidden(stage, 'lb2').length, 2);
});

/** What a crash leaves on lb2's disk at some point of a decided sync. */
function decideOnDisk(
	stage: SyncStage,
	role: 'coordinator' | 'participant',
	upTo: 'prepared' | 'committed',
	id: string = randomUUID(),
): SyncJournal {
	const {files, stateDirectory = '', runningDigest, ...setup} = stage.setup('lb2');
	const journal = new SyncJournal(stateDirectory, files);
	const local = new LocalSync({
		...setup,
		own: 'lb2',
		files,
		localAddresses: () => [],
		runningDigest,
		secrets: [],
		journal,
		activate: async () => 'running',
		log: recordLog().log,
	});
	const set = readFileSet(stage.setup('lb1').files, undefined);
	local.prepareTarget(id, role, set.files, set.digest ?? '');
	if (upTo === 'committed') local.decide(id);
	return new SyncJournal(stateDirectory, files);
}

test('a start finishes what was decided before it reads the files', async t => {
	const stage = await makeStage(t);
	const journal = decideOnDisk(stage, 'participant', 'committed');
	t.regex(config(stage, 'lb2'), old);
	t.is(journal.settle(), 'a sync that was decided is finished');
	t.regex(config(stage, 'lb2'), young);
	t.regex(stage.read('lb2', 'hapair.cfg.previous'), old);
	t.deepEqual(hidden(stage, 'lb2'), []);
	t.true(journal.wasCommitted(journal.record?.id ?? ''));
	t.is(journal.settle(), undefined);
});

test('a start drops what the deciding node had not decided, and leaves what waits for the other', async t => {
	const stage = await makeStage(t);
	t.is(decideOnDisk(stage, 'coordinator', 'prepared').settle(), 'a sync that was not decided is dropped');
	t.deepEqual(hidden(stage, 'lb2'), []);
	t.is(decideOnDisk(stage, 'participant', 'prepared').settle(), undefined);
	t.is(hidden(stage, 'lb2').length, 2);
	t.regex(config(stage, 'lb2'), old);
});

test('files that the receiver cannot run are taken back, and the other node is left as it was', async t => {
	const stage = await makeStage(t);
	let activated = 0;
	const lb1 = await stage.start('lb1', async () => {
		activated++;
		return 'running';
	});
	let tries = 0;
	await stage.start('lb2', async () => {
		if (++tries === 1) throw new Error('no port is free');
		return 'running';
	});
	await t.throwsAsync(
		lb1.service.synchronise('push', () => {}),
		{
			message: 'lb2 refuses: lb2 cannot run the new files and keeps the old ones: no port is free',
		},
	);
	t.is(activated, 1, 'what it runs it runs again, and no new files');
	t.is(tries, 2, 'the old files are run again');
	t.regex(config(stage, 'lb2'), old);
	t.deepEqual([...hidden(stage, 'lb1'), ...hidden(stage, 'lb2')], []);
	t.false(existsSync(stage.path('lb2', 'hapair.cfg.previous')));
	t.is(
		await lb1.service.synchronise('push', () => {}),
		'lb1 and lb2 have the same files; lb1 runs them, lb2 runs them',
	);
});

test('when the node whose files they are cannot run them, the other one goes back', async t => {
	const stage = await makeStage(t);
	const lb1 = await stage.start('lb1', () => Promise.reject(new Error('not here')));
	changeAgain(stage);
	await stage.start('lb2', async () => 'running');
	await t.throwsAsync(
		lb1.service.synchronise('push', () => {}),
		{message: /^lb1 cannot run the new files .*not here$/},
	);
	t.regex(config(stage, 'lb2'), old);
	t.deepEqual(hidden(stage, 'lb2'), []);
});

test('the same holds for pull', async t => {
	const stage = await makeStage(t);
	await stage.start('lb1', () => Promise.reject(new Error('not here')));
	changeAgain(stage);
	const lb2 = await stage.start('lb2', async () => 'running');
	await t.throwsAsync(
		lb2.service.synchronise('pull', () => {}),
		{message: /^lb1 refuses: lb1 cannot run .*not here$/},
	);
	t.regex(config(stage, 'lb2'), old);
	t.deepEqual(hidden(stage, 'lb2'), []);
});

test('a node that goes away behind the decision has the files when it is back', async t => {
	const stage = await makeStage(t);
	const lb1 = await stage.start('lb1', async () => 'running');
	const lb2 = await stage.start('lb2', () => new Promise(() => void lb2.stop()));
	t.is(
		await lb1.service.synchronise('push', () => {}),
		'lb1 runs them; lb2 fell silent after the decision and finishes it by itself when it is back',
	);
	await stage.start('lb2');
	t.regex(config(stage, 'lb2'), young);
	t.deepEqual(hidden(stage, 'lb2'), []);
	t.deepEqual((await lb1.service.difference()).files, []);
});

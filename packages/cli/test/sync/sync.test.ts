import {
	chmodSync,
	chownSync,
	existsSync,
	mkdirSync,
	readdirSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {UserError} from '../../src/exit-codes.ts';
import {PeerError} from '../../src/peer/peer-session.ts';
import {makeSyncStage, type RunningNode, type SyncStage} from '../helpers/sync-nodes.ts';

async function startBoth(t: ExecutionContext, names?: readonly string[]) {
	const stage = await makeSyncStage(t, names);
	const lb1 = await stage.start('lb1');
	const lb2 = await stage.start('lb2');
	return {stage, lb1, lb2};
}

const timeouts = (stage: SyncStage, node: 'lb1' | 'lb2', client: string): void =>
	stage.write(
		node,
		'hapair.cfg',
		stage.read(node, 'hapair.cfg').replace(/timeout client \d+s/, `timeout client ${client}`),
	);

async function push(
	node: RunningNode,
	direction: 'push' | 'pull' = 'push',
): Promise<{said: string; progress: string[]}> {
	const progress: string[] = [];
	return {said: await node.service.synchronise(direction, message => progress.push(message)), progress};
}

/** Nothing of a sync lies beside the files. */
const leftovers = (stage: SyncStage, node: 'lb1' | 'lb2'): string[] =>
	readdirSync(stage.directory(node)).filter(name => name.startsWith('.'));

test('the difference is unified, from this node to the other, and what nobody else may read is not shown', async t => {
	const {stage, lb1, lb2} = await startBoth(t);
	t.deepEqual((await lb1.service.difference()).files, []);
	timeouts(stage, 'lb2', '9s');
	const {own, peer, files, remarks} = await lb1.service.difference();
	t.deepEqual([own, peer, files.length], ['lb1', 'lb2', 1]);
	t.is(files[0]?.path, stage.path('lb1', 'hapair.cfg'));
	t.deepEqual(
		files[0]?.lines.filter(line => /^[-+]/.test(line)),
		['-    timeout client 1s', '+    timeout client 9s'],
	);
	t.deepEqual(remarks, ['lb2 has files that it does not run yet: hapair reload there']);
	t.true((await lb2.service.difference()).files[0]?.lines.includes('+    timeout client 1s'));
	chmodSync(stage.path('lb2', 'hapair.cfg'), 0o640);
	const closed = (await lb1.service.difference()).files[0];
	t.deepEqual(closed?.lines, []);
	t.is(closed?.remark, 'not shown: it is closed to others (mode 0640)');
});

test('push gives the other node the files, pull takes them; the ones before stay as .previous', async t => {
	const {stage, lb1, lb2} = await startBoth(t);
	timeouts(stage, 'lb1', '2s');
	const {said, progress} = await push(lb1);
	t.is(said, 'lb1 and lb2 have the same files; lb1 needs a restart to run them, lb2 needs a restart to run them');
	t.true(progress.includes(`lb2 will write ${stage.path('lb2', 'hapair.cfg')}`));
	t.is(stage.read('lb2', 'hapair.cfg'), stage.read('lb1', 'hapair.cfg'));
	t.regex(stage.read('lb2', 'hapair.cfg.previous'), /timeout client 1s/);
	t.false(existsSync(stage.path('lb1', 'hapair.cfg.previous')), 'the node whose files are taken writes none');
	timeouts(stage, 'lb1', '3s');
	await push(lb2, 'pull');
	t.regex(stage.read('lb2', 'hapair.cfg'), /timeout client 3s/);
	t.regex(stage.read('lb2', 'hapair.cfg.previous'), /timeout client 2s/);
	t.deepEqual((await lb2.service.difference()).files, []);
	t.true((await push(lb1)).progress.includes('lb2 has these files already'));
	t.deepEqual([...leftovers(stage, 'lb1'), ...leftovers(stage, 'lb2')], []);
});

const withNamed = (text: string): string =>
	text
		.replace(/^defaults/, 'global\n    default-path config\ndefaults\n    mode http')
		.replace('    bind ', '    errorfile 503 errors/503.http\n    acl known src -f maps/known.txt\n    bind ');

test('files that the configuration names come along: error pages and patterns, in place and new', async t => {
	const {stage, lb1, lb2} = await startBoth(t);
	stage.write('lb1', 'errors/503.http', 'HTTP/1.0 503 Sorry\r\n\r\n');
	stage.write('lb1', 'maps/known.txt', '10.0.0.0/8\n');
	stage.write('lb1', 'hapair.cfg', withNamed(stage.read('lb1', 'hapair.cfg')));
	t.deepEqual(
		(await lb1.service.difference()).files.map(({kind}) => kind),
		['differs', 'only here', 'only here'],
	);
	const missing = await t.throwsAsync(push(lb1), {instanceOf: UserError});
	t.regex(missing?.message ?? '', /^lb2 refuses: .*there is no directory .*\/lb2\/etc\/(errors|maps) here/);
	t.deepEqual(leftovers(stage, 'lb2'), []);
	for (const name of ['errors', 'maps']) mkdirSync(stage.path('lb2', name));
	chmodSync(stage.path('lb1', 'maps/known.txt'), 0o666);
	await push(lb1);
	t.regex(stage.read('lb2', 'errors/503.http'), /Sorry/);
	t.is(stage.read('lb2', 'maps/known.txt'), '10.0.0.0/8\n');
	t.is(statSync(stage.path('lb2', 'maps/known.txt')).mode & 0o777, 0o644, 'never writable for others');
	t.deepEqual((await lb2.service.difference()).files, []);
	stage.write('lb2', 'maps/known.txt', '192.0.2.0/24\n');
	t.deepEqual((await lb1.service.difference()).files[0]?.lines, ['@@ -1 +1 @@', '-10.0.0.0/8', '+192.0.2.0/24']);
	t.not(stage.setup('lb1').runningDigest(), stage.setup('lb2').runningDigest(), 'a map is part of the digest');
	await push(lb1, 'pull');
	t.is(stage.read('lb1', 'maps/known.txt'), '192.0.2.0/24\n');
	t.is(stage.read('lb1', 'maps/known.txt.previous'), '10.0.0.0/8\n');
});

test('a certificate comes along where its line says sync, and is drift when it differs; one without stays with its node', async t => {
	const stage = await makeSyncStage(t);
	for (const node of ['lb1', 'lb2'] as const) {
		const text = stage.read(node, 'hapair.cfg').replace('defaults', 'global\n    default-path config\ndefaults');
		stage.write(node, 'hapair.cfg', `${text}    certificate shared.pem sync\n    certificate own.pem\n`);
		stage.write(node, 'own.pem', node);
		writeFileSync(stage.path(node, 'shared.pem'), 'before', {mode: 0o600});
	}
	const digest = (node: 'lb1' | 'lb2') => stage.setup(node).runningDigest();
	t.is(digest('lb1'), digest('lb2'));
	const lb1 = await stage.start('lb1');
	await stage.start('lb2');
	t.deepEqual((await lb1.service.difference()).files, []);
	stage.write('lb1', 'shared.pem', 'renewed');
	t.not(digest('lb1'), digest('lb2'), 'drift');
	const {files, remarks} = await lb1.service.difference();
	t.like(files[0], {path: stage.path('lb1', 'shared.pem'), lines: []});
	t.regex(files[0]?.remark ?? '', /closed to others/, 'a key is not shown');
	t.deepEqual(remarks, ['lb1 has files that it does not run yet: hapair reload there']);
	await push(lb1);
	t.is(stage.read('lb2', 'shared.pem'), 'renewed');
	t.is(statSync(stage.path('lb2', 'shared.pem')).mode & 0o777, 0o600);
	t.is(stage.read('lb2', 'own.pem'), 'lb2');
	t.is(digest('lb1'), digest('lb2'));
	rmSync(stage.path('lb1', 'shared.pem'));
	t.regex(
		(await lb1.service.difference()).remarks.join(),
		/lb1 does not compare .*shared\.pem: cannot be read \(ENOENT\)/,
	);
});

test('different versions of hapair are named, and blamed for what the other one does not take', async t => {
	const stage = await makeSyncStage(t);
	const lb1 = await stage.start('lb1');
	await stage.start('lb2', undefined, '2');
	const versions = 'lb1 runs hapair 1, lb2 runs hapair 2';
	t.deepEqual((await lb1.service.difference()).remarks, [versions]);
	timeouts(stage, 'lb1', '2s');
	t.true((await push(lb1)).progress.includes(versions), 'what both can run is taken');
	stage.write('lb1', 'hapair.cfg', stage.read('lb1', 'hapair.cfg').replace('node lb2', 'node lb3'));
	const error = await t.throwsAsync(push(lb1), {instanceOf: UserError});
	t.regex(error?.message ?? '', /^lb2 refuses: [^\n]+\nlb1 runs hapair 1, lb2 runs hapair 2$/);
	t.is(error?.hint, 'install the same version on both');
});

test('a configuration with errors is refused by the node that has it, and nothing changes anywhere', async t => {
	const {stage, lb1, lb2} = await startBoth(t);
	const before = stage.read('lb2', 'hapair.cfg');
	stage.write('lb1', 'hapair.cfg', `${stage.read('lb1', 'hapair.cfg')}    tracc frontend web\n`);
	await t.throwsAsync(push(lb1), {
		instanceOf: UserError,
		message: /^lb1 has errors in its own files:\n.*unknown keyword 'tracc'/s,
	});
	await t.throwsAsync(push(lb2, 'pull'), {message: /lb1 has errors in its own files/});
	t.is(stage.read('lb2', 'hapair.cfg'), before);
	t.regex((await lb2.service.difference()).remarks.join(), /lb1 has files with errors/);
});

test('what is right here and wrong there is refused with the finding of the node that would have to run it', async t => {
	const {stage, lb1} = await startBoth(t);
	const before = stage.read('lb2', 'hapair.cfg');
	// A pair in which lb2 is called otherwise: lb1 would find itself, lb2 would not.
	stage.write('lb1', 'hapair.cfg', before.replace('node lb2', 'node lb3').replace('client 1s', 'client 2s'));
	const error = await t.throwsAsync(push(lb1), {instanceOf: UserError});
	t.regex(
		error?.message ?? '',
		/^lb2 refuses: --node lb2: the pair "oslo" has the nodes lb1 \(127\.0\.0\.11\) and lb3/,
	);
	t.is(stage.read('lb2', 'hapair.cfg'), before);
	t.deepEqual(leftovers(stage, 'lb2'), []);
	// And a later one works.
	stage.write('lb1', 'hapair.cfg', before.replace('client 1s', 'client 2s'));
	await push(lb1);
	t.regex(stage.read('lb2', 'hapair.cfg'), /client 2s/);
});

test('the number of configuration files must be the same', async t => {
	const {stage, lb1} = await startBoth(t, ['hapair.cfg', 'more.cfg']);
	stage.write('lb1', 'more.cfg', '# more\n');
	await push(lb1);
	t.is(stage.read('lb2', 'more.cfg'), '# more\n');
});

test('owner and mode of a file that is there stay, and a link is followed', async t => {
	const {stage, lb1} = await startBoth(t, ['hapair.cfg', 'linked.cfg']);
	const target = stage.path('lb2', 'real/linked.txt');
	mkdirSync(join(stage.directory('lb2'), 'real'));
	writeFileSync(target, '', {mode: 0o640});
	const link = stage.path('lb2', 'linked.cfg');
	rmSync(link);
	symlinkSync(target, link);
	if (process.getuid?.() === 0) chownSync(target, 65_534, 65_534);
	const {uid, gid} = statSync(target);
	stage.write('lb1', 'linked.cfg', '# new\n');
	await push(lb1);
	t.is(stage.read('lb2', 'linked.cfg'), '# new\n');
	const after = statSync(target);
	t.deepEqual([after.uid, after.gid, after.mode & 0o777], [uid, gid, 0o640]);
	t.true(existsSync(`${target}.previous`));
});

test('a peer that is not there is named, and a second sync at a time is refused', async t => {
	const stage = await makeSyncStage(t);
	const lb1 = await stage.start('lb1');
	const error = await t.throwsAsync(lb1.service.difference(), {instanceOf: PeerError});
	t.regex(error?.message ?? '', /^lb2 \(127\.0\.0\.12 port \d+\) cannot be reached: nobody listens/);
	await stage.start('lb2');
	const [first, second] = await Promise.allSettled([push(lb1), push(lb1)]);
	t.is(first.status, 'fulfilled');
	t.is(second.status, 'rejected');
	t.is(second.status === 'rejected' && String(second.reason.message), 'a sync is already under way');
});

import {existsSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {type InitOptions, init} from '../../src/commands/init.ts';
import {exitCodes, UserError} from '../../src/exit-codes.ts';
import {recordIo} from '../helpers/record-io.ts';
import {runHapair} from '../helpers/run-hapair.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

function optionsFor(t: ExecutionContext, changes: Partial<InitOptions> = {}): InitOptions {
	return {
		directory: join(makeTempDirectory(t), 'etc'),
		pairName: 'main',
		nodes: ['lb1=127.0.0.1', 'lb2=127.0.0.2'],
		vip: '127.0.9.9/32',
		dev: 'lo',
		bind: '127.0.0.1:18999',
		servers: ['web1=127.0.0.1:18998', '127.0.0.1:18997'],
		force: false,
		writeOnly: true,
		codeFile: undefined,
		start: false,
		port: 3696,
		json: false,
		...changes,
	};
}

test('what it writes is accepted by check, and the key is closed to others', async t => {
	const options = optionsFor(t);
	const flags = [
		...options.nodes.flatMap(node => ['--node', node]),
		...options.servers.flatMap(one => ['--server', one]),
	];
	const made = await runHapair(t, [
		...[
			'init',
			'--write-only',
			'--directory',
			options.directory,
			'--vip',
			'127.0.9.9/32',
			'--dev',
			'lo',
			'--bind',
			options.bind,
		],
		...flags,
	]);
	t.is(made.code, exitCodes.ok, made.err);
	t.regex(made.out, /^\S+hapair\.cfg and \S+pair\.key written\. Next:\n {2}1\. copy both files to lb2/);
	t.is(statSync(join(options.directory, 'pair.key')).mode & 0o7777, 0o600);
	const checked = await runHapair(t, ['check', '-f', join(options.directory, 'hapair.cfg'), '--json']);
	const {ok, diagnostics, summary} = JSON.parse(checked.out);
	t.true(ok, checked.out);
	t.is(checked.code, exitCodes.ok);
	t.deepEqual(
		diagnostics.filter((one: {severity: string}) => one.severity === 'error'),
		[],
	);
	t.true(summary.some((line: string) => line.startsWith('pair main: lb1 (127.0.0.1, priority 150)')));
});

test('what exists is kept, without --force', async t => {
	const options = optionsFor(t);
	t.is(await init(options, recordIo().io), exitCodes.ok);
	const configFile = join(options.directory, 'hapair.cfg');
	const before = readFileSync(configFile, 'utf8');
	const error = await t.throwsAsync(init({...options, dev: 'eth1'}, recordIo().io), {instanceOf: UserError});
	t.is(error?.message, `${configFile} exists and is not overwritten; nothing was written`);
	t.regex(error?.hint ?? '', /--force/);
	t.is(readFileSync(configFile, 'utf8'), before);
});

test('--force replaces the configuration and keeps the key, which the other node has too', async t => {
	const options = optionsFor(t);
	await init(options, recordIo().io);
	const key = readFileSync(join(options.directory, 'pair.key'), 'utf8');
	const {io, out} = recordIo();
	t.is(await init({...options, dev: 'eth1', force: true, json: true}, io), exitCodes.ok);
	t.like(JSON.parse(out()), {ok: true, keyIsNew: false});
	t.is(readFileSync(join(options.directory, 'pair.key'), 'utf8'), key);
	t.regex(readFileSync(join(options.directory, 'hapair.cfg'), 'utf8'), /virtual-ip 127\.0\.9\.9\/32 dev eth1/);
	t.false(existsSync(join(options.directory, 'hapair.cfg.new')));
});

const wrongAnswers: readonly {readonly changes: Partial<InitOptions>; readonly message: RegExp}[] = [
	{changes: {nodes: ['lb1=127.0.0.1', 'lb2=nope']}, message: /^--node lb2=nope: "nope" is not an IP address$/},
	{changes: {nodes: ['a=10.0.0.1', 'b=10.0.0.2', 'c=10.0.0.3']}, message: /^a pair has two nodes/},
	{changes: {vip: '10.0.0.100'}, message: /^--vip 10\.0\.0\.100: is not ADDRESS\/PREFIX$/},
	{changes: {dev: 'a b'}, message: /^--dev a b: is not the name of an interface$/},
	{changes: {servers: ['web1']}, message: /^--server web1: is not NAME=ADDRESS:PORT$/},
	{changes: {vip: undefined, servers: []}, message: /^missing: --vip ADDRESS\/PREFIX, --server NAME=ADDRESS:PORT/},
];
for (const {changes, message} of wrongAnswers) {
	test(`a wrong answer is a usage error and writes nothing: ${message.source}`, async t => {
		const options = optionsFor(t, changes);
		const error = await t.throwsAsync(init(options, recordIo().io), {instanceOf: UserError});
		t.regex(error?.message ?? '', message);
		t.is(error?.exitCode, exitCodes.usage);
		t.not(error?.hint, undefined);
		t.false(existsSync(options.directory));
	});
}

test('answers that make no valid configuration are shown with their line, and nothing is written', async t => {
	const options = optionsFor(t, {bind: 'nonsense'});
	const {io, err} = recordIo();
	await t.throwsAsync(init(options, io), {message: /no valid configuration; nothing was written/});
	t.regex(err(), /hapair\.cfg:\d+:\d+: error: /);
	t.false(existsSync(options.directory));
});

test('a place that cannot be made is one sentence', async t => {
	const error = await t.throwsAsync(init(optionsFor(t, {directory: '/proc/hapair'}), recordIo().io), {
		instanceOf: UserError,
	});
	t.regex(error?.message ?? '', /^\/proc\/hapair cannot be written/);
});

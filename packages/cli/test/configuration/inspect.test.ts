import {chmodSync, chownSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Configuration, Diagnostic, Hook, Pair} from '@hapair/config';
import test, {type ExecutionContext} from 'ava';
import {
	findTools,
	type InspectOptions,
	inspectMachine,
	isEmpty,
	readErrorFiles,
} from '../../src/configuration/inspect.ts';
import {parseText} from '../../src/configuration/load.ts';
import {UserError} from '../../src/exit-codes.ts';
import {samplePair} from '../helpers/samples.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {writeProgram} from '../helpers/write-program.ts';

const uid = process.getuid?.() ?? 0;
const position = {file: 'pair.cfg', line: 7, column: 3};
const options: InspectOptions = {
	files: ['pair.cfg'],
	uid,
	localAddresses: ['10.0.0.11'],
	nodeName: undefined,
	tools: {ip: '/ip', nft: '/nft', arping: '/arping'},
	mayMoveAddresses: true,
};
const timeouts = 'defaults\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n';

function parse(text: string): Configuration {
	const {configuration} = parseText('pair.cfg', timeouts + text);
	if (configuration === undefined) throw new Error('the configuration of the test is wrong');
	return configuration;
}

const alone = parse('listen a\n bind 127.0.0.1:1\n');

/** A pair on this machine with nothing wrong. */
function soundPair(t: ExecutionContext, changes: Partial<Pair> = {}): Configuration {
	const key = join(makeTempDirectory(t), 'pair.key');
	writeFileSync(key, 'a secret of enough bytes\n', {mode: 0o600});
	const virtualAddresses = samplePair.virtualAddresses.map(vip => ({...vip, interface: 'lo'}));
	return {...alone, pair: {...samplePair, secretFiles: [key], virtualAddresses, ...changes}};
}

const brief = (found: readonly Diagnostic[]): string[] => found.map(({severity, message}) => `${severity}: ${message}`);

test('a sound pair on its own node has no findings', t => {
	t.deepEqual(inspectMachine(soundPair(t), options), []);
});

test('a file that would run nothing is an error in that file', t => {
	const empty = parse('');
	t.true(isEmpty(empty));
	t.false(isEmpty(alone));
	t.false(isEmpty({...empty, pair: samplePair}), 'a pair may move an address for somebody else');
	t.like(inspectMachine(empty, options)[0], {severity: 'error', file: 'pair.cfg', line: 1});
	t.true(isEmpty(parse('listen a\n disabled\n bind 127.0.0.1:1\n')));
});

test('each missing tool is told with its effect and its package', t => {
	const found = inspectMachine(soundPair(t), {...options, tools: {}});
	t.deepEqual(brief(found), [
		'warning: ip is not installed: the virtual address cannot be set',
		'warning: nft is not installed: there is no kernel lease: a killed or frozen heartbeat goes on answering for the address for up to 6 s, beside a peer that has taken over',
		'warning: arping is not installed: the network is not told of a takeover and learns it late',
	]);
	t.deepEqual(
		found.map(({hint}) => hint),
		['install the package iproute2', 'install the package nftables', 'install the package iputils-arping'],
	);
	const {ip} = findTools();
	t.true(ip === undefined || ip.startsWith('/'));
});

test('a user who may not move addresses is told', t => {
	const found = inspectMachine(soundPair(t), {...options, mayMoveAddresses: false});
	t.deepEqual(brief(found), [
		'warning: this user may not move addresses, so this node could never hold the virtual address',
	]);
});

test('an interface that is not there is a warning at its line', t => {
	const tracks = [{kind: 'interface', interface: 'nope1', position}] as const;
	const virtualAddresses = samplePair.virtualAddresses.map(vip => ({...vip, interface: 'nope0', position}));
	const found = inspectMachine(soundPair(t, {tracks, virtualAddresses}), options);
	t.deepEqual(brief(found), [
		'warning: this machine has no interface nope0',
		'warning: this machine has no interface nope1',
	]);
	t.like(found[0], {line: 7, column: 3, hint: 'list them with: ip -brief link'});
});

test('a machine that is neither node is a warning; --node settles it', t => {
	const elsewhere = {...options, localAddresses: ['192.0.2.1']};
	t.regex(brief(inspectMachine(soundPair(t), elsewhere))[0] ?? '', /^warning: this machine is neither node/);
	t.deepEqual(inspectMachine(soundPair(t), {...elsewhere, nodeName: 'lb2'}), []);
});

interface WrongKey {
	readonly title: string;
	/** Makes the wrong key and returns its path. */
	readonly make: (directory: string) => string;
	readonly message: RegExp;
}

const write = (directory: string, text: string, mode = 0o600): string => {
	const path = join(directory, 'wrong.key');
	writeFileSync(path, text);
	chmodSync(path, mode);
	return path;
};
const good = 'a secret of enough bytes\n';
const wrongKeys: readonly WrongKey[] = [
	{title: 'missing', make: directory => join(directory, 'wrong.key'), message: /there is no such file$/},
	{
		title: 'readable for all',
		make: directory => write(directory, good, 0o644),
		message: /is open to others \(mode 0644\)/,
	},
	{title: 'readable for its group', make: directory => write(directory, good, 0o640), message: /is open to others/},
	{
		title: 'too short',
		make: directory => write(directory, 'short\n'),
		message: /holds 5 bytes, it needs at least 16$/,
	},
	{title: 'empty', make: directory => write(directory, ''), message: /holds 0 bytes/},
	{title: 'a directory', make: directory => directory, message: /is not a regular file$/},
	{
		title: 'behind a link to a file open to others',
		make: directory => {
			symlinkSync(write(directory, good, 0o644), join(directory, 'link.key'));
			return join(directory, 'link.key');
		},
		message: /link\.key: is open to others/,
	},
];
for (const {title, make, message} of wrongKeys) {
	test(`a key that is ${title} is an error that names the file`, t => {
		const path = make(makeTempDirectory(t));
		const [found] = inspectMachine(soundPair(t, {secretFiles: [path]}), options);
		t.is(found?.severity, 'error');
		t.true(found?.message.startsWith(`${path}: `), found?.message);
		t.regex(found?.message ?? '', message);
		t.not(found?.hint, undefined, 'every wrong key has a remedy');
	});
}

test('a key of another user is an error with the command that helps', t => {
	const path = write(makeTempDirectory(t), good);
	// Only root can give a file away; for anybody else the same is seen as a stranger's uid.
	const asUid = uid === 0 ? uid : uid + 1;
	if (uid === 0) chownSync(path, 12_345, 12_345);
	const [found] = inspectMachine(soundPair(t, {secretFiles: [path]}), {...options, uid: asUid});
	t.is(found?.severity, 'error');
	t.regex(found?.message ?? '', /belongs to user id \d+/);
	t.regex(found?.hint ?? '', /^chown \d+ /);
});

(uid === 0 ? test : test.skip)("a key of root's, which the service could not read, is a warning to root", t => {
	const found = inspectMachine(soundPair(t), {...options, uid: 999});
	t.regex(brief(found).join(), /^warning: \S+pair\.key belongs to root, so the service cannot read it$/);
	t.regex(found[0]?.hint ?? '', /^chown hapair: /);
});

test('a token file that is not there is a warning: only the admin address stays closed', t => {
	const admin = {host: '127.0.0.1', port: 8404, hostNames: []};
	t.deepEqual(inspectMachine(soundPair(t, {admin}), options), []);
	const [found] = inspectMachine(soundPair(t, {admin: {...admin, tokenFile: '/nonexistent/token'}}), options);
	t.like(found, {
		severity: 'warning',
		message: '/nonexistent/token: there is no such file; the admin address stays closed',
	});
});

test('the programs of hooks, tracks and takeover must be there and safe', t => {
	const directory = makeTempDirectory(t);
	const plain = writeProgram(directory, 'plain', '', 0o644);
	const hooks: readonly Hook[] = [
		{on: 'master', kind: 'exec', argv: [plain], timeoutMs: 1, position},
		{on: 'change', kind: 'webhook', url: 'http://x/', secretFile: '/nonexistent', timeoutMs: 1, position},
	];
	const timing = {everyMs: 1, timeoutMs: 1, rise: 1, fall: 1, position};
	const tracks = [{kind: 'script', argv: ['/nonexistent/check'], ...timing}] as const;
	const drivers = [{kind: 'exec', argv: [directory], user: 'nobody', timeoutMs: 1, position}] as const;
	t.deepEqual(brief(inspectMachine(soundPair(t, {hooks, tracks, drivers}), options)), [
		`error: the hook on master cannot be run: ${plain}: is not executable (chmod 755 ${plain})`,
		'error: /nonexistent: there is no such file',
		'error: the track script cannot be run: /nonexistent/check: there is no such file',
		`error: the takeover program cannot be run: ${directory}: is not a file`,
	]);
});

test('error files are read; a missing one is an error at its line, one that is too large a warning', t => {
	const path = join(makeTempDirectory(t), '503.http');
	const configuration = parse(`listen a\n bind 127.0.0.1:1\n errorfile 503 ${path}\n`);
	t.regex(brief(inspectMachine(configuration, options))[0] ?? '', /^error: error file .* cannot be read \(ENOENT\)$/);
	t.regex(
		t.throws(() => readErrorFiles(configuration), {instanceOf: UserError})?.message ?? '',
		/^pair\.cfg:\d+: error file /,
	);
	writeFileSync(path, 'HTTP/1.0 503 x\r\n\r\n');
	t.is(Buffer.from(readErrorFiles(configuration)[path] ?? []).toString(), 'HTTP/1.0 503 x\r\n\r\n');
	writeFileSync(path, 'x'.repeat(20_000));
	t.regex(
		brief(inspectMachine(configuration, options))[0] ?? '',
		/^warning: .* has 20000 bytes, more than tune\.bufsize/,
	);
});

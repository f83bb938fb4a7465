import {spawnSync} from 'node:child_process';
import test from 'ava';
import {buildIdentityFilter} from '../../src/privileges/identity-filter.ts';
import {readMachineFacts} from '../../src/privileges.ts';

const own = 64_207;
const proxy = 64_208;
const kept = '-all,+setuid,+setgid,+net_bind_service';
const powers = ['--bounding-set', kept, '--inh-caps', kept, '--ambient-caps', kept, '--no-new-privs'];
const become = (uid: number, gid: number): string[] => ['--reuid', String(uid), '--regid', String(gid)];

/** What a service with CAP_SETUID and CAP_SETGID can become, before and after it locked itself to one other user. */
const module = new URL('../../src/privileges/identity-lock.ts', import.meta.url).href;
const program = `
const {spawnSync} = await import('node:child_process');
const {Worker} = await import('node:worker_threads');
const attempts = {
	proxy: ['--reuid', '${proxy}', '--regid', '${proxy}', '--clear-groups'],
	itself: ['--reuid', '${own}', '--regid', '${own}', '--keep-groups'],
	root: ['--reuid', '0'],
	otherUser: ['--reuid', '1'],
	rootGroup: ['--regid', '0', '--keep-groups'],
	shadow: ['--groups', '42'],
};
const tryAll = () => Object.fromEntries(Object.entries(attempts).map(([name, argv]) =>
	[name, spawnSync('setpriv', [...argv, '/bin/true']).status === 0]));
const before = tryAll();
// A thread that is there already is locked too.
const thread = new Worker("const {parentPort} = process.getBuiltinModule('node:worker_threads'); const {spawnSync} = process.getBuiltinModule('node:child_process');" +
	"parentPort.on('message', () => { parentPort.postMessage(spawnSync('setpriv', ['--reuid', '0', '/bin/true']).status); })", {eval: true});
const {lockIdentities} = await import(${JSON.stringify(module)});
const locked = lockIdentities({uids: [${own}, ${proxy}], gids: [${own}, ${proxy}]});
const after = tryAll();
let direct = '';
try { process.setuid(0); } catch (error) { direct = error.code; }
const asked = new Promise(resolve => thread.once('message', resolve));
thread.postMessage('');
const inThread = await asked;
await thread.terminate();
console.log(JSON.stringify({before, locked, after, direct, inThread}));
`;

test('after the lock the kernel lets nobody be anybody but the two users', t => {
	const {uid, setpriv, uidMap} = readMachineFacts();
	if (uid !== 0 || setpriv === undefined || !uidMap.some(({count}) => count > own)) {
		t.pass('only root can become two other users');
		return;
	}
	const argv = [
		...become(own, own),
		'--clear-groups',
		...powers,
		process.execPath,
		'--input-type=module',
		'-e',
		program,
	];
	const {stdout, stderr} = spawnSync(setpriv, argv, {encoding: 'utf8', timeout: 30_000});
	const said = JSON.parse(stdout.trim() === '' ? `{"stderr": ${JSON.stringify(stderr)}}` : stdout);
	t.is(said.stderr, undefined);
	t.deepEqual(said.before, {proxy: true, itself: true, root: true, otherUser: true, rootGroup: true, shadow: true});
	t.true(said.locked);
	t.deepEqual(said.after, {
		proxy: true,
		itself: true,
		root: false,
		otherUser: false,
		rootGroup: false,
		shadow: false,
	});
	t.is(said.direct, 'EPERM');
	t.not(said.inThread, 0);
});

/** What the kernel does with a program of these four instructions (Documentation/networking/filter.rst). */
function judge(filter: Buffer, audit: number, call: number, ...ids: number[]): number {
	const data = Buffer.alloc(64);
	data.writeUInt32LE(call, 0);
	data.writeUInt32LE(audit, 4);
	ids.forEach((id, index) => void data.writeUInt32LE(id >>> 0, 16 + 8 * index));
	let accumulator = 0;
	for (let at = 0; ; at += 8) {
		const value = filter.readUInt32LE(at + 4);
		const jump = (holds: boolean): number => filter.readUInt8(at + (holds ? 2 : 3)) * 8;
		switch (filter.readUInt16LE(at)) {
			case 0x20:
				accumulator = data.readUInt32LE(value);
				break;
			case 0x15:
				at += jump(accumulator === value);
				break;
			case 0x35:
				at += jump(accumulator >= value);
				break;
			case 0x06:
				return value;
		}
	}
}

const allow = 0x7fff_0000;
const refuse = 0x0005_0001;

test('on arm64 the numbers are those of arm64', t => {
	const filter = buildIdentityFilter('arm64', {uids: [7, 8], gids: [9]});
	const arm64 = 0xc000_00b7;
	t.is(judge(filter, arm64, 147, 7, 8, -1), allow, 'setresuid to its own');
	t.is(judge(filter, arm64, 147, 7, 8, 9), refuse, 'the third one is looked at too');
	t.is(judge(filter, arm64, 149, 9, 9, 9), allow, 'setresgid');
	t.is(judge(filter, arm64, 144, 7), refuse, 'a user is no group');
	t.is(judge(filter, arm64, 159, 0), allow, 'setgroups to none');
	t.is(judge(filter, arm64, 159, 1), refuse, 'setgroups to one');
	t.is(judge(filter, arm64, 146, 0), refuse, 'root');
	t.is(judge(filter, arm64, 63, 0), allow, 'read');
	t.is(judge(filter, 0x4000_0028, 63, 0), refuse, 'a program of 32 bits');
});

test('on x64 the second set of numbers is no way round', t => {
	const filter = buildIdentityFilter('x64', {uids: [7], gids: [9]});
	const x64 = 0xc000_003e;
	t.is(judge(filter, x64, 105, 7), allow);
	t.is(judge(filter, x64, 105, 0), refuse);
	t.is(judge(filter, x64, 0x4000_0000 + 105, 7), refuse);
	t.is(judge(filter, 0x4000_0003, 105, 7), refuse);
});

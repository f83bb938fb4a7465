import {spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {UserError} from '../../src/exit-codes.ts';
import {keyOfCode, makeCode, readCode} from '../../src/joining/code.ts';
import {readMessage} from '../../src/joining/exchange.ts';
import {contains, type LocalAddress, refuseUnfit} from '../../src/joining/fit.ts';
import {comparePresent, refuseReplacing, writeKeyFile} from '../../src/joining/pair-files.ts';
import {isOlder} from '../../src/joining/versions.ts';
import {samplePair} from '../helpers/samples.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

test('a code is twenty signs in four groups, and is read however it is typed', t => {
	const code = makeCode();
	t.regex(code, /^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
	t.not(code, makeCode());
	const plain = code.replaceAll('-', '');
	t.is(readCode(code), plain);
	t.is(readCode(` ${code.toLowerCase().replaceAll('-', ' ')}\n`), plain);
	t.is(readCode('OIL00-00000-00000-00000'), '01100000000000000000');
	for (const wrong of ['', plain.slice(1), `${plain}0`, plain.replace(/./, 'U')])
		t.is(readCode(wrong), undefined, wrong);
	t.is(keyOfCode(plain).length, 32);
	t.notDeepEqual(keyOfCode(plain), keyOfCode('01100000000000000000'));
});

test('versions are compared by number, and a release is newer than its candidates', t => {
	for (const [older, newer] of [
		['0.1.0', '0.1.1'],
		['0.9.0', '0.10.0'],
		['1.0.0-rc.2', '1.0.0'],
		['1.0.0-rc.2', '1.0.0-rc.10'],
		['1.0.0~rc1', '1.0.0'],
		['nonsense', '0.0.1'],
	] as const) {
		t.true(isOlder(older, newer), `${older} < ${newer}`);
		t.false(isOlder(newer, older), `${newer} > ${older}`);
	}
	t.false(isOlder('1.2.3', '1.2.3+build'));
});

test('what a stranger could send instead of a message is no message', t => {
	for (const line of [
		'',
		'[]',
		'null',
		'{"type":"hello"}',
		'{"type":"keys","keys":[{"path":"relative","content":""}]}',
		'{"type":"rm"}',
	]) {
		t.is(readMessage(line), undefined, line);
	}
	t.like(readMessage('{"type":"hello","hapair":"1.0.0"}'), {hapair: '1.0.0'});
});

const here: readonly LocalAddress[] = [
	{interface: 'lo', address: '127.0.0.1', prefixLength: 8},
	{interface: 'eth0', address: '10.0.0.12', prefixLength: 24},
];
const own = samplePair.nodes[1];

test('a machine whose interface is called otherwise is refused, with both names', t => {
	t.notThrows(() => refuseUnfit(samplePair, own, here));
	const renamed = here.map(each => (each.interface === 'eth0' ? {...each, interface: 'ens3'} : each));
	const error = t.throws(() => refuseUnfit(samplePair, own, renamed), {instanceOf: UserError});
	t.regex(error.message, /no interface eth0 with an address: 10\.0\.0\.12 is on ens3 here/);
	t.regex(error.hint ?? '', /the same name on both/);
	const track = {kind: 'interface', interface: 'eth7', position: samplePair.position} as const;
	t.throws(() => refuseUnfit({...samplePair, tracks: [track]}, own, here), {message: /eth7/});
});

test('a virtual address outside of the subnet is refused, unless a provider brings it', t => {
	const [vip] = samplePair.virtualAddresses;
	const pair = {...samplePair, virtualAddresses: [{...vip!, address: '10.0.1.100'}]};
	const error = t.throws(() => refuseUnfit(pair, own, here), {instanceOf: UserError});
	t.regex(error.message, /10\.0\.1\.100 is in no subnet of eth0 \(10\.0\.0\.12\/24\)/);
	t.truthy(error.hint);
	const driver = {kind: 'bgp'} as unknown as (typeof samplePair.drivers)[number];
	t.notThrows(() => refuseUnfit({...pair, drivers: [driver]}, own, here));
	// The address itself, on this node already, proves nothing of its subnet.
	const held = [...here, {interface: 'eth0', address: '10.0.1.100', prefixLength: 24}];
	t.throws(() => refuseUnfit(pair, own, held), {message: /in no subnet/});
});

test('subnets of both families', t => {
	t.true(contains({address: '2001:db8::12', prefixLength: 64}, '2001:db8::100'));
	t.false(contains({address: '2001:db8::12', prefixLength: 64}, '2001:db8:1::100'));
	t.false(contains({address: '10.0.0.1', prefixLength: 24}, '2001:db8::100'));
	t.false(contains({address: '10.0.0.1', prefixLength: 24}, 'nonsense'));
});

test("a configuration with nothing to run may be replaced, somebody's may not", t => {
	const file = join(makeTempDirectory(t), 'hapair.cfg');
	t.is(comparePresent(file, 'x'), 'absent');
	writeFileSync(file, readFileSync(new URL('../../../../deploy/default/hapair.cfg', import.meta.url)));
	t.is(comparePresent(file, 'x'), 'empty');
	t.notThrows(() => refuseReplacing(file, 'empty', false));
	writeFileSync(file, 'listen a\n bind 127.0.0.1:18990\n');
	t.is(comparePresent(file, 'x'), 'other');
	t.throws(() => refuseReplacing(file, 'other', false), {message: /exists and is not overwritten/});
	t.notThrows(() => refuseReplacing(file, 'other', true));
	writeFileSync(file, 'not a configuration');
	t.is(comparePresent(file, 'x'), 'other', 'what cannot be read is not thrown away either');
	t.is(comparePresent(file, 'not a configuration'), 'same');
});

test('a key file is closed to others from its first moment, and replaced as a whole', t => {
	const directory = join(makeTempDirectory(t), 'etc');
	mkdirSync(directory);
	const file = join(directory, 'pair.key');
	for (const content of ['first\n', 'second\n']) {
		writeKeyFile(file, content);
		t.is(readFileSync(file, 'utf8'), content);
		t.is(statSync(file).mode & 0o7777, 0o600);
	}
});

test('who may not write is told so before anything is asked, and before the code is spent', t => {
	const module = new URL('../../src/joining/pair-files.ts', import.meta.url).href;
	const program = `
		const {refuseUnwritable} = await import(${JSON.stringify(module)});
		if (process.getuid() === 0) process.setuid(65534);
		try { refuseUnwritable('/usr/hapair/etc'); } catch ({message, hint}) { console.log(message, '|', hint); }
		refuseUnwritable(process.argv[1]);`;
	const folder = makeTempDirectory(t);
	chmodSync(folder, 0o777);
	const argv = ['--input-type=module', '-e', program, join(folder, 'hapair')];
	const {stdout, stderr} = spawnSync(process.execPath, argv, {encoding: 'utf8', timeout: 30_000});
	t.is(
		stdout,
		'/usr/hapair/etc cannot be written: this user may not write there | use sudo, or give another place\n',
		stderr,
	);
	t.is(stderr, '');
});

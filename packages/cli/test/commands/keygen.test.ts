import {mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {keygen} from '../../src/commands/keygen.ts';
import {readSecretFile} from '../../src/daemon/keys.ts';
import {exitCodes, UserError} from '../../src/exit-codes.ts';
import {recordIo} from '../helpers/record-io.ts';
import {runHapair} from '../helpers/run-hapair.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

test('the file holds 32 random bytes that only its owner can read, and the daemon takes it', async t => {
	const file = join(makeTempDirectory(t), 'pair.key');
	const {code, out} = await runHapair(t, ['keygen', file]);
	t.is(code, exitCodes.ok);
	t.is(out, `${file} written. Copy it to the other node: both need the same key.\n`);
	t.is(statSync(file).mode & 0o7777, 0o600);
	t.is(Buffer.from(readFileSync(file, 'utf8'), 'base64').length, 32);
	t.true(readSecretFile(file, process.getuid?.() ?? 0).length >= 32);
});

test('without a file the key goes to stdout, another one each time', t => {
	const first = recordIo();
	const second = recordIo();
	t.is(keygen({file: undefined, json: false}, first.io), exitCodes.ok);
	keygen({file: undefined, json: true}, second.io);
	t.regex(first.out(), /^[\w+/]{43}=\n$/);
	const {ok, key} = JSON.parse(second.out());
	t.true(ok);
	t.not(`${key}\n`, first.out());
});

test('a file that exists is never overwritten', t => {
	const file = join(makeTempDirectory(t), 'pair.key');
	writeFileSync(file, 'precious');
	const error = t.throws(() => keygen({file, json: false}, recordIo().io), {instanceOf: UserError});
	t.is(error?.message, `${file} exists and is not overwritten`);
	t.is(readFileSync(file, 'utf8'), 'precious');
});

test('a directory that is not there, or a directory in the file’s place, is one sentence with what to do', t => {
	const directory = makeTempDirectory(t);
	const absent = join(directory, 'none', 'pair.key');
	const error = t.throws(() => keygen({file: absent, json: false}, recordIo().io), {instanceOf: UserError});
	t.is(error?.message, `${absent} cannot be written: there is no directory ${join(directory, 'none')}`);
	t.is(error?.hint, `make it with: mkdir -p ${join(directory, 'none')}`);
	mkdirSync(join(directory, 'd'));
	t.throws(() => keygen({file: join(directory, 'd'), json: false}, recordIo().io), {instanceOf: UserError});
});

import {execFileSync} from 'node:child_process';
import {chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {readKeys, readSecretFile} from '../../src/daemon/keys.ts';
import {UserError} from '../../src/exit-codes.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const uid = process.getuid?.() ?? 0;
const secret = 'a secret of enough bytes';

function writeKey(directory: string, text = `${secret}\n`, mode = 0o600): string {
	const path = join(directory, 'pair.key');
	writeFileSync(path, text);
	chmodSync(path, mode);
	return path;
}

test('the secret is read without the white space around it', t => {
	const path = writeKey(makeTempDirectory(t), `\n  ${secret}\r\n`);
	t.is(Buffer.from(readSecretFile(path, uid)).toString(), secret);
});

test('a key is named by the first byte of its SHA-256', t => {
	const path = writeKey(makeTempDirectory(t));
	// printf 'a secret of enough bytes' | sha256sum
	t.is(readKeys([path], uid)[0]?.id, 0x07);
});

for (const mode of [0o640, 0o440, 0o604, 0o620, 0o602]) {
	test(`a key with mode ${mode.toString(8)} is refused by name, with the command that helps`, t => {
		const path = writeKey(makeTempDirectory(t), secret, mode);
		const error = t.throws(() => readSecretFile(path, uid), {instanceOf: UserError});
		t.true(error.message.startsWith(`${path}: is open to others (mode 0${mode.toString(8)})`));
		t.is(error.hint, `chmod 600 ${path}`);
	});
}

test('a credential of systemd is taken though its access list shows as rights of a group, but never open to all', t => {
	if (uid !== 0) return t.pass('only root makes credentials');
	const directory = `/run/credentials/hapair-test-${process.pid}.service`;
	const made = mkdirSync(directory, {recursive: true, mode: 0o750}) ?? directory;
	t.teardown(() => rmSync(made, {recursive: true}));
	const path = writeKey(directory, secret, 0o440);
	t.is(Buffer.from(readSecretFile(path, 12_345)).toString(), secret);
	for (const mode of [0o444, 0o460]) {
		chmodSync(path, mode);
		t.throws(() => readSecretFile(path, 12_345), {instanceOf: UserError, message: /is open to others/});
	}
	chmodSync(path, 0o440);
	chownSync(path, 0, 12_345);
	t.throws(() => readSecretFile(path, 12_345), {instanceOf: UserError, message: /is open to others/});
});

test('a key of another user is refused, also when the rest of its path is safe', t => {
	const path = writeKey(makeTempDirectory(t));
	// Only root can give a file away; everybody else plays a user who meets a stranger's file.
	if (uid === 0) chownSync(path, 12_345, 12_345);
	const error = t.throws(() => readSecretFile(path, uid === 0 ? 0 : uid + 1), {instanceOf: UserError});
	t.regex(error.message, /belongs to user id/);
	t.regex(error.hint ?? '', /^chown /);
});

test('a key that is too short, too long or absent is refused with the way to make one', t => {
	const directory = makeTempDirectory(t);
	const short = t.throws(() => readSecretFile(writeKey(directory, '  fifteen bytes!  '), uid), {instanceOf: UserError});
	t.regex(short.message, /holds 14 bytes, it needs at least 16/);
	const long = t.throws(() => readSecretFile(writeKey(directory, 'x'.repeat(5000)), uid), {instanceOf: UserError});
	t.regex(long.message, /larger than 4096 bytes/);
	const absent = t.throws(() => readSecretFile(join(directory, 'none'), uid), {instanceOf: UserError});
	t.regex(absent.message, /there is no such file/);
	t.regex(absent.hint ?? '', /hapair keygen/);
});

test('a directory or a FIFO in the place of a key is refused at once', t => {
	const directory = makeTempDirectory(t);
	const path = join(directory, 'pair.key');
	mkdirSync(path, {mode: 0o700});
	t.regex(t.throws(() => readSecretFile(path, uid)).message, /not a regular file/);
	const fifo = join(directory, 'fifo');
	execFileSync('/usr/bin/mkfifo', ['-m', '600', fifo]);
	t.regex(t.throws(() => readSecretFile(fifo, uid)).message, /not a regular file/);
});

test('a key in a directory that others can write is refused by the directory name', t => {
	const directory = makeTempDirectory(t);
	const open = join(directory, 'open');
	mkdirSync(open);
	chmodSync(open, 0o777);
	const path = writeKey(open);
	const error = t.throws(() => readSecretFile(path, uid), {instanceOf: UserError});
	t.is(error.message, `${path}: ${open} is writable by others (mode 0777), so the key could be replaced`);
	const link = join(directory, 'link.key');
	symlinkSync(path, link);
	t.throws(() => readSecretFile(link, uid), {message: /so the key could be replaced/});
});

test('a link to a key in a safe place is fine', t => {
	const directory = makeTempDirectory(t);
	const link = join(directory, 'link.key');
	symlinkSync(writeKey(directory), link);
	t.is(readSecretFile(link, uid).length, secret.length);
});

test('two keys that cannot be told apart are refused', t => {
	const path = writeKey(makeTempDirectory(t));
	t.throws(() => readKeys([path, path], uid), {message: /cannot be told from the one in/});
});

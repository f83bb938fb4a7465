import {existsSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {removePidFile, writePidFile} from '../../src/daemon/pid-file.ts';
import {UserError} from '../../src/exit-codes.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

test('the file holds one line, replaces an old one and leaves nothing beside it', t => {
	const directory = makeTempDirectory(t);
	const path = join(directory, 'hapair.pid');
	writeFileSync(path, '1\nold\n');
	writePidFile(path, 4711);
	t.is(readFileSync(path, 'utf8'), '4711\n');
	t.is(statSync(path).mode & 0o777, 0o644);
	t.deepEqual(readdirSync(directory), ['hapair.pid']);
});

test('a place that cannot be written is one sentence with the option that helps', t => {
	const error = t.throws(() => writePidFile('/nonexistent/hapair.pid', 1), {instanceOf: UserError});
	t.regex(error?.message ?? '', /^\/nonexistent\/hapair\.pid: the pid file cannot be written/);
	t.is(error?.hint, 'name another place with --pid-file');
});

test('only the own pid is removed: by now the file may be another daemon’s', t => {
	const path = join(makeTempDirectory(t), 'hapair.pid');
	writePidFile(path, 4711);
	removePidFile(path, 4712);
	t.true(existsSync(path));
	removePidFile(path, 4711);
	t.false(existsSync(path));
	t.notThrows(() => removePidFile(path, 4711));
});

import {statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {makeDirectory} from '../../src/processes/make-directory.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

test('a directory and those above it are made; one that is there is left alone', t => {
	const path = join(makeTempDirectory(t), 'a', 'b');
	makeDirectory(path, 0o755);
	t.true(statSync(path).isDirectory());
	t.notThrows(() => makeDirectory(path, 0o700));
	t.is(statSync(path).mode & 0o777, 0o755);
});

test('where nothing can be made it fails instead of trying for ever', t => {
	t.throws(() => makeDirectory('/proc/hapair/x', 0o755), {code: 'ENOENT'});
});

test('a file in the way is an error', t => {
	const file = join(makeTempDirectory(t), 'f');
	writeFileSync(file, '');
	t.throws(() => makeDirectory(join(file, 'x'), 0o755));
	t.throws(() => makeDirectory(file, 0o755), {code: 'EEXIST'});
});

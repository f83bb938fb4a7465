import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {removePidFile, writePidFile} from '../../src/standalone/pid-file.ts';

function makeDirectory(t: {teardown(run: () => void): void}): string {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-pid-'));
	t.teardown(() => rmSync(directory, {recursive: true}));
	return directory;
}

test('the file holds the pid and a line feed, and replaces the old one', t => {
	const path = join(makeDirectory(t), 'p.pid');
	writeFileSync(path, '1\n');
	writePidFile(path, 4711);
	t.is(readFileSync(path, 'utf8'), '4711\n');
});

test('a file that names another process stays', t => {
	const path = join(makeDirectory(t), 'p.pid');
	writePidFile(path, 4711);
	removePidFile(path, 4712);
	t.is(readFileSync(path, 'utf8'), '4711\n');
	removePidFile(path, 4711);
	t.throws(() => readFileSync(path));
	t.notThrows(() => removePidFile(path, 4711));
});

test('a failure leaves no draft behind', t => {
	const directory = makeDirectory(t);
	t.throws(() => writePidFile(join(directory, 'no', 'p.pid'), 1), {code: 'ENOENT'});
	t.deepEqual(readdirSync(directory), []);
});

import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {countErrors, formatFindings, loadConfiguration, parseText} from '../../src/configuration/load.ts';
import {UserError} from '../../src/exit-codes.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const timeouts = 'defaults\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n';

test('several files are read as one, in order', t => {
	const directory = makeTempDirectory(t);
	const files = ['a.cfg', 'b.cfg'].map(name => join(directory, name));
	writeFileSync(files[0] ?? '', timeouts);
	writeFileSync(files[1] ?? '', 'listen a\n bind 127.0.0.1:1\n');
	const {configuration, diagnostics, sources} = loadConfiguration(files, undefined);
	t.is(configuration?.frontends[0]?.timeouts.clientMs, 1000);
	t.is(countErrors(diagnostics), 0);
	t.deepEqual(
		sources.map(({name}) => name),
		files,
	);
});

test('a file that cannot be read ends everything with one sentence', t => {
	const directory = makeTempDirectory(t);
	const absent = join(directory, 'none.cfg');
	t.is(
		t.throws(() => loadConfiguration([absent], undefined), {instanceOf: UserError})?.message,
		`${absent}: there is no such file`,
	);
	mkdirSync(join(directory, 'd'));
	const folder = t.throws(() => loadConfiguration([join(directory, 'd')], undefined), {instanceOf: UserError});
	t.regex(folder?.message ?? '', /: is a directory$/);
	t.is(folder?.hint, 'name the files one by one, each with -f');
	const below = t.throws(() => loadConfiguration([join(absent, 'x')], undefined), {instanceOf: UserError});
	t.regex(below?.message ?? '', /there is no such file/);
});

test('a file of another user that is closed to this one is named', t => {
	const path = join(makeTempDirectory(t), 'closed.cfg');
	writeFileSync(path, timeouts);
	chmodSync(path, 0);
	const read = () => loadConfiguration([path], undefined);
	// Root reads everything.
	if (process.getuid?.() === 0) t.notThrows(read);
	else t.is(t.throws(read, {instanceOf: UserError})?.hint, 'run as root or as its owner');
});

test('bytes that are no text are an error with a place, not a crash', t => {
	const path = join(makeTempDirectory(t), 'binary.cfg');
	writeFileSync(path, Buffer.from(Array.from({length: 4096}, (_, index) => (index * 31) % 256)));
	const loaded = loadConfiguration([path], undefined);
	t.true(countErrors(loaded.diagnostics) > 0);
	t.regex(
		formatFindings(loaded, loaded.diagnostics, (_, text) => text),
		/binary\.cfg:\d+:\d+: error: /,
	);
});

test('findings show the line with a caret, in colour only when asked', t => {
	const loaded = parseText('x.cfg', 'frontend a\n bnd *:80\n');
	const plain = formatFindings(loaded, loaded.diagnostics, (_, text) => text);
	t.regex(plain, /^x\.cfg:2:2: error: .*\n\s+bnd \*:80\n\s+\^/m);
	t.false(plain.includes('\x1b'));
	t.true(formatFindings(loaded, loaded.diagnostics, (_, text) => `<${text}>`).includes('\x1b'));
});

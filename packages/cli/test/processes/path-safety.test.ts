import {chmodSync, chownSync, mkdirSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {findUnsafeElement} from '../../src/processes/path-safety.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {writeProgram} from '../helpers/write-program.ts';

const uid = process.getuid?.() ?? 0;

test('a program of ours in a directory of ours is safe, even below the sticky /tmp', t => {
	t.is(findUnsafeElement(writeProgram(makeTempDirectory(t), 'p', ''), uid), undefined);
});

test('the element at fault is named with its repair', t => {
	const directory = makeTempDirectory(t);
	const inner = join(directory, 'inner');
	mkdirSync(inner);
	const program = writeProgram(inner, 'p', '');
	chmodSync(inner, 0o777);
	t.deepEqual(findUnsafeElement(program, uid), {
		element: inner,
		problem: 'is writable by others (mode 0777)',
		remedy: `chmod go-w ${inner}`,
	});
	chmodSync(inner, 0o755);
	chmodSync(program, 0o757);
	t.is(findUnsafeElement(program, uid)?.element, program);
});

test('a sticky directory does not excuse a file that others can write', t => {
	const directory = makeTempDirectory(t);
	chmodSync(directory, 0o1777);
	const program = writeProgram(directory, 'p', '');
	t.is(findUnsafeElement(program, uid), undefined);
	chmodSync(program, 0o777);
	t.is(findUnsafeElement(program, uid)?.element, program);
});

test('a link is as safe as what it points to', t => {
	const directory = makeTempDirectory(t);
	const program = writeProgram(directory, 'p', '');
	const link = join(directory, 'link');
	symlinkSync(program, link);
	t.is(findUnsafeElement(link, uid), undefined);
	chmodSync(program, 0o777);
	t.is(findUnsafeElement(link, uid)?.element, program);
});

test('another user than root and ourselves is a stranger', t => {
	const program = writeProgram(makeTempDirectory(t), 'p', '');
	if (uid === 0) {
		t.is(findUnsafeElement(program, 12_345), undefined);
	} else {
		t.regex(findUnsafeElement(program, uid + 1)?.problem ?? '', /belongs to user id/);
	}
});

(uid === 0 ? test : test.skip)("a file of the service's is not to be given to whoever looks at it", t => {
	const program = writeProgram(makeTempDirectory(t), 'p', '');
	chownSync(program, 999, 999);
	t.like(findUnsafeElement(program, 1000, undefined, 999), {element: program, remedy: 'run this with sudo'});
	t.is(findUnsafeElement(program, 999, undefined, 999), undefined);
	t.like(findUnsafeElement(program, 1000, undefined, undefined), {remedy: `chown 1000 ${program}`});
});

test('a relative path is unsafe', t => {
	t.is(findUnsafeElement('bin/p', uid)?.problem, 'is not an absolute path');
});

test('in a user namespace a directory of the outside is as good as root’s, a file of it is not', t => {
	if (uid !== 0) return t.is(findUnsafeElement('/', uid), undefined);
	const directory = makeTempDirectory(t);
	const program = writeProgram(directory, 'p', '');
	chownSync(directory, 65_534, 65_534);
	t.is(findUnsafeElement(program, uid, undefined)?.element, directory);
	t.is(findUnsafeElement(program, uid, 65_534), undefined);
	chownSync(program, 65_534, 65_534);
	t.is(findUnsafeElement(program, uid, 65_534)?.element, program);
});

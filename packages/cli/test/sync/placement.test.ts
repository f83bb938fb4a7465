import {chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {UserError} from '../../src/exit-codes.ts';
import {confine, placeFile} from '../../src/sync/placement.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const uid = process.getuid?.() ?? 0;

/** A configuration in etc/ that names a page in pages/; keys in etc/keys/. */
function makePlace(t: ExecutionContext) {
	const root = realpathSync(makeTempDirectory(t));
	for (const name of ['etc', 'etc/keys', 'etc/maps', 'pages', 'other']) mkdirSync(join(root, name));
	for (const name of ['etc/hapair.cfg', 'etc/keys/pair.key', 'pages/503.http', 'other/file'])
		writeFileSync(join(root, name), '');
	const at = (name: string): string => join(root, name);
	const confinement = confine([at('etc/hapair.cfg'), at('pages/503.http')], [at('etc/keys/pair.key')], uid);
	return {at, place: (name: string) => placeFile(at(name), confinement), confinement};
}

test('files go beside the configuration, below it, and beside what it names today', t => {
	const {at, place} = makePlace(t);
	for (const name of ['etc/hapair.cfg', 'etc/new.cfg', 'etc/maps/new.map', 'pages/404.http'])
		t.is(place(name), at(name));
});

for (const [what, name, reason] of [
	['another directory', 'other/file', /is no directory of this node's configuration/],
	['a way out by ..', 'etc/../other/new', /is no directory of this node's configuration/],
	['the directory above', 'new', /is no directory of this node's configuration/],
	['a directory of a like name', 'etc2/new', /there is no directory/],
	['a key', 'etc/keys/pair.key', /a key or token is not written over/],
	['a NUL byte', 'etc/a\0b', /NUL/],
] as const) {
	test(`${what} is refused`, t => {
		const {place} = makePlace(t);
		t.throws(() => place(name), {instanceOf: UserError, message: reason});
	});
}

test('links are followed before anything is judged', t => {
	const {at, place} = makePlace(t);
	symlinkSync(at('other/file'), at('etc/out.cfg'));
	symlinkSync(at('other'), at('etc/out'));
	symlinkSync(at('etc/keys/pair.key'), at('etc/key.cfg'));
	symlinkSync(at('etc/nothing'), at('etc/dangling.cfg'));
	symlinkSync(at('etc/maps'), at('etc/in'));
	t.throws(() => place('etc/out.cfg'), {message: /is no directory of/});
	t.throws(() => place('etc/out/new'), {message: /is no directory of/});
	t.throws(() => place('etc/key.cfg'), {message: /a key or token/});
	t.throws(() => place('etc/dangling.cfg'), {message: /is a link to nothing/});
	t.is(place('etc/in/new.map'), at('etc/maps/new.map'));
});

test('a directory in which others may put something is refused', t => {
	const {at, place} = makePlace(t);
	chmodSync(at('etc/maps'), 0o777);
	t.throws(() => place('etc/maps/new.map'), {message: /is writable by others/});
});

test('the root directory is never a directory of the configuration', t => {
	t.deepEqual(confine(['/hapair.cfg'], [], uid).roots, []);
});

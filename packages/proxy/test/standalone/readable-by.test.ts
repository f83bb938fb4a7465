import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {isReadableBy} from '../../src/standalone/readable-by.ts';

const stranger = {user: 'stranger', uid: 64_000, gid: 64_000, groups: [64_000]};

test('a file is readable when its bits and those of its directories allow it', t => {
	const top = mkdtempSync(join(tmpdir(), 'hapair-read-'));
	t.teardown(() => rmSync(top, {recursive: true}));
	chmodSync(top, 0o755);
	const directory = join(top, 'etc');
	mkdirSync(directory, {mode: 0o755});
	const file = join(directory, 'a.cfg');
	writeFileSync(file, '', {mode: 0o644});
	t.true(isReadableBy(stranger, file));
	chmodSync(file, 0o640);
	t.false(isReadableBy(stranger, file));
	t.true(isReadableBy({...stranger, groups: [process.getgid?.() ?? 0]}, file));
	chmodSync(file, 0o644);
	chmodSync(directory, 0o700);
	t.false(isReadableBy(stranger, file));
	t.false(isReadableBy(stranger, join(top, 'absent')));
});

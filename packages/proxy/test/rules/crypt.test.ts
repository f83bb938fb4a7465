/** Encrypted passwords with what crypt(3) of glibc gives for them. */
import test from 'ava';
import {desCrypt} from '../../src/rules/des-crypt.ts';
import {md5Crypt} from '../../src/rules/md5-crypt.ts';
import {Userlists} from '../../src/rules/userlists.ts';

for (const [password, encrypted] of [
	['secret', 'abNANd1rDfiNc'],
	['', 'abmF1QH4PEr.E'],
	['longer password', 'zz0j9llnPMS3c'],
] as const) {
	test(`DES: ${encrypted}`, t => {
		t.is(desCrypt(password, encrypted), encrypted);
		t.not(desCrypt(`x${password}`, encrypted), encrypted);
	});
}

test('DES: eight characters count, and two of the salt', t => {
	t.is(desCrypt('12345678', 'ab'), desCrypt('12345678xyz', 'ab'));
	t.not(desCrypt('secret', 'ab')?.slice(2), desCrypt('secret', 'ba')?.slice(2));
	t.is(desCrypt('secret', '$1$abc'), undefined);
	t.is(desCrypt('secret', 'a'), undefined);
});

test('MD5', t => {
	t.is(md5Crypt('secret', '$1$abcdefgh$'), '$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1');
	t.is(md5Crypt('a much longer password than one block', '$1$ab$x'), '$1$ab$5cObBTDvRKRjIX03aZBXE/');
	t.is(md5Crypt('secret', '$5$abc'), undefined);
});

test('a list knows its users by each kind', t => {
	const user = (name: string, text: string) => ({name, groups: [], password: {kind: 'crypt' as const, text}});
	const users = [user('des', 'abNANd1rDfiNc'), user('md5', '$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1')];
	const lists = new Userlists([{name: 'l', users, position: {file: '', line: 1, column: 1}}]);
	for (const name of ['des', 'md5']) {
		t.deepEqual(lists.groupsOf('l', name, 'secret'), []);
		t.is(lists.groupsOf('l', name, 'Secret'), undefined);
	}
});

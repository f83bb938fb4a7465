import test from 'ava';
import {configurationOf, errors} from '../helpers/parse.ts';

const list = (...lines: readonly string[]) => ['userlist staff', ...lines.map(line => ` ${line}`)].join('\n');
const SHA512 = `$6$salt$${'a'.repeat(86)}`;

test('a user is in a group when either line says so', t => {
	const {userlists} = configurationOf(
		list('group a users u,v', 'group b', `user u password ${SHA512} groups b`, 'user v insecure-password x', 'user w'),
	);
	t.deepEqual(
		userlists[0]?.users.map(({name, password, groups}) => [name, password?.kind, groups.toSorted()]),
		[
			['u', 'crypt', ['a', 'b']],
			['v', 'clear', ['a']],
			['w', undefined, []],
		],
	);
});

test('what is wrong with a userlist is pointed at', t => {
	t.deepEqual(errors(list('user u groups nobody')), [
		"error 2:2 there is no group 'nobody' in userlist 'staff' (add a line 'group nobody')",
	]);
	t.deepEqual(errors(list('group g users x')), ["error 2:2 there is no user 'x' in userlist 'staff'"]);
	t.deepEqual(errors(list('user u', 'user u')), ["error 3:2 user 'u' stands twice in userlist 'staff'"]);
	t.deepEqual(errors(list('user u passwd x')), [
		"error 2:9 'passwd' is not an option of a user (did you mean 'password'?)",
	]);
	t.deepEqual(errors(`${list('user u')}\n${list('user u')}`), [
		"error 3:1 the name 'staff' is taken by another userlist (choose another name)",
	]);
	t.deepEqual(errors(list('bind :80')), [
		"error 2:2 'bind' is not allowed in section 'userlist' (it belongs in 'frontend' or 'listen')",
	]);
	for (const password of [
		'$1$salt$abcdefghijklmnopqrst',
		'$y$j9T$abc$def',
		'k6y3o.eP8JlG',
		`$6$rounds=9000000$salt$${'a'.repeat(86)}`,
	]) {
		t.is(errors(list(`user u password ${password}`)).length, 1, password);
	}
});

test('a condition names a userlist that exists', t => {
	const text = `${list('user u')}\nfrontend in\n mode http\n bind :80\n http-request auth unless { http_auth(staf) }\n`;
	t.deepEqual(errors(text), ["error 6:27 there is no userlist 'staf' (did you mean 'staff'?)"]);
});

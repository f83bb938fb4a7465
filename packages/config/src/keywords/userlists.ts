/**
 * `userlist` sections: users, groups and passwords.
 *
 * Decides what a line says. Leaves who is in which group to `build`, and checking passwords to the proxy. HAProxy manual, "Userlists".
 */
import type {UserlistDraft} from '../drafts.ts';
import type {Statement, UserlistKeyword} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {UserlistUser} from '../model.ts';
import {isName, readName} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';

/** What crypt(3) writes with SHA-256 and SHA-512, MD5, and DES. */
const CRYPT =
	/^(?:[./0-9A-Za-z]{13}|\$1\$[^$:\n]{0,8}\$[./0-9A-Za-z]{22}|\$[56]\$(rounds=\d{1,9}\$)?[^$:\n]{0,16}\$[./0-9A-Za-z]{43}(?:[./0-9A-Za-z]{43})?)$/;
/** Other kinds, by how they begin. */
const OTHER_KINDS: Readonly<Record<string, string>> = {
	'2': 'bcrypt',
	'2a': 'bcrypt',
	'2b': 'bcrypt',
	'2y': 'bcrypt',
	y: 'yescrypt',
	gy: 'gost-yescrypt',
	'7': 'scrypt',
	sha1: 'SHA-1',
	md5: 'Sun MD5',
	'3': 'NT hash',
};
const MAX_ROUNDS = 100_000;

function readList(cursor: LineCursor, what: string): readonly string[] {
	const word = cursor.require(what, 'names with commas between them, no blanks');
	if (word === undefined) return [];
	const names = word.text.split(',').filter(name => name !== '');
	const wrong = names.find(name => !isName(name));
	if (wrong === undefined) return names;
	cursor.error(word, `'${wrong}' is not a name`, 'names with commas between them, no blanks');
	return [];
}

function readGroup({draft, cursor}: Statement<UserlistDraft>): void {
	const name = readName(cursor, 'the name of the group');
	if (name === undefined) return;
	const users = cursor.accept('users') ? readList(cursor, 'the users') : [];
	draft.groups.push({name: name.text, users, place: cursor.startPlace()});
	cursor.finish('group NAME [users USER,USER…]');
}

function readUser({draft, cursor}: Statement<UserlistDraft>): void {
	const name = readName(cursor, 'the name of the user');
	if (name === undefined) return;
	let password: UserlistUser['password'];
	let groups: readonly string[] = [];
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		if (word.text === 'groups') groups = readList(cursor, 'the groups');
		else if (word.text === 'insecure-password') {
			const text = cursor.require('the password');
			if (text !== undefined) password = {kind: 'clear', text: text.text};
		} else if (word.text === 'password') {
			const text = cursor.require('the encrypted password', 'as `mkpasswd -m sha-512` writes it');
			if (text !== undefined && checkCrypt(cursor, text.text)) password = {kind: 'crypt', text: text.text};
		} else {
			const hint = didYouMean(word.text, ['password', 'insecure-password', 'groups']);
			cursor.error(word, `'${word.text}' is not an option of a user`, hint);
			cursor.rest();
		}
	}
	const user = {name: name.text, groups, ...(password === undefined ? {} : {password})};
	draft.users.push({user, place: cursor.startPlace()});
}

function checkCrypt(cursor: LineCursor, text: string): boolean {
	const rounds = Number(/\$rounds=(\d+)\$/.exec(text)?.[1] ?? 5000);
	if (CRYPT.test(text) && rounds <= MAX_ROUNDS) return true;
	const message = CRYPT.test(text)
		? `a password with ${rounds} rounds would hold a thread too long at each request`
		: describeOther(text);
	cursor.error(
		cursor.previous(),
		message,
		'SHA-256 ($5$) or SHA-512 ($6$), as `mkpasswd -m sha-512` writes it; also MD5 ($1$) and DES',
	);
	return false;
}

function describeOther(text: string): string {
	const [, id = ''] = /^\$([^$]*)\$/.exec(text) ?? [];
	const kind = OTHER_KINDS[id];
	if (kind !== undefined) return `a password encrypted with ${kind} is not supported by this version of hapair`;
	return `'${text}' is not what crypt(3) writes`;
}

export const userlistKeywords: readonly UserlistKeyword[] = [
	{
		scope: 'userlist',
		name: 'group',
		sections: ['userlist'],
		syntax: 'group NAME [users USER,USER…]',
		summary: 'A group of users.',
		read: readGroup,
	},
	{
		scope: 'userlist',
		name: 'user',
		sections: ['userlist'],
		syntax: 'user NAME [password CRYPT | insecure-password TEXT] [groups GROUP,GROUP…]',
		summary: 'A user, with a password as crypt(3) writes it (SHA-256, SHA-512, MD5, DES) or in clear.',
		read: readUser,
	},
];

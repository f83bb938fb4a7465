/**
 * Who a user is (HAProxy manual, "Userlists").
 *
 * Decides whether a password is right and which groups its user is in. What an encrypted password has been compared with is remembered
 * by its hash, a limited number of times: a browser sends it with every request. Passwords are compared in constant time.
 */
import {createHash, timingSafeEqual} from 'node:crypto';
import type {Userlist, UserlistUser} from '@hapair/config';
import {desCrypt} from './des-crypt.ts';
import {md5Crypt} from './md5-crypt.ts';
import {shaCrypt} from './sha-crypt.ts';

/** Comparisons remembered, over all lists. */
const MAX_REMEMBERED = 1000;

export class Userlists {
	readonly #lists: ReadonlyMap<string, ReadonlyMap<string, UserlistUser>>;
	readonly #remembered = new Map<string, boolean>();

	constructor(lists: readonly Userlist[]) {
		this.#lists = new Map(lists.map(({name, users}) => [name, new Map(users.map(user => [user.name, user]))]));
	}

	/** The groups of a user whose password is right, perhaps none; `undefined` when it is not or there is no such user. */
	groupsOf(list: string, name: string, password: string): readonly string[] | undefined {
		const user = this.#lists.get(list)?.get(name);
		if (user?.password === undefined) return undefined;
		const {kind, text} = user.password;
		const isRight = kind === 'clear' ? isSame(text, password) : this.#checkCrypt(text, password);
		return isRight ? user.groups : undefined;
	}

	#checkCrypt(encrypted: string, password: string): boolean {
		const key = createHash('sha256').update(encrypted).update('\0').update(password).digest('base64');
		const known = this.#remembered.get(key);
		if (known !== undefined) return known;
		const isRight = isSame(encrypted, encrypt(password, encrypted) ?? '');
		if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value!);
		this.#remembered.set(key, isRight);
		return isRight;
	}
}

/** The `$` of other kinds is no salt of DES. */
function encrypt(password: string, setting: string): string | undefined {
	return shaCrypt(password, setting) ?? md5Crypt(password, setting) ?? desCrypt(password, setting);
}

/** Hashes have one length, so that the comparison tells nothing. */
function isSame(a: string, b: string): boolean {
	const hash = (text: string) => createHash('sha256').update(text).digest();
	return timingSafeEqual(hash(a), hash(b));
}

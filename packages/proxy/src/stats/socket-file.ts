/**
 * The file of a stats socket: who owns it, and how it takes the place of an older one.
 *
 * Decides that a socket appears under its name only when owner and mode are right, in one step: a program that connects reaches the old
 * process or the new one, never nobody. A file that is no socket is never replaced.
 */
import {chmodSync, chownSync, lstatSync, readFileSync, renameSync, rmSync} from 'node:fs';
import type {StatsSocket} from '@hapair/config';
import {parseAccounts, parseGroups} from '../privileges/accounts.ts';

/** One sentence: the file cannot be what the configuration says. */
export class SocketFileError extends Error {}

type Owner = Pick<StatsSocket, 'mode' | 'user' | 'group' | 'uid' | 'gid'>;

export class SocketFile {
	readonly path: string;
	readonly temporaryPath: string;
	readonly #owner: Owner;
	#inode = -1;

	constructor(path: string, owner: Owner) {
		this.path = path;
		this.temporaryPath = `${path}.${process.pid}.tmp`;
		this.#owner = owner;
		rmSync(this.temporaryPath, {force: true});
		const there = lstatSync(path, {throwIfNoEntry: false});
		if (there !== undefined && !there.isSocket()) throw new SocketFileError(`${path} is there and is no socket.`);
	}

	/** The temporary file is listened on: gives it its owner, mode and name. */
	publish(): void {
		const {mode} = this.#owner;
		const uid = this.#owner.uid ?? findId('user', this.#owner.user);
		const gid = this.#owner.gid ?? findId('group', this.#owner.group);
		if (uid !== undefined || gid !== undefined) chownSync(this.temporaryPath, uid ?? -1, gid ?? -1);
		if (mode !== undefined) chmodSync(this.temporaryPath, mode);
		this.#inode = lstatSync(this.temporaryPath).ino;
		renameSync(this.temporaryPath, this.path);
	}

	/** Removes the file, unless another process has taken its place. */
	remove(): void {
		try {
			const there = lstatSync(this.path, {throwIfNoEntry: false});
			if (there?.ino === this.#inode) rmSync(this.path, {force: true});
		} catch {
			// Who is no longer root may not touch the directory: the file stays, as HAProxy's does, and the next start replaces it.
		}
	}
}

function findId(kind: 'user' | 'group', name: string | undefined): number | undefined {
	if (name === undefined) return undefined;
	const id =
		kind === 'user'
			? parseAccounts(readFileSync('/etc/passwd', 'latin1')).find(account => account.name === name)?.uid
			: parseGroups(readFileSync('/etc/group', 'latin1')).find(group => group.name === name)?.gid;
	if (id === undefined) throw new SocketFileError(`There is no ${kind} ${name} on this machine.`);
	return id;
}

/**
 * Reads the text of `/etc/passwd` and `/etc/group` (passwd(5), group(5)).
 *
 * Decides what a line means; a line it cannot read is passed over, as the C library does. Leaves opening the files and what an
 * account is for to `privileges.ts`. Accounts that only exist in a directory service are not seen: name them by `uid` and `gid`.
 */

export interface Account {
	readonly name: string;
	readonly uid: number;
	readonly gid: number;
}

export interface Group {
	readonly name: string;
	readonly gid: number;
	readonly members: readonly string[];
}

/** Accounts of a passwd(5) text in file order. */
export function parseAccounts(text: string): readonly Account[] {
	const accounts: Account[] = [];
	for (const line of text.split('\n')) {
		const [name, , uidText, gidText] = line.split(':');
		const uid = parseId(uidText);
		const gid = parseId(gidText);
		if (name && !name.startsWith('#') && uid !== undefined && gid !== undefined) accounts.push({name, uid, gid});
	}
	return accounts;
}

/** Groups of a group(5) text in file order. */
export function parseGroups(text: string): readonly Group[] {
	const groups: Group[] = [];
	for (const line of text.split('\n')) {
		const [name, , gidText, members] = line.split(':');
		const gid = parseId(gidText);
		if (name && !name.startsWith('#') && gid !== undefined) {
			groups.push({name, gid, members: (members ?? '').split(',').filter(member => member !== '')});
		}
	}
	return groups;
}

/** One line of `/proc/self/uid_map` maps `count` ids from `inside` on (user_namespaces(7)). */
export interface IdRange {
	readonly inside: number;
	readonly count: number;
}

/** The ids that exist in this user namespace; an id outside all ranges cannot be switched to, root or not. */
export function parseIdMap(text: string): readonly IdRange[] {
	const ranges: IdRange[] = [];
	for (const line of text.split('\n')) {
		const [inside, , count] = line.trim().split(/\s+/).map(Number);
		if (inside !== undefined && count !== undefined && Number.isInteger(inside) && Number.isInteger(count)) {
			ranges.push({inside, count});
		}
	}
	return ranges;
}

/** True when `id` exists in the namespace of `ranges`. */
export function isMapped(id: number, ranges: readonly IdRange[]): boolean {
	return ranges.some(range => id >= range.inside && id < range.inside + range.count);
}

/** The effective capabilities of a proc_pid_status(5) text, the first 32 of them; none when it does not say. */
export function parseCapabilities(text: string): number {
	const hex = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(text)?.[1];
	return hex === undefined ? 0 : Number.parseInt(hex.slice(-8), 16) | 0;
}

/** A user or group id is 0 to 2^32-2; 2^32-1 means "no change" to the kernel and is never an account. */
function parseId(text: string | undefined): number | undefined {
	if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
	const id = Number(text);
	return id < 0xffff_ffff ? id : undefined;
}

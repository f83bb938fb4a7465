/**
 * Names of accounts and their numbers on this machine (passwd(5), group(5)).
 *
 * Decides that an account which is not in the machine's own files has no name: what belongs to it then belongs to root on the other node.
 */
import {readFileSync} from 'node:fs';

/** Empty strings where there is no name. */
export function nameOwner(uid: number, gid: number): {readonly user: string; readonly group: string} {
	return {user: findName('/etc/passwd', uid), group: findName('/etc/group', gid)};
}

/** `undefined` where the name is not known here. */
export function findOwner(
	user: string,
	group: string,
): {readonly uid: number | undefined; readonly gid: number | undefined} {
	return {uid: findNumber('/etc/passwd', user), gid: findNumber('/etc/group', group)};
}

function findName(file: string, number: number): string {
	return entries(file).find(([, , id]) => id === String(number))?.[0] ?? '';
}

function findNumber(file: string, name: string): number | undefined {
	const id = Number(entries(file).find(([own]) => own === name && name !== '')?.[2]);
	return Number.isInteger(id) ? id : undefined;
}

function entries(file: string): string[][] {
	try {
		return readFileSync(file, 'utf8')
			.split('\n')
			.map(line => line.split(':'))
			.filter(parts => parts.length > 2);
	} catch {
		return [];
	}
}

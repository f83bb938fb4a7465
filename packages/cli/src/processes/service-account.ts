/**
 * The account that the installed service runs as.
 *
 * Decides its name, which is the package's. Secrets that belong to it are as good as root's own: the daemon has to read them.
 */
import {readMachineFacts} from '@hapair/proxy';

const serviceAccount = 'hapair';

export interface ServiceAccount {
	readonly uid: number;
	readonly gid: number;
}

/** Absent where hapair was not installed from a package. */
export function findServiceAccount(): ServiceAccount | undefined {
	const account = readMachineFacts().accounts.find(({name}) => name === serviceAccount);
	return account === undefined ? undefined : {uid: account.uid, gid: account.gid};
}

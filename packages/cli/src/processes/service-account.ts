/**
 * The account that the installed service runs as.
 *
 * Decides its name, which is the package's, and that root judges files as that account would: what belongs to it is as good as root's own,
 * since the daemon has to read it.
 */
import {type MachineFacts, readMachineFacts} from '@hapair/proxy';

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

/** As whom files are judged: the service's user for root, where there is one; else this process's own. */
export function findDaemonUid(): number {
	const own = process.getuid?.() ?? 0;
	return own === 0 ? (findServiceAccount()?.uid ?? 0) : own;
}

/** What the machine is to who will run the daemon: for root, where hapair was installed from a package, the service. */
export function readDaemonFacts(): MachineFacts {
	const facts = readMachineFacts();
	const account = facts.uid === 0 ? findServiceAccount() : undefined;
	return account === undefined ? facts : {...facts, ...account};
}

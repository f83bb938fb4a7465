/**
 * Decides as whom the proxy runs: `user`, `group`, `uid` and `gid` of the global section (HAProxy manual).
 *
 * Pure: what is known of the machine comes in as facts. Leaves reading the facts and switching to `privileges.ts`, and what a service that is
 * not root may become to `service-plan.ts`. The one rule that is never bent: root with a `user` line does not stay root without saying so.
 */
import type {Account, Group, IdRange} from './accounts.ts';
import {isMapped} from './accounts.ts';
import {chooseServiceIdentity} from './service-plan.ts';

/** What the global section asks for; absent fields ask for nothing. */
export interface IdentityRequest {
	readonly user?: string;
	readonly group?: string;
	readonly uid?: number;
	readonly gid?: number;
	readonly chroot?: string;
	/** `bind … transparent` or `source … usesrc`: they need CAP_NET_RAW at run time. */
	readonly usesForeignAddresses?: boolean;
}

export interface MachineFacts {
	readonly uid: number;
	readonly gid: number;
	readonly accounts: readonly Account[];
	readonly groups: readonly Group[];
	readonly uidMap: readonly IdRange[];
	readonly gidMap: readonly IdRange[];
	/** Effective capabilities, bit by number (capabilities(7)); a service manager may have taken some from root. */
	readonly capabilities: number;
	/** `/usr/bin/setpriv` of util-linux, absent when it is not installed. */
	readonly setpriv?: string;
}

/** As whom to run. `groups` are the supplementary groups, the primary one included. */
export interface Identity {
	readonly user: string;
	readonly uid: number;
	readonly gid: number;
	readonly groups: readonly number[];
}

export interface PrivilegePlan {
	/** Prefix of the proxy's argv; empty when nothing is switched by it. */
	readonly argvPrefix: readonly string[];
	/**
	 * Switch in the process after its sockets are bound: there is no setpriv, or root is needed until then. Low ports cannot be bound
	 * again later.
	 */
	readonly inProcess?: Identity;
	/** `chroot`: the directory to enter once everything is open, before the switch. */
	readonly rootDirectory?: string;
	/** Present when the proxy will not run as the user that starts it. */
	readonly identity?: Identity;
	/** One sentence each, with what to do. */
	readonly warnings: readonly string[];
	readonly notices: readonly string[];
}

/** The plan for a start with `request` on a machine with `facts`. */
export function planPrivileges(request: IdentityRequest, facts: MachineFacts): PrivilegePlan {
	const warnings: string[] = [];
	const notices: string[] = [];
	const rootDirectory = planRoot(request, facts, warnings, notices);
	const stay = {argvPrefix: [], warnings, notices, ...(rootDirectory === undefined ? {} : {rootDirectory})};
	const wanted = resolveIdentity(request, facts, warnings);
	if (facts.uid !== 0) {
		const mayBecome = holds(facts, capability.setgid) && holds(facts, capability.setuid) && facts.setpriv !== undefined;
		const chosen = mayBecome ? chooseServiceIdentity(request, wanted, facts, notices) : undefined;
		if (chosen !== undefined) {
			const argvPrefix = setprivCommand(facts.setpriv ?? '', facts, chosen, request.usesForeignAddresses === true);
			return {...stay, argvPrefix, identity: chosen, warnings: []};
		}
		if (wanted && wanted.uid !== facts.uid) {
			notices.push(
				`Running as uid ${facts.uid}, not as user "${wanted.user}": only root can switch; start as root to use it.`,
			);
		}
		return {...stay, argvPrefix: planDrop(request, facts), warnings: []};
	}
	if (!wanted) {
		warnings.push('The proxy runs as root: add "user" and "group" to the global section.');
		return stay;
	}
	if (wanted.uid === 0) return stay;
	if (!isMapped(wanted.uid, facts.uidMap) || !isMapped(wanted.gid, facts.gidMap)) {
		notices.push(`User "${wanted.user}" does not exist in this user namespace; running as its only user.`);
		return {...stay, warnings: []};
	}
	if (!holds(facts, capability.setgid) || !holds(facts, capability.setuid)) {
		warnings.push(
			`The proxy stays root: this root may not switch to user "${wanted.user}". Allow CAP_SETUID and CAP_SETGID to the service.`,
		);
		return stay;
	}
	if (rootDirectory !== undefined) return {...stay, identity: wanted, inProcess: wanted};
	if (facts.setpriv === undefined) {
		notices.push('setpriv is not installed: privileges are dropped after binding (install the package util-linux).');
		return {...stay, identity: wanted, inProcess: wanted};
	}
	return {
		...stay,
		identity: wanted,
		argvPrefix: setprivCommand(facts.setpriv, facts, wanted, request.usesForeignAddresses === true),
	};
}

/** Prefix of the heartbeat's argv: it keeps the network and its packets, where it would have more. Root's stays root. */
export function planHeartbeat(facts: MachineFacts): readonly string[] {
	const kept = [capability.netAdmin, capability.netRaw];
	const others = kept.reduce((mask, number) => mask & ~(1 << number), facts.capabilities);
	if (facts.uid === 0 || others === 0 || facts.setpriv === undefined) return [];
	if (!kept.every(number => holds(facts, number))) return [];
	const names = '-all,+net_admin,+net_raw';
	return [facts.setpriv, '--inh-caps', names, '--ambient-caps', names, '--no-new-privs'];
}

/** A service that is not root has its daemon's powers over the network, which are not the proxy's. */
function planDrop({usesForeignAddresses}: IdentityRequest, facts: MachineFacts): readonly string[] {
	const powerful = holds(facts, capability.netAdmin) || holds(facts, capability.netRaw);
	if (!powerful || facts.setpriv === undefined) return [];
	return setprivCommand(facts.setpriv, facts, undefined, usesForeignAddresses === true);
}

/** Only root may, and where it may not the file is still good for other machines. */
function planRoot(
	{chroot}: IdentityRequest,
	facts: MachineFacts,
	warnings: string[],
	notices: string[],
): string | undefined {
	if (chroot === undefined) return undefined;
	if (facts.uid === 0 && holds(facts, capability.sysChroot)) return chroot;
	if (facts.uid === 0) warnings.push(`chroot ${chroot} is not done: allow CAP_SYS_CHROOT to the service.`);
	else notices.push(`chroot ${chroot} is not done: only root can; start as root to use it.`);
	return undefined;
}

/**
 * The identity asked for, or undefined when none is. A name that this machine does not know becomes `nobody`, so that
 * one file runs on machines with and without the account.
 */
function resolveIdentity(request: IdentityRequest, facts: MachineFacts, warnings: string[]): Identity | undefined {
	const {user, group, uid, gid} = request;
	if (user === undefined && group === undefined && uid === undefined && gid === undefined) return undefined;
	const nobody = facts.accounts.find(account => account.name === 'nobody') ?? {name: 'nobody', uid: 65534, gid: 65534};
	let account: Account | undefined;
	if (uid !== undefined) {
		account = facts.accounts.find(({uid: known}) => known === uid) ?? {name: String(uid), uid, gid: gid ?? uid};
	} else if (user !== undefined) {
		account = facts.accounts.find(({name}) => name === user);
		if (!account) {
			warnings.push(
				`User "${user}" does not exist here, running as "nobody": create it (useradd --system --shell /usr/sbin/nologin ${user}).`,
			);
			account = nobody;
		}
	} else {
		account = facts.accounts.find(known => known.uid === facts.uid) ?? {
			name: String(facts.uid),
			uid: facts.uid,
			gid: facts.gid,
		};
	}
	const primary = gid ?? resolveGroup(group, account, nobody, facts, warnings);
	const supplementary = facts.groups.filter(({members}) => members.includes(account.name)).map(known => known.gid);
	return {user: account.name, uid: account.uid, gid: primary, groups: [...new Set([primary, ...supplementary])]};
}

function resolveGroup(
	name: string | undefined,
	account: Account,
	nobody: Account,
	facts: MachineFacts,
	warnings: string[],
): number {
	if (name === undefined) return account.gid;
	const group = facts.groups.find(known => known.name === name);
	if (group) return group.gid;
	warnings.push(
		`Group "${name}" does not exist here, running as group ${nobody.gid}: create it (groupadd --system ${name}).`,
	);
	return nobody.gid;
}

/** Numbers of capabilities(7). */
const capability = {
	setgid: 6,
	setuid: 7,
	setpcap: 8,
	netBindService: 10,
	netAdmin: 12,
	netRaw: 13,
	sysChroot: 18,
} as const;

function holds(facts: MachineFacts, number: number): boolean {
	return (facts.capabilities & (1 << number)) !== 0;
}

/**
 * Keeps the right to bind low ports, and that to foreign addresses where it is used, through the switch: ambient, so that it survives the exec of a
 * program without file capabilities (capabilities(7)), and the bounding set, so that nothing else ever comes back.
 */
function setprivCommand(
	setpriv: string,
	facts: MachineFacts,
	identity: Identity | undefined,
	usesForeignAddresses: boolean,
): readonly string[] {
	const switchUser =
		identity === undefined
			? []
			: ['--reuid', String(identity.uid), '--regid', String(identity.gid), ...groupOptions(identity.groups)];
	const names = ['-all'];
	if (holds(facts, capability.netBindService)) names.push('+net_bind_service');
	if (usesForeignAddresses && holds(facts, capability.netRaw)) names.push('+net_raw');
	const kept = names.join(',');
	// Without CAP_SETPCAP the bounding set cannot change; no-new-privs still keeps anything from coming back.
	const bounding = holds(facts, capability.setpcap) ? ['--bounding-set', kept] : [];
	return [setpriv, ...switchUser, '--inh-caps', kept, '--ambient-caps', kept, ...bounding, '--no-new-privs'];
}

function groupOptions(groups: readonly number[]): readonly string[] {
	return groups.length === 0 ? ['--clear-groups'] : ['--groups', groups.join(',')];
}

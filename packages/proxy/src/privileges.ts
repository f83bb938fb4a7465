/**
 * Carries out what `privileges/plan.ts` decides: reads the machine's accounts, switches user in the process when setpriv cannot.
 *
 * The daemon puts `privilegeCommand().argvPrefix` before its proxy child; the standalone engine execs itself through it and keeps its pid.
 */
import {accessSync, constants, readFileSync} from 'node:fs';
import type {Configuration} from '@hapair/config';
import {parseAccounts, parseCapabilities, parseGroups, parseIdMap} from './privileges/accounts.ts';
import {
	type Identity,
	type IdentityRequest,
	type MachineFacts,
	type PrivilegePlan,
	planHeartbeat,
	planPrivileges,
} from './privileges/plan.ts';

const setprivPath = '/usr/bin/setpriv';

/**
 * How to start a process as the user of the global section, with CAP_NET_BIND_SERVICE and nothing else.
 * Reads `/etc/passwd`, `/etc/group` and the id maps; never throws for a machine that lacks one of them.
 */
export function privilegeCommand(configuration: Asking, facts: MachineFacts = readMachineFacts()): PrivilegePlan {
	return planPrivileges({...configuration.global, usesForeignAddresses: usesForeignAddresses(configuration)}, facts);
}

/** How to start the heartbeat of a service that is not root: with CAP_NET_ADMIN, CAP_NET_RAW and nothing else. */
export function heartbeatCommand(facts: MachineFacts = readMachineFacts()): readonly string[] {
	return planHeartbeat(facts);
}

type Asking = {readonly global: IdentityRequest} & Partial<Pick<Configuration, 'frontends' | 'backends'>>;

/** `bind … transparent` and `source … usesrc`. */
function usesForeignAddresses({frontends = [], backends = []}: Asking): boolean {
	return (
		frontends.some(({binds}) => binds.some(({transparent}) => transparent)) ||
		backends.some(({servers}) => servers.some(({source}) => source?.shown !== undefined))
	);
}

/** What this machine knows of users; a file that cannot be read counts as empty. */
export function readMachineFacts(): MachineFacts {
	return {
		uid: process.geteuid?.() ?? -1,
		gid: process.getegid?.() ?? -1,
		accounts: parseAccounts(readText('/etc/passwd')),
		groups: parseGroups(readText('/etc/group')),
		uidMap: parseIdMap(readText('/proc/self/uid_map')),
		gidMap: parseIdMap(readText('/proc/self/gid_map')),
		capabilities: parseCapabilities(readText('/proc/self/status')),
		...(isExecutable(setprivPath) ? {setpriv: setprivPath} : {}),
	};
}

/**
 * Becomes `identity` now, in every thread of the process, with no capability left. Groups first: after setuid it is
 * too late. Throws when the kernel refuses; the caller must not go on as root then.
 */
export function switchInProcess(identity: Identity): void {
	process.setgroups?.([...identity.groups]);
	process.setgid?.(identity.gid);
	process.setuid?.(identity.uid);
}

function readText(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

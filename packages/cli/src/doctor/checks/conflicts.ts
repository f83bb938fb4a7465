/**
 * Programs of this machine that move or remove addresses too: keepalived and its like, systemd-networkd.
 *
 * Decides by the network namespace: a program in another one cannot touch these interfaces. Where keepalived's configuration names a
 * virtual address, two programs would fight for it; otherwise it is only told. systemd-networkd removes addresses that it did not
 * set when it is restarted (`KeepConfiguration` of systemd.network(5) prevents that); hapair puts the address back. Leaves the drop-in that
 * says so to `joining/keep-configuration.ts`.
 */
import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {basename} from 'node:path';
import type {VirtualAddress} from '@hapair/config';
import {type Finding, finding} from '../finding.ts';

const check = 'conflicts';

export interface ConflictFacts {
	readonly rivals: readonly {readonly name: string; readonly pid: number; readonly namesAddress: boolean}[];
	/** Interfaces of virtual addresses that systemd-networkd manages, with the file that says so. */
	readonly managed: readonly ManagedInterface[];
}

export interface ManagedInterface {
	readonly device: string;
	/** Its .network file. */
	readonly file: string;
	/** Addresses of others survive a restart of systemd-networkd. */
	readonly keeps: boolean;
}

const rivalNames = new Set([
	'keepalived',
	'ucarp',
	'vrrpd',
	'corosync',
	'pacemakerd',
	'kube-vip',
	'vip-manager',
	'wackamole',
]);

export function judgeConflicts({rivals, managed}: ConflictFacts): Finding[] {
	const found = rivals.map(({name, pid, namesAddress}) => {
		const what = namesAddress ? 'and its configuration names a virtual address of this pair' : 'and may move addresses';
		const message = `${name} (pid ${pid}) runs here ${what}`;
		return finding(check, namesAddress ? 'fail' : 'warn', message, `one of the two: systemctl disable --now ${name}`);
	});
	for (const {device, file, keeps} of managed) {
		if (keeps) continue;
		const message = `systemd-networkd manages ${device}: a restart of it removes the virtual address until hapair puts it back`;
		found.push(
			finding(
				check,
				'warn',
				message,
				`KeepConfiguration=yes under [Network] in ${dropInFolder(file)}/50-hapair.conf; hapair init and join write it`,
			),
		);
	}
	return found.length > 0 ? found : [finding(check, 'ok', 'no other program here is known to move these addresses')];
}

/** Programs that cannot be looked at (another user's) are left out. */
export function probeConflicts(virtualAddresses: readonly VirtualAddress[]): ConflictFacts {
	const ours = readLink('/proc/self/ns/net');
	const rivals: {name: string; pid: number; namesAddress: boolean}[] = [];
	let isNetworkdHere = false;
	for (const entry of readdirSync('/proc')) {
		if (!/^\d+$/.test(entry)) continue;
		const name = readText(`/proc/${entry}/comm`).trim();
		// The kernel keeps 15 bytes of a name.
		const isNetworkd = name === 'systemd-network';
		if (!isNetworkd && !rivalNames.has(name)) continue;
		if (readLink(`/proc/${entry}/ns/net`) !== ours) continue;
		if (isNetworkd) isNetworkdHere = true;
		// Children of one program are that program.
		else if (!rivals.some(rival => rival.name === name)) {
			rivals.push({name, pid: Number(entry), namesAddress: namesAddress(entry, name, virtualAddresses)});
		}
	}
	return {rivals, managed: isNetworkdHere ? listManaged(virtualAddresses) : []};
}

function namesAddress(pid: string, name: string, virtualAddresses: readonly VirtualAddress[]): boolean {
	const words = readText(`/proc/${pid}/cmdline`).split('\0');
	const flag = words.findIndex(word => word === '-f' || word === '--use-file');
	const file = flag < 0 ? `/etc/${name}/${name}.conf` : (words[flag + 1] ?? '');
	const text = [readText(file), ...words].join('\n');
	return virtualAddresses.some(({address}) => text.split(/[^0-9a-fA-F.:]+/).includes(address));
}

/** Where an administrator adds to a .network file, wherever that is (systemd.network(5)). */
export function dropInFolder(file: string): string {
	return `/etc/systemd/network/${basename(file)}.d`;
}

/** From the state files of systemd-networkd, `NETWORK_FILE` and `NETWORK_FILE_DROPINS`, and drop-ins that it reads at its next start. */
export function listManaged(virtualAddresses: readonly Pick<VirtualAddress, 'interface'>[]): ManagedInterface[] {
	const devices = [...new Set(virtualAddresses.map(vip => vip.interface))];
	return devices.flatMap(device => {
		const index = readText(`/sys/class/net/${device}/ifindex`).trim();
		const state = readText(`/run/systemd/netif/links/${index}`);
		const file = /^NETWORK_FILE=(.+)$/m.exec(state)?.[1];
		if (index === '' || file === undefined) return [];
		const dropIns = /^NETWORK_FILE_DROPINS="?([^"\n]*)"?$/m.exec(state)?.[1]?.split(/[\s:]+/) ?? [];
		const added = listFolder(dropInFolder(file)).filter(path => !dropIns.includes(path));
		return [{device, file, keeps: keepsAddresses([file, ...dropIns, ...added].map(readText))}];
	});
}

/** The last word counts, as in systemd. */
export function keepsAddresses(texts: readonly string[]): boolean {
	const words = texts.flatMap(text =>
		[...text.matchAll(/^\s*KeepConfiguration\s*=\s*(\S*)/gm)].map(([, word]) => word),
	);
	return ['yes', 'static', 'true', '1', 'on'].includes(words.at(-1)?.toLowerCase() ?? '');
}

function listFolder(folder: string): string[] {
	try {
		const names = readdirSync(folder).filter(name => name.endsWith('.conf'));
		return names.toSorted().map(name => `${folder}/${name}`);
	} catch {
		return [];
	}
}

function readText(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}

function readLink(path: string): string {
	try {
		return readlinkSync(path);
	} catch {
		return '';
	}
}

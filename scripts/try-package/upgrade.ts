/**
 * Other packages on two nodes that serve: a newer one, one whose program is broken, and the older one again.
 *
 * Decides what has to be true after each: the service that runs is the one of that package (or, where it is broken, the one from before), systemd has restarted
 * nothing, no term was raised, and what the administrator has written is there. Whether a client noticed is told by `pair.ts`.
 */
import {execFileSync} from 'node:child_process';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Report} from './examine.ts';
import type {Machine} from './machine.ts';

/** A node needs its peer's word before it is the peer's turn. */
const settleMs = 3000;
const packLimitMs = 120_000;

/** What must outlive an installation, or change by it. */
interface Service {
	readonly pid: string;
	/** When systemd started it, μs. */
	readonly since: string;
	readonly version: string;
	readonly state: string;
	readonly term: number;
	/** Configuration files and key, with owners and modes. */
	readonly files: string;
}

function readService(machine: Machine): Service {
	const show =
		'systemctl show hapair --value -p MainPID; systemctl show hapair --value -p ActiveEnterTimestampMonotonic';
	const [pid = '', since = ''] = machine.run(show).stdout.split('\n');
	const status = machine.run('hapair status --json').stdout;
	const {hapair = '', pair} = status === '' ? {} : JSON.parse(status);
	const {state = '', term = -1} = pair?.nodes[0] ?? {};
	const files = machine.run(
		'cd /etc; sha256sum default/hapair hapair/*; stat -c "%n %U:%G %a" default/hapair hapair hapair/*',
	).stdout;
	return {pid, since, version: hapair, state, term, files};
}

/** @param packed what is installed, and @param version what runs afterwards. */
function install(machine: Machine, file: string, packed: string, version: string, report: Report): void {
	const before = readService(machine);
	const {status, stdout, stderr} = machine.run(`dpkg -i ${file}`);
	const after = readService(machine);
	const said = `${stdout}${stderr}\n${JSON.stringify({before, after}, null, 1)}`;
	const title = `${machine.name}, ${before.state}: ${before.version}, then ${packed}`;
	report(`${title}: installed, and ${version} runs`, status === 0 && after.version === version, said);
	const isSame = after.since === before.since && after.state === before.state && after.term === before.term;
	report(`${title}: nothing restarted, no failover`, isSame && before.term > 0, said);
	report(`${title}: configuration and key as they were`, after.files === before.files, said);
	const toldThatOldGoesOn = /the former program goes on/.test(said);
	const toldThatNewRuns = /the new program has taken the place/.test(said);
	const isBroken = packed !== version;
	report(
		`${title}: says that ${isBroken ? 'the former program goes on' : 'the new program runs'}`,
		toldThatOldGoesOn === isBroken && toldThatNewRuns !== isBroken,
		said,
	);
}

/** @param packages in this order, on each node; the second one stands for a newer one. */
export async function tryUpgrades(
	machines: readonly Machine[],
	packages: readonly [older: string, newer: string],
	scratch: string,
	report: Report,
): Promise<void> {
	const [older = '', newer = ''] = packages.map(readVersion);
	const broken = breakPackage(packages[1], scratch);
	for (const machine of machines) {
		machine.put(packages[0], 'opt/older.deb');
		machine.put(packages[1], 'opt/newer.deb');
		machine.put(broken, 'opt/broken.deb');
	}
	for (const [file, packed, version] of [
		['/opt/newer.deb', newer, newer],
		['/opt/broken.deb', `${newer}+broken`, newer],
		['/opt/older.deb', older, older],
	] as const) {
		for (const machine of machines) {
			install(machine, file, packed, version, report);
			await sleep(settleMs);
		}
	}
}

function readVersion(deb: string): string {
	return execFileSync('dpkg-deb', ['-f', deb, 'Version'], {encoding: 'utf8'}).trim();
}

/** The same package with a heartbeat that ends as soon as it starts; a configuration it can check. */
function breakPackage(deb: string, scratch: string): string {
	const [tree, file] = [join(scratch, 'broken'), join(scratch, 'broken.deb')];
	mkdirSync(scratch, {recursive: true});
	execFileSync('dpkg-deb', ['-R', deb, tree], {timeout: packLimitMs});
	writeFileSync(join(tree, 'usr/lib/hapair/heartbeat-process.js'), "throw new Error('broken on purpose');\n");
	execFileSync('sed', ['-i', 's/^Version: .*/&+broken/', join(tree, 'DEBIAN/control')]);
	execFileSync('dpkg-deb', ['-Znone', '--root-owner-group', '-b', tree, file], {stdio: 'ignore', timeout: packLimitMs});
	rmSync(tree, {recursive: true});
	return file;
}

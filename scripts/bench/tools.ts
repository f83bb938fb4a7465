/**
 * The programs beside which hapair is measured: haproxy, nginx and the load generator wrk.
 *
 * Decides that Debian's packages are installed where root may do so, without starting their services; otherwise what is installed is
 * used and what is missing is left out. Leaves their configuration to `contenders.ts`.
 */
import {spawnSync} from 'node:child_process';
import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import {maybeFindTool} from '../../test/lab/tools.ts';

/** Debian's package of each program. */
const packageOfProgram = {haproxy: 'haproxy', nginx: 'nginx-light', wrk: 'wrk'} as const;
export type Program = keyof typeof packageOfProgram;

const programs = Object.keys(packageOfProgram) as readonly Program[];
/** Debian asks this file whether a service may start (invoke-rc.d(8)); 101 says no. */
const policyFile = '/usr/sbin/policy-rc.d';

/** Where each program is; installs the missing ones when `mayInstall` and allowed. `say` gets one sentence for what was done. */
export function findPrograms(mayInstall: boolean, say: (text: string) => void): ReadonlyMap<Program, string> {
	const missing = programs.filter(program => !maybeFindTool(program));
	if (missing.length > 0 && mayInstall && process.getuid?.() === 0 && isDebian() && maybeFindTool('apt-get')) {
		install(
			missing.map(program => packageOfProgram[program]),
			say,
		);
	}
	const found = new Map<Program, string>();
	for (const program of programs) {
		const path = maybeFindTool(program);
		if (path !== undefined) found.set(program, path);
		else say(`${program} is not installed and is left out (Debian: apt-get install ${packageOfProgram[program]})`);
	}
	return found;
}

function install(packages: readonly string[], say: (text: string) => void): void {
	const names = packages.join(' ');
	say(`installing ${names}; their services are not started`);
	const ownsPolicy = tryWritePolicy();
	try {
		const argv = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=60', ...packages];
		// The lists of packages may be absent or old, as in most images.
		if (aptGet(argv) || (aptGet(['update']) && aptGet(argv))) say(`installed; to undo it: apt-get purge ${names}`);
		else say(`apt-get could not install ${names}`);
	} finally {
		if (ownsPolicy) rmSync(policyFile, {force: true});
	}
}

function tryWritePolicy(): boolean {
	try {
		writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', {mode: 0o755, flag: 'wx'});
		return true;
	} catch {
		return false;
	}
}

function aptGet(argv: readonly string[]): boolean {
	const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive'};
	return spawnSync('apt-get', argv, {env, stdio: 'ignore'}).status === 0;
}

function isDebian(): boolean {
	try {
		return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
	} catch {
		return false;
	}
}

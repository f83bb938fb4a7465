/**
 * `npm run package:try -- FILE`: installs, upgrades, removes and purges a package in a Debian of its own, and asks lintian. Root.
 *
 * Decides what a good package is: no Node is needed, nothing starts by itself, a changed configuration survives an upgrade, a removal keeps
 * it, a purge leaves neither file nor account, and lintian finds no error. Nothing of this machine's own system is touched.
 * Leaves the options and whatever needs systemd to `try-package/`: a pair, the runbook, cloud-init, the archive; and other processors to `emulated.ts`.
 */
import {execFileSync, spawnSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {tryArchive} from './try-package/archive.ts';
import {tryCloudInit} from './try-package/cloud-init.ts';
import {tryEmulated} from './try-package/emulated.ts';
import {mountLayers} from './try-package/machine.ts';
import {help, readOptions, type TryOptions} from './try-package/options.ts';
import {tryPair} from './try-package/pair.ts';
import {tryRunbook} from './try-package/runbook.ts';

const stepLimitMs = 900_000;
/** What the package may find on every Debian, and the dependencies that dpkg alone would not fetch. */
const installed =
	'systemd,systemd-sysv,dbus,iproute2,iputils-arping,iputils-ping,nftables,libatomic1,libstdc++6,openssh-server';

/** Each line is a step; `said` is what its output has to match. */
const steps: readonly (readonly [title: string, script: string, said?: RegExp])[] = [
	[
		'installs without anything else',
		'find / -xdev -path /proc -prune -o -path /sys -prune -o -path /run -prune -o -path /tmp -prune -o -print | sort >/tmp/before; dpkg -i /tmp/hapair.deb',
		/^hapair: nothing was started\. Next: hapair init /m,
	],
	['has its own Node', 'command -v node || true; hapair --version', /^hapair \d/],
	[
		'makes two users with their groups',
		'id -u hapair && id -u hapair-proxy && getent group hapair hapair-proxy',
		/^\d+\n\d+\nhapair:.*\nhapair-proxy:/,
	],
	['keeps /etc/hapair closed', 'stat -c "%U:%G %a" /etc/hapair', /^hapair:hapair 750$/m],
	['enables nothing by itself', 'ls /etc/systemd/system/multi-user.target.wants', /^(?!.*hapair)/s],
	['reads a configuration', 'hapair check -f /usr/share/doc/hapair/examples/article.cfg', /configuration is valid/],
	[
		'its units are right',
		// The systemd of Debian 11 cannot tell without control groups; `--pair` starts the unit there.
		'systemd-analyze verify --man=no hapair.service hapair-witness.service 2>&1 && echo fine',
		/^fine$|Cannot determine cgroup/m,
	],
	[
		'an upgrade keeps the configuration',
		'echo "# mine" >>/etc/hapair/hapair.cfg; systemctl enable hapair; dpkg -i /tmp/hapair.deb; tail -n 1 /etc/hapair/hapair.cfg',
		/^# mine$/m,
	],
	['files are as they were packed', 'dpkg --verify hapair', /^(\?\?5\?{6} c \/etc\/hapair\/hapair\.cfg\n?)?$/],
	[
		'a removal keeps the configuration',
		'hapair keygen /etc/hapair/pair.key; dpkg -r hapair; ls /etc/hapair',
		/hapair\.cfg\npair\.key/,
	],
	[
		'a purge leaves no file',
		'dpkg -P hapair; find / -xdev -path /proc -prune -o -path /sys -prune -o -path /run -prune -o -path /tmp -prune -o -print | sort | diff /tmp/before - && echo nothing',
		/^nothing$/m,
	],
	[
		'a purge leaves no account',
		'getent passwd hapair hapair-proxy; getent group hapair hapair-proxy; echo "[$?]"',
		/^\[2\]$/m,
	],
];

let failures = 0;
process.exitCode = await main(readOptions(process.argv.slice(2)));

async function main(options: ReturnType<typeof readOptions>): Promise<number> {
	if ('help' in options) {
		process.stdout.write(help);
		return 0;
	}
	if ('complaint' in options) return complain(`${options.complaint}; see --help`);
	if (process.getuid?.() !== 0) return complain('only root may make a Debian and mount it: sudo npm run package:try');
	const missing = ['debootstrap', 'lintian', 'systemd-nspawn'].filter(tool => spawnSync(tool, ['--version']).error);
	if (missing.length > 0)
		return complain(`${missing.join(', ')}: not here; apt install debootstrap lintian systemd-container`);
	const scratch = mkdtempSync(join(tmpdir(), 'hapair-try-'));
	try {
		await tryAll(options, resolve(options.base ?? join(scratch, 'base')), scratch);
	} finally {
		for (const mounted of ['system/proc', 'system']) spawnSync('umount', [join(scratch, mounted)]);
		rmSync(scratch, {recursive: true, force: true});
	}
	return failures === 0 ? 0 : 1;
}

async function tryAll(options: TryOptions, base: string, scratch: string): Promise<void> {
	const {what, file, newer} = options;
	if (what === 'package' || what === 'pair') return tryPackage(options, base, scratch);
	const include = what === 'cloud-init' ? `${installed},cloud-init,python3-cffi-backend,curl` : installed;
	const folder = what === 'cloud-init' ? `${base}-cloud` : base;
	makeBase(folder, include, options);
	if (what === 'runbook') await tryRunbook([file, newer], folder, scratch, report);
	else if (what === 'cloud-init') await tryCloudInit(file, folder, scratch, report);
	else await tryArchive([file, newer], folder, scratch, report);
}

async function tryPackage(options: TryOptions, base: string, scratch: string): Promise<void> {
	const {what, file, newer} = options;
	const system = join(scratch, 'system');
	const architecture = execFileSync('dpkg-deb', ['-f', file, 'Architecture'], {encoding: 'utf8'}).trim();
	const own = {x64: 'amd64'}[process.arch as string] ?? process.arch;
	if (architecture !== own) tryEmulated(file, {base, system, scratch}, options, report);
	else {
		makeBase(base, installed, options);
		tryHere(file, base, system, scratch);
		if (what === 'pair') await tryPair([file, newer], base, join(scratch, 'pair'), report);
	}
	const lint = spawnSync('lintian', ['--fail-on', 'error', '--allow-root', file], {
		encoding: 'utf8',
		timeout: stepLimitMs,
	});
	report('lintian finds no error', lint.status === 0, lint.error?.message ?? lint.stdout + lint.stderr);
}

function tryHere(file: string, base: string, system: string, scratch: string): void {
	mountLayers(base, system, scratch);
	execFileSync('mount', ['-t', 'proc', 'proc', join(system, 'proc')]);
	copyFileSync(file, join(system, 'tmp/hapair.deb'));
	for (const [title, script, said] of steps) {
		const env = {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive'};
		const ran = spawnSync('chroot', [system, '/bin/sh', '-c', script], {encoding: 'utf8', env, timeout: stepLimitMs});
		report(title, said === undefined ? ran.status === 0 : said.test(ran.stdout), ran.stdout + ran.stderr);
	}
}

/** A bare Debian with these packages, unless it is there. */
function makeBase(folder: string, packages: string, {suite, mirror}: TryOptions): void {
	if (existsSync(folder)) return;
	process.stderr.write('package:try: debootstrap makes a bare Debian, about a minute …\n');
	const argv = ['--variant=minbase', `--include=${packages}`, suite, folder, ...(mirror === undefined ? [] : [mirror])];
	execFileSync('debootstrap', argv, {stdio: ['ignore', 'ignore', 'inherit'], timeout: stepLimitMs});
}

function complain(message: string): number {
	process.stderr.write(`package:try: ${message}\n`);
	return 64;
}

function report(title: string, ok: boolean, output: string): void {
	process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${title}\n`);
	if (ok) return;
	failures++;
	process.stdout.write(`${output.trimEnd().replace(/^/gm, '     ')}\n`);
}

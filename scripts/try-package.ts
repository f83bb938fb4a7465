/**
 * `npm run package:try -- FILE.deb`: installs, upgrades, removes and purges a package in a Debian of its own, and asks lintian. Root.
 *
 * Usage: npm run package:try -- FILE.deb [--pair [NEWER.deb]] [--runbook NEWER.deb | --cloud-init] [--base FOLDER] [--mirror URL] [--suite NAME]. `--base` keeps the bare Debian for the next time;
 * without `--mirror` debootstrap takes its own.
 * `--pair` goes on with two whole machines (`try-package/pair.ts`); `--runbook NEWER.deb` carries docs/runbook.md out on two instead (`try-package/runbook.ts`),
 * `--cloud-init` starts two with the user-data of deploy/cloud-init (`try-package/cloud-init.ts`).
 * A package for another processor is tried under emulation (`try-package/emulated.ts`), without a pair.
 * Decides what a good package is: no Node is needed, nothing starts by itself, a changed configuration survives an upgrade, a removal keeps
 * it, a purge leaves neither file nor account, and lintian finds no error. Nothing of this machine's own system is touched.
 */
import {execFileSync, spawnSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {parseArgs} from 'node:util';
import {tryCloudInit} from './try-package/cloud-init.ts';
import {tryEmulated} from './try-package/emulated.ts';
import {mountLayers} from './try-package/machine.ts';
import {tryPair} from './try-package/pair.ts';
import {tryRunbook} from './try-package/runbook.ts';

const stepLimitMs = 900_000;
/** What the package may find on every Debian, and the dependencies that dpkg alone would not fetch. */
const installed =
	'systemd,systemd-sysv,dbus,iproute2,iputils-arping,iputils-ping,nftables,libatomic1,libstdc++6,openssh-server';

const {values, positionals} = parseArgs({
	allowPositionals: true,
	options: {
		base: {type: 'string'},
		pair: {type: 'boolean', default: false},
		runbook: {type: 'string'},
		'cloud-init': {type: 'boolean', default: false},
		mirror: {type: 'string'},
		suite: {type: 'string', default: 'bookworm'},
	},
});
const [deb, newer = deb] = positionals;
if (deb === undefined || process.getuid?.() !== 0) {
	process.stderr.write('usage, as root: npm run package:try -- FILE.deb [--pair [NEWER.deb]] [--base FOLDER]\n');
	process.exit(2);
}

const scratch = mkdtempSync(join(tmpdir(), 'hapair-try-'));
const architecture = execFileSync('dpkg-deb', ['-f', resolve(deb), 'Architecture'], {encoding: 'utf8'}).trim();
const own = {x64: 'amd64'}[process.arch as string] ?? process.arch;
const base = resolve(values.base ?? join(scratch, 'base'));
const system = join(scratch, 'system');

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
		'systemd-analyze verify --man=no hapair.service hapair-witness.service && echo fine',
		/^fine$/m,
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
try {
	if (values.runbook !== undefined) {
		makeBase(base, installed);
		await tryRunbook([resolve(deb), resolve(values.runbook)], base, scratch, report);
	} else if (values['cloud-init']) {
		const cloud = `${base}-cloud`;
		makeBase(cloud, `${installed},cloud-init,python3-cffi-backend,curl`);
		await tryCloudInit(resolve(deb), cloud, scratch, report);
	} else await tryPackage(resolve(deb));
} finally {
	for (const mounted of [join(system, 'proc'), system]) spawnSync('umount', [mounted]);
	rmSync(scratch, {recursive: true, force: true});
}
process.exitCode = failures === 0 ? 0 : 1;

async function tryPackage(file: string): Promise<void> {
	if (architecture === own) await tryHere(file);
	else tryEmulated(file, {base, system, scratch}, values, report);
	const lint = spawnSync('lintian', ['--fail-on', 'error', '--allow-root', file], {
		encoding: 'utf8',
		timeout: stepLimitMs,
	});
	report('lintian finds no error', lint.status === 0, lint.error?.message ?? lint.stdout + lint.stderr);
}

async function tryHere(file: string): Promise<void> {
	makeBase(base, installed);
	mountLayers(base, system, scratch);
	execFileSync('mount', ['-t', 'proc', 'proc', join(system, 'proc')]);
	copyFileSync(file, join(system, 'tmp/hapair.deb'));
	for (const [title, script, said] of steps) {
		const env = {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive'};
		const ran = spawnSync('chroot', [system, '/bin/sh', '-c', script], {encoding: 'utf8', env, timeout: stepLimitMs});
		report(title, said === undefined ? ran.status === 0 : said.test(ran.stdout), ran.stdout + ran.stderr);
	}
	if (values.pair) await tryPair([file, resolve(newer ?? file)], base, join(scratch, 'pair'), report);
}

/** A bare Debian with these packages, unless it is there. */
function makeBase(folder: string, packages: string): void {
	if (existsSync(folder)) return;
	const mirror = values.mirror === undefined ? [] : [values.mirror];
	const argv = ['--variant=minbase', `--include=${packages}`, values.suite, folder, ...mirror];
	execFileSync('debootstrap', argv, {stdio: ['ignore', 'ignore', 'inherit'], timeout: stepLimitMs});
}

function report(title: string, ok: boolean, output: string): void {
	process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${title}\n`);
	if (ok) return;
	failures++;
	process.stdout.write(`${output.trimEnd().replace(/^/gm, '     ')}\n`);
}

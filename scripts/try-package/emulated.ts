/**
 * `npm run package:try -- FILE_arm64.deb` on another processor: the package installed and run in a Debian of its own, under qemu-user-static.
 *
 * Decides what has to come true there: its Node runs, it installs, reads a configuration and answers requests, by a proxy that is another
 * user than its daemon. The emulator knows no filters of system calls, so that one is not tried. Nothing of this machine is changed: who runs
 * foreign programs is told to the kernel in a user namespace (Linux 6.7 or later), and the ports are those of a network namespace. Debian is unpacked, not set up: that takes minutes under emulation and
 * proves nothing about this package.
 */
import {execFileSync, type SpawnSyncReturns, spawnSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Report} from './examine.ts';
import {mountLayers} from './machine.ts';

const emulator = '/usr/bin/qemu-aarch64-static';
const unpackLimitMs = 900_000;
/** A start under emulation takes seconds. */
const stepLimitMs = 300_000;
const included = 'iproute2,iputils-arping,nftables,libatomic1,libstdc++6,perl-base,passwd,util-linux';

/** How the kernel knows a program of arm64: 64-bit ELF, little-endian, for machine 183 (binfmt_misc). The emulator is opened now (`F`). */
const magic = String.raw`\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00`;
const mask = String.raw`\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`;
const registration = `:aarch64:M::${magic}:${mask}:${emulator}:F`;

const configuration = `global
    user hapair-proxy
    group hapair-proxy
defaults
    mode http
    timeout connect 5s
    timeout client 50s
    timeout server 50s
frontend http-in
    bind 127.0.0.1:8080
    monitor-uri /alive
    default_backend none
backend none
    server nobody 127.0.0.1:9 check inter 2s
`;

/** The unit's rights, and a question once a port answers. Everything of it ends with the namespace. */
const serve = `K=-all,+net_admin,+net_raw,+net_bind_service,+setuid,+setgid
setpriv --reuid hapair --regid hapair --clear-groups --inh-caps $K --ambient-caps $K --no-new-privs \\
	hapair run -f /tmp/serve.cfg --socket /tmp/run/hapair.sock --log-level info >/tmp/run/log 2>&1 &
perl -MSocket -e 'for (1..120) { socket(S, PF_INET, SOCK_STREAM, 0); if (connect(S, pack_sockaddr_in(8080, inet_aton("127.0.0.1")))) {
	syswrite S, "GET /alive HTTP/1.0\\r\\n\\r\\n"; local $/; print <S>; last } close S; sleep 1 }'
for process in /proc/[0-9]*; do
	tr '\\0' ' ' <$process/cmdline | grep -q proxy-process && sed -n 's/^Uid:[^0-9]*\\([0-9]*\\).*/\\1/p' $process/status >/tmp/run/uid
done
cat /tmp/run/log`;

const steps: readonly (readonly [title: string, script: string, said?: RegExp])[] = [
	['is of the other processor', 'dpkg --print-architecture; uname -m', /^arm64\naarch64$/m],
	[
		'installs',
		'dpkg --force-depends -i /tmp/hapair.deb 2>&1; dpkg-query -s hapair | grep ^Status',
		/install ok installed$/m,
	],
	['has its own Node', 'hapair --version; /usr/lib/hapair/bin/node -p process.arch', /^hapair \d[^\n]*\narm64$/m],
	['reads a configuration', 'hapair check -f /usr/share/doc/hapair/examples/article.cfg', /configuration is valid/],
	['answers a request', serve, /^HTTP\/1\.1 200 OK/],
	['its proxy is another user than its daemon', 'cat /tmp/run/uid; id -u hapair-proxy', /^(\d+)\n\1$/m],
];

/** @param base where the bare Debian is or will be; @param system where its changes are mounted; @param mirror of debootstrap, its own unless given. */
export function tryEmulated(
	deb: string,
	{base, system, scratch}: {readonly base: string; readonly system: string; readonly scratch: string},
	{suite, mirror}: {readonly suite: string; readonly mirror: string | undefined},
	report: Report,
): void {
	if (!existsSync(emulator)) {
		report('arm64: there is an emulator', false, 'apt install qemu-user-static');
		return;
	}
	if (!existsSync(base)) {
		const argv = ['--foreign', '--arch=arm64', '--variant=minbase', `--include=${included}`, suite, base];
		execFileSync('debootstrap', [...argv, ...(mirror === undefined ? [] : [mirror])], {
			stdio: ['ignore', 'ignore', 'inherit'],
			timeout: unpackLimitMs,
		});
		// The set-up, which is left out, would unpack what is not essential.
		const unpack = `for deb in "$0"/var/cache/apt/archives/*.deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$0" --keep-directory-symlink || exit; done`;
		execFileSync('/bin/sh', ['-c', unpack, base], {timeout: unpackLimitMs});
	}
	mountLayers(base, system, scratch);
	prepare(system, deb);
	for (const [title, script, said] of steps) {
		const ran = inside(system, script);
		const ok = said === undefined ? ran.status === 0 : said.test(ran.stdout);
		report(`arm64: ${title}`, ok, ran.stdout + ran.stderr);
	}
}

/** What the set-up of a Debian would have made and the package needs. */
function prepare(system: string, deb: string): void {
	const masters = join(system, 'usr/share/base-passwd');
	copyFileSync(join(masters, 'passwd.master'), join(system, 'etc/passwd'));
	copyFileSync(join(masters, 'group.master'), join(system, 'etc/group'));
	for (const name of ['shadow', 'gshadow']) writeFileSync(join(system, 'etc', name), '', {mode: 0o640});
	// debootstrap leaves a link to itself there.
	rmSync(join(system, 'proc'));
	for (const folder of ['proc', 'tmp', 'tmp/run']) mkdirSync(join(system, folder), {recursive: true});
	execFileSync('chmod', ['1777', join(system, 'tmp'), join(system, 'tmp/run')]);
	copyFileSync(deb, join(system, 'tmp/hapair.deb'));
	writeFileSync(join(system, 'tmp/serve.cfg'), configuration);
}

/** Numbers of unshare(2) and prctl(2) here. */
const callNumbers = {x64: ['272', '157'], arm64: ['97', '167']} as const;

/**
 * Runs a command as root of new namespaces of users, mounts, network and processes, in which the first 65536 ids are themselves; it ends with its caller.
 * unshare(1) would need programs of the package uidmap for that.
 */
const enter = `my ($unshare, $prctl, @argv) = @ARGV;
pipe(my $ready, my $unshared); pipe(my $mapped, my $go);
my $outer = fork // die "fork: $!";
if (!$outer) {
	syscall($prctl + 0, 1, 9);
	close $ready; close $go;
	syscall($unshare + 0, 0x70020000) == 0 or die "unshare: $!";
	close $unshared; sysread $mapped, my $byte, 1;
	my $inner = fork // die "fork: $!";
	if (!$inner) { syscall($prctl + 0, 1, 9); exec @argv or die "exec: $!" }
	waitpid $inner, 0; exit($? >> 8);
}
close $unshared; close $mapped; sysread $ready, my $byte, 1;
for my $kind ('uid', 'gid') {
	open(my $map, '>', "/proc/$outer/" . $kind . "_map") or die "map: $!";
	syswrite $map, "0 0 65536\n" or die "map: $!";
}
close $go; waitpid $outer, 0; exit($? >> 8);`;

/** Who runs foreign programs, then the other Debian. */
const start = `mount -t binfmt_misc binfmt_misc /mnt && printf '%s' "$1" >/mnt/register || exit 99
mount -t proc proc "$0/proc"; ip link set lo up; exec chroot "$0" /bin/sh -c "$2"`;

/** A shell's line in the other Debian, whose processes end with it. */
function inside(system: string, script: string): SpawnSyncReturns<string> {
	const numbers = callNumbers[process.arch as keyof typeof callNumbers];
	return spawnSync('perl', ['-e', enter, ...numbers, '/bin/sh', '-c', start, system, registration, script], {
		encoding: 'utf8',
		timeout: stepLimitMs,
		env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive'},
	});
}

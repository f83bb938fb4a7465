/**
 * A Debian for guests: a disk, its kernel, and an agent that runs commands (`agent.ts`). Made once, and kept in a folder.
 *
 * Decides what is on a node before anybody comes: Debian's minimal system with systemd, its stock kernel, and what hapair's package depends
 * on. debootstrap takes its own mirror unless one is given. A disk is never written again: guests write into files of their own.
 */
import {execFileSync, spawnSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {agentProgram, agentUnit} from './agent.ts';
import {extractKernel} from './kernel.ts';

export interface Image {
	/** ext4 in a raw file. */
	readonly disk: string;
	/** Uncompressed, for `-kernel`. */
	readonly kernel: string;
	readonly initrd: string;
}

export interface ImageOptions {
	/** A folder that keeps images and downloaded packages. */
	readonly base: string;
	/** Of the image in the folder; another list of packages needs another name. */
	readonly name?: string;
	/** Beside the ones that every image has. */
	readonly packages?: readonly string[];
	readonly suite?: string;
	/** debootstrap's own unless given. */
	readonly mirror?: string;
	/** A line for each long step. */
	readonly say?: (line: string) => void;
}

const stepLimitMs = 900_000;
const commonPackages = [
	'linux-image-amd64',
	'systemd,systemd-sysv,dbus,udev,kmod',
	'iproute2,iputils-arping,iputils-ping,nftables,procps',
	'libatomic1,libstdc++6',
];
/** MiB, as the guest sees it; the file is sparse. */
const diskMiB = 3072;

/** Answers what is there already, or makes it: some minutes, and 400 MiB from the mirror at the first time. Root. */
export function buildImage(options: ImageOptions): Image {
	const {name = 'debian', say = () => {}} = options;
	const folder = resolve(options.base, name);
	const image = {disk: join(folder, 'disk'), kernel: join(folder, 'vmlinux'), initrd: join(folder, 'initrd')};
	if (existsSync(image.disk)) return image;
	const scratch = `${folder}.${process.pid}`;
	const system = join(scratch, 'system');
	try {
		mkdirSync(system, {recursive: true});
		say('building a Debian: debootstrap …');
		prepareInitrd(system);
		installSystem(system, options);
		furnish(system);
		say('writing its disk …');
		const boot = join(system, 'boot');
		const find = (prefix: string): string => join(boot, readdirSync(boot).find(file => file.startsWith(prefix)) ?? '');
		writeFileSync(join(scratch, 'vmlinux'), extractKernel(readFileSync(find('vmlinuz-'))));
		renameSync(find('initrd.img-'), join(scratch, 'initrd'));
		run('mke2fs', ['-q', '-t', 'ext4', '-L', 'root', '-d', system, join(scratch, 'disk'), `${diskMiB}M`]);
		rmSync(system, {recursive: true});
		rmSync(folder, {recursive: true, force: true});
		renameSync(scratch, folder);
	} finally {
		// A debootstrap that was interrupted leaves them.
		for (const folder of ['proc', 'sys']) spawnSync('umount', ['-q', join(system, folder)], {stdio: 'ignore'});
		rmSync(scratch, {recursive: true, force: true});
	}
	return image;
}

function installSystem(system: string, {base, packages = [], suite = 'bookworm', mirror}: ImageOptions): void {
	const cache = resolve(base, 'packages');
	mkdirSync(cache, {recursive: true});
	const include = `--include=${[...commonPackages, ...packages].join()}`;
	const argv = ['--variant=minbase', include, `--cache-dir=${cache}`, suite, system];
	run('debootstrap', [...argv, ...(mirror === undefined ? [] : [mirror])]);
}

/** Before the kernel is installed, so that its start file system is made once, with what these guests have. */
function prepareInitrd(system: string): void {
	write(system, 'etc/initramfs-tools/conf.d/guest', 'MODULES=list\nCOMPRESS=gzip\n');
	const hook = `#!/bin/sh
[ "$1" = prereqs ] && exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules virtio_pci virtio_blk ext4
`;
	write(system, 'etc/initramfs-tools/hooks/guest', hook, 0o755);
}

/** The agent, the network's service, no password. Services of further packages do not start by themselves, and nothing updates itself. */
function furnish(system: string): void {
	write(system, 'usr/local/lib/guest-agent', agentProgram, 0o755);
	write(system, 'etc/systemd/system/guest-agent.service', agentUnit);
	write(system, 'etc/fstab', 'LABEL=root / ext4 errors=remount-ro 0 1\n');
	write(system, 'etc/machine-id', '');
	write(system, 'etc/hosts', '127.0.0.1 localhost\n::1 localhost\n');
	const inside = (argv: readonly string[]) => run('chroot', [system, ...argv]);
	inside(['systemctl', 'enable', 'guest-agent', 'systemd-networkd']);
	inside([
		'systemctl',
		'mask',
		'apt-daily.timer',
		'apt-daily-upgrade.timer',
		'e2scrub_all.timer',
		'e2scrub_reap.service',
	]);
	for (const service of ['haproxy', 'keepalived'])
		rmSync(join(system, `etc/systemd/system/multi-user.target.wants/${service}.service`), {force: true});
	rmSync(join(system, 'var/cache/apt/archives'), {recursive: true, force: true});
	mkdirSync(join(system, 'var/cache/apt/archives/partial'), {recursive: true});
}

function write(system: string, path: string, text: string, mode = 0o644): void {
	const file = join(system, path);
	mkdirSync(dirname(file), {recursive: true});
	writeFileSync(file, text);
	chmodSync(file, mode);
}

/** Throws with the last words of a program that failed. */
function run(program: string, argv: readonly string[]): void {
	const env = {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive'};
	try {
		execFileSync(program, argv, {
			encoding: 'utf8',
			env: {...process.env, ...env},
			timeout: stepLimitMs,
			stdio: ['ignore', 'pipe', 'pipe'],
			maxBuffer: 64 * 1024 * 1024,
		});
	} catch (error) {
		const {stdout = '', stderr = '', message} = error as Error & {stdout?: string; stderr?: string};
		const words = `${stdout}${stderr}`.trim().split('\n').slice(-8).join('\n');
		throw new Error(`${program}: ${words === '' ? message : words}`);
	}
}

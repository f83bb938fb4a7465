/**
 * `npm run package:try -- FILE.tar.xz [NEWER.tar.xz]`: the archive for other distributions, on a machine with systemd.
 *
 * Decides what `install.sh` has to do: its files can be read whatever the umask was, nothing starts by itself, a newer archive takes over without a
 * restart and keeps the configuration, a removal keeps configuration and history, and any archive removes what another one has installed. The machine is a Debian, whose dpkg is not asked.
 */
import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import type {Report} from './examine.ts';
import {Machine, makeSwitch, network} from './machine.ts';

const unpackLimitMs = 120_000;

const configuration = `defaults
    mode http
    timeout connect 5s
    timeout client 50s
    timeout server 50s
frontend http-in
    bind *:80
    monitor-uri /alive
`;

const everyFile = `find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /opt \\) -prune -o -print | sort`;
const changes = `${everyFile} | diff /opt/before - | sed -n 's/^[<>] //p'`;
/** Of what is installed: files that not everybody can read. */
const unreadable =
	'find /usr/lib/hapair /usr/share/doc/hapair /usr/bin/hapair \\( ! -perm -004 -o -type d ! -perm -005 \\)';
const running = `hapair status --json | sed -n 's/^ *"hapair": "\\(.*\\)",$/\\1/p'; systemctl show hapair -P ActiveEnterTimestampMonotonic`;

type Step = readonly [title: string, script: string, said: RegExp];

/** @param older folder of the unpacked archive, and @param newer that of the other one. */
function listSteps(older: string, newer: string, newerVersion: string): readonly Step[] {
	const upgraded = new RegExp(`^(\\d+)\\n[\\s\\S]*\\n${newerVersion.replaceAll('.', '\\.')}\\n\\1\\n$`);
	return [
		['says what it takes', `${older}/install.sh --help 2>&1`, /^usage, as root: install\.sh /],
		[
			'installs, and starts nothing',
			`${everyFile} >before; umask 077; ${older}/install.sh; systemctl is-active hapair`,
			/hapair: nothing was started\. Next: hapair init [\s\S]*\ninactive\n$/,
		],
		['its files can be read by everybody, whatever the umask was', `${unreadable}; echo end`, /^end\n$/],
		['has its own Node', 'command -v node; hapair --version', /^hapair \d[^\n]*\n$/],
		['reads a configuration', 'hapair check -f /usr/share/doc/hapair/examples/article.cfg', /configuration is valid/],
		[
			'its service starts',
			'cp serve.cfg /etc/hapair/hapair.cfg; systemctl enable --now hapair 2>&1; systemctl is-active hapair',
			/\nactive\n$/,
		],
		[
			'a newer archive takes over without a restart',
			`systemctl show hapair -P ActiveEnterTimestampMonotonic; ${newer}/install.sh 2>&1; ${running}`,
			upgraded,
		],
		['its files can be read too', `${unreadable}; echo end`, /^end\n$/],
		[
			'the configuration is kept, and the new one announced once',
			`cmp serve.cfg /etc/hapair/hapair.cfg && ls /etc/hapair; ${newer}/install.sh 2>&1`,
			/^hapair\.cfg\nhapair\.cfg\.dist\n(?![\s\S]*is kept as it is)/,
		],
		[
			'a configuration that it does not take is shown, and the service goes on',
			`echo wrong >>/etc/hapair/hapair.cfg; ${older}/install.sh 2>&1; systemctl is-active hapair`,
			/error: unknown keyword 'wrong'[\s\S]*the service goes on as it was[\s\S]*\nactive\n$/,
		],
		[
			'the other archive removes it, but not configuration and history',
			`${newer}/install.sh remove; ${changes}`,
			/^hapair: removed; configuration, [^\n]*\n(\/(etc|var\/lib)\/(default\/)?hapair[^\n]*\n)+$/,
		],
		[
			'a purge leaves nothing, by the other archive too',
			`${newer}/install.sh >/dev/null 2>&1; ${older}/install.sh purge 2>&1; ${changes}; getent passwd hapair hapair-proxy; systemctl list-units --failed --no-legend`,
			/^hapair: removed, with configuration[^\n]*\n$/,
		],
	];
}

/** @param archives the one to begin with, and the one to upgrade to; they may be the same. */
export async function tryArchive(
	archives: readonly [older: string, newer: string],
	base: string,
	scratch: string,
	report: Report,
): Promise<void> {
	const namespace = `hapair-archive-${process.pid}`;
	const enter = makeSwitch(namespace);
	const machine = new Machine('lb1', base, scratch);
	try {
		const [older = '', newer = ''] = archives.map((file, index) => {
			const folder = join(machine.folder, `opt/${index}`);
			mkdirSync(folder);
			execFileSync('tar', ['-xJf', file, '-C', folder], {timeout: unpackLimitMs});
			// As somebody with a strict umask unpacks it.
			execFileSync('chmod', ['-R', 'go=', folder]);
			return `/opt/${index}/${basename(file, '.tar.xz')}`;
		});
		writeFileSync(join(machine.folder, 'opt/serve.cfg'), configuration);
		await machine.start(enter, network.gateway.replace(/\d+$/, '11'));
		for (const [title, script, said] of listSteps(older, newer, readVersion(archives[1]))) {
			const {stdout, stderr} = machine.run(`cd /opt; ${script}`);
			report(`archive: ${title}`, said.test(stdout), stdout + stderr);
		}
	} finally {
		await machine.stop();
		execFileSync('ip', ['netns', 'del', namespace]);
	}
}

function readVersion(archive: string): string {
	return /^hapair-(.*)-linux-/.exec(basename(archive))?.[1] ?? '';
}

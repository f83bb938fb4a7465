/**
 * What `npm run package:try` can be asked.
 */
import {existsSync} from 'node:fs';
import {resolve} from 'node:path';
import {parseArgs} from 'node:util';

export const help = `Usage, as root: npm run package:try -- FILE.deb [--pair [NEWER.deb] | --runbook NEWER.deb | --cloud-init]
                npm run package:try -- FILE.tar.xz [NEWER.tar.xz]

Tries a package in a Debian of its own, which debootstrap makes first; nothing of this machine's system is touched. Prints a
line for each thing that has to come true, and what was said where it did not.

  FILE.deb               install, upgrade, remove, purge, and lintian; a package for the other processor under emulation
  --pair [NEWER.deb]     then two machines with systemd: init and join, rights, memory, and under load an upgrade to NEWER,
                         a package with a broken program, and the way back
  --runbook NEWER.deb    instead: docs/runbook.md, typed into two machines with systemd
  --cloud-init           instead: two machines with nothing but the user-data of deploy/cloud-init
  FILE.tar.xz [NEWER]    the archive's install.sh on a machine with systemd: install, start, upgrade, remove, purge

  --base FOLDER          keeps the bare Debian there for the next time
  --mirror URL           of Debian (debootstrap's own)
  --suite NAME           of Debian (bookworm)

Exit codes: 0 all of it came true, 1 something did not, 64 wrong usage.
Needs debootstrap, lintian and systemd-container (systemd-nspawn); for another processor qemu-user-static.

Example: npm run package:try -- out/hapair_0.1.0_amd64.deb --pair out/hapair_0.1.1_amd64.deb --base /var/tmp/bare
`;

export interface TryOptions {
	readonly what: 'package' | 'pair' | 'runbook' | 'cloud-init' | 'archive';
	readonly file: string;
	/** The same file where none was given. */
	readonly newer: string;
	readonly base: string | undefined;
	readonly mirror: string | undefined;
	readonly suite: string;
}

/** Files are looked for from the working directory. */
export function readOptions(
	argv: readonly string[],
): TryOptions | {readonly help: true} | {readonly complaint: string} {
	try {
		const {values, positionals} = parseArgs({
			args: [...argv],
			allowPositionals: true,
			options: {
				base: {type: 'string'},
				pair: {type: 'boolean', default: false},
				runbook: {type: 'string'},
				'cloud-init': {type: 'boolean', default: false},
				mirror: {type: 'string'},
				suite: {type: 'string', default: 'bookworm'},
				help: {type: 'boolean', short: 'h', default: false},
			},
		});
		if (values.help) return {help: true};
		const [file, second, ...more] = positionals;
		if (file === undefined) return {complaint: 'which package?'};
		const asked = (['pair', 'runbook', 'cloud-init'] as const).filter(
			name => values[name] !== undefined && values[name],
		);
		const isArchive = file.endsWith('.tar.xz');
		if (isArchive && asked[0] !== undefined) return {complaint: `--${asked[0]} does not go together with an archive`};
		if (asked.length > 1) return {complaint: `--${asked.join(' and --')} do not go together`};
		const what = isArchive ? 'archive' : (asked[0] ?? 'package');
		const takesSecond = what === 'archive' || what === 'pair';
		if (more.length > 0 || (second !== undefined && !takesSecond))
			return {
				complaint: `what is "${takesSecond ? more[0] : second}" for? A newer package comes after --pair or --runbook`,
			};
		const newer = values.runbook ?? second ?? file;
		const missing = [file, newer].find(path => !existsSync(path));
		if (missing !== undefined) return {complaint: `there is no file ${missing}`};
		const {base, mirror, suite} = values;
		return {what, file: resolve(file), newer: resolve(newer), base, mirror, suite};
	} catch (error) {
		return {complaint: error instanceof Error ? error.message : String(error)};
	}
}

/**
 * The drop-in that lets the virtual address survive a restart of systemd-networkd: it removes what it did not set, on Debian 12 for one.
 *
 * Decides that it is written for each interface of a virtual address that systemd-networkd manages, and that nothing is restarted for it: a
 * restart is when it counts. Not being able to write it stops nothing, since hapair puts the address back.
 */
import {writeFileSync} from 'node:fs';
import type {Pair} from '@hapair/config';
import {dropInFolder, listManaged} from '../doctor/checks/conflicts.ts';
import {makeDirectory} from '../processes/make-directory.ts';

const dropInText = `# Written by hapair: a restart of systemd-networkd leaves addresses of others alone, the virtual address for one.
[Network]
KeepConfiguration=yes
`;

/** What was done or could not be, a sentence each; nothing where it is not needed. */
export function keepConfiguration(
	{virtualAddresses}: Pick<Pair, 'virtualAddresses'>,
	managed = listManaged(virtualAddresses),
	folderOf = dropInFolder,
): readonly string[] {
	return managed
		.filter(({keeps}) => !keeps)
		.map(({device, file}) => {
			const folder = folderOf(file);
			const path = `${folder}/50-hapair.conf`;
			try {
				makeDirectory(folder, 0o755);
				writeFileSync(path, dropInText, {mode: 0o644});
				return `${path}: written, so that a restart of systemd-networkd keeps the virtual address on ${device}`;
			} catch (error) {
				const why = error instanceof Error ? error.message : String(error);
				return `${path} could not be written (${why}): a restart of systemd-networkd takes the virtual address until hapair puts it back`;
			}
		});
}

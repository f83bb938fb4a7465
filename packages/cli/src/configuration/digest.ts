/**
 * One short name for a configuration: what both nodes compare to notice that their files differ (`drift`).
 *
 * Decides what counts: the texts, the contents of the error files they name, of the maps and patterns that they read and of the
 * certificates that both nodes are to share, in order. File names do not count, so the same configuration may lie in different places on the two nodes.
 */
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import type {LoadedConfiguration} from './load.ts';

/** Of a configuration with its error files, by path. A certificate that cannot be read is as an empty one: nothing fails for it. */
export function digestConfiguration(
	{configuration, sources, readFiles}: LoadedConfiguration,
	errorFiles: Readonly<Record<string, Uint8Array>>,
	readFile: (path: string) => Uint8Array = path => readFileSync(path),
): string {
	const certificates = listSharedCertificates(configuration).map(path => {
		try {
			return readFile(path);
		} catch {
			return Buffer.alloc(0);
		}
	});
	return computeConfigDigest([
		...sources.map(({text}) => Buffer.from(text)),
		...Object.values(errorFiles),
		...[...readFiles.values()].map(text => Buffer.from(text)),
		...certificates,
	]);
}

/** The paths of the `certificate` lines that say `sync`. */
export function listSharedCertificates(configuration: LoadedConfiguration['configuration']): string[] {
	return (configuration?.pair?.certificates ?? []).filter(({isShared}) => isShared).map(({path}) => path);
}

/** The first 16 bytes of a SHA-256, in hex. Each part's length is hashed too, so that parts cannot run into each other. */
export function computeConfigDigest(parts: readonly Uint8Array[]): string {
	const hash = createHash('sha256');
	for (const part of parts) {
		hash.update(`${part.length}:`);
		hash.update(part);
	}
	return hash.digest('hex').slice(0, 32);
}

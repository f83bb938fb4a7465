/**
 * One short name for a configuration: what both nodes compare to notice that their files differ (`drift`).
 *
 * Decides what counts: the texts, the contents of the error files they name and of the maps and patterns that they read, in order. File
 * names do not count, so the same configuration may lie in different places on the two nodes.
 */
import {createHash} from 'node:crypto';
import type {LoadedConfiguration} from './load.ts';

/** Of a configuration with its error files, by path. */
export function digestConfiguration(
	{sources, readFiles}: LoadedConfiguration,
	errorFiles: Readonly<Record<string, Uint8Array>>,
): string {
	return computeConfigDigest([
		...sources.map(({text}) => Buffer.from(text)),
		...Object.values(errorFiles),
		...[...readFiles.values()].map(text => Buffer.from(text)),
	]);
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

/**
 * The Node that goes into a package: from `node_modules` for this processor, from the registry for the other one.
 *
 * Decides that what no program header names is left out: symbols and debugging tables, a quarter of the file. That needs no tool
 * of the other processor. The registry's archive is held to the digest in the lock file, if it is there for that processor.
 */
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

/** Debian's names. */
export type Architecture = 'amd64' | 'arm64';

const nodeArchitectures = {amd64: 'x64', arm64: 'arm64'} as const;
const downloadLimitMs = 600_000;

export interface Runtime {
	readonly version: string;
	readonly licence: Uint8Array;
	readonly program: Uint8Array;
}

/** @param scratch a folder for what has to be fetched. Throws when there is no such Node, or another one than the lock file's. */
export function readRuntime(root: string, architecture: Architecture, scratch: string): Runtime {
	const name = `node-linux-${nodeArchitectures[architecture]}`;
	const {version, integrity} = readPin(root, name);
	const installed = join(root, 'node_modules', name);
	const folder = existsSync(installed) ? installed : fetchPackage(name, version, integrity, scratch);
	return {
		version,
		licence: readFileSync(join(folder, 'LICENSE')),
		program: trimProgram(readFileSync(join(folder, 'bin', 'node'))),
	};
}

/** What the lock file says of a package; npm leaves the digest out of optional packages of other processors sometimes. */
function readPin(root: string, name: string): {version: string; integrity: string | undefined} {
	const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
	const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const entry = lock.packages?.[`node_modules/${name}`];
	const version = entry?.version ?? manifest.optionalDependencies?.[name];
	if (typeof version !== 'string') throw new Error(`package-lock.json names no ${name}`);
	return {version, integrity: typeof entry?.integrity === 'string' ? entry.integrity : undefined};
}

function fetchPackage(name: string, version: string, integrity: string | undefined, scratch: string): string {
	const folder = join(scratch, name);
	mkdirSync(folder, {recursive: true});
	const argv = ['pack', '--silent', `${name}@${version}`, '--pack-destination', folder];
	execFileSync('npm', argv, {cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], timeout: downloadLimitMs});
	const archive = join(folder, `${name}-${version}.tgz`);
	if (integrity !== undefined) {
		const digest = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
		if (digest !== integrity) throw new Error(`${name}@${version}: not the archive of package-lock.json`);
	}
	execFileSync('tar', ['-xzf', archive, '-C', folder, 'package/LICENSE', 'package/bin/node']);
	return join(folder, 'package');
}

/**
 * An ELF program without what only debuggers and linkers read (elf(5)): ends with the last byte of a segment, and has no section table.
 * Throws for anything but a 64-bit little-endian program.
 */
export function trimProgram(program: Buffer): Buffer {
	if (program.length < 64 || program.readUInt32BE(0) !== 0x7f45_4c46) throw new Error('this Node is no ELF program');
	if (program[4] !== 2 || program[5] !== 1) throw new Error('this Node is not of 64 bits, little-endian');
	const tableAt = Number(program.readBigUInt64LE(32));
	const entryBytes = program.readUInt16LE(54);
	const entries = program.readUInt16LE(56);
	let end = tableAt + entries * entryBytes;
	for (let index = 0; index < entries; index++) {
		const at = tableAt + index * entryBytes;
		end = Math.max(end, Number(program.readBigUInt64LE(at + 8) + program.readBigUInt64LE(at + 32)));
	}
	if (end > program.length) throw new Error('this Node is cut short');
	const trimmed = Buffer.from(program.subarray(0, end));
	trimmed.writeBigUInt64LE(0n, 40);
	trimmed.writeUInt16LE(0, 60);
	trimmed.writeUInt16LE(0, 62);
	return trimmed;
}

/** `hapair keygen`: a new key for the pair, 32 random bytes in base64. Root gives the file to the service, which has to read it. */
import {randomBytes} from 'node:crypto';
import {closeSync, existsSync, fchmodSync, fchownSync, openSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {findServiceAccount} from '../processes/service-account.ts';
import type {CommandIo} from './command-io.ts';

/** Without a file the key goes to stdout. */
export function keygen(options: {readonly file: string | undefined; readonly json: boolean}, io: CommandIo): ExitCode {
	const key = generateKey();
	const {file} = options;
	if (file === undefined) {
		io.out(options.json ? `${JSON.stringify({ok: true, key})}\n` : `${key}\n`);
		return exitCodes.ok;
	}
	writeNewFile(file, `${key}\n`, 0o600, process.getuid?.() === 0 ? findServiceAccount() : undefined);
	if (options.json) io.out(`${JSON.stringify({ok: true, file})}\n`);
	else io.out(`${file} written. Copy it to the other node: both need the same key.\n`);
	return exitCodes.ok;
}

/** One line of base64. */
export function generateKey(): string {
	return randomBytes(32).toString('base64');
}

/** Creates a file and refuses one that exists; its owner is this user, unless another one is given. Throws a `UserError`. */
export function writeNewFile(
	file: string,
	content: string | Uint8Array,
	mode: number,
	owner?: {readonly uid: number; readonly gid: number},
): void {
	try {
		const descriptor = openSync(file, 'wx', 0o600);
		try {
			writeFileSync(descriptor, content);
			// By descriptor: in a directory of the service's a name could be another file's by now.
			if (owner !== undefined) fchownSync(descriptor, owner.uid, owner.gid);
			fchmodSync(descriptor, mode);
		} finally {
			closeSync(descriptor);
		}
	} catch (error) {
		throw describeWriteError(file, error);
	}
}

/** The sentence for a file or directory that could not be made, and what helps. */
export function describeWriteError(file: string, error: unknown): UserError {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	switch (code) {
		case 'EEXIST':
			return new UserError(`${file} exists and is not overwritten`, {hint: 'move it away first, or give another name'});
		case 'ENOENT':
			if (existsSync(dirname(file))) break;
			return new UserError(`${file} cannot be written: there is no directory ${dirname(file)}`, {
				hint: `make it with: mkdir -p ${dirname(file)}`,
			});
		case 'EACCES':
		case 'EPERM':
			return new UserError(`${file} cannot be written: this user may not write there`, {
				hint: 'use sudo, or give another place',
			});
	}
	return new UserError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
}

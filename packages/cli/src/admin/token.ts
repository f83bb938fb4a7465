/**
 * The admin token: the file that the configuration names, or one that the daemon makes once beside its state.
 *
 * Decides that there is always a token; without one the admin address stays closed. Leaves what makes a file fit for a secret to `daemon/keys.ts`.
 */
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import type {AdminAddress} from '@hapair/config';
import {generateKey, writeNewFile} from '../commands/keygen.ts';
import {readSecretFile} from '../daemon/keys.ts';
import {UserError} from '../exit-codes.ts';

export interface AdminToken {
	readonly token: string;
	readonly path: string;
}

/** Throws a `UserError` that names the file and what helps. @param stateDirectory absent: nothing can be kept. */
export function openToken({tokenFile}: AdminAddress, stateDirectory: string | undefined, uid: number): AdminToken {
	if (tokenFile !== undefined) return {path: tokenFile, token: read(tokenFile, uid)};
	if (stateDirectory === undefined) {
		throw new UserError('there is no directory to keep a token in', {
			hint: 'name one with --state-dir, or write in the pair section: admin 127.0.0.1 token file PATH',
		});
	}
	const path = join(stateDirectory, 'admin.token');
	if (!existsSync(path)) writeNewFile(path, `${generateKey()}\n`, 0o600);
	return {path, token: read(path, uid)};
}

function read(path: string, uid: number): string {
	const token = Buffer.from(readSecretFile(path, uid)).toString('latin1');
	// It travels in a header (RFC 6750 section 2.1).
	if (/^[\x21-\x7e]+$/.test(token)) return token;
	throw new UserError(`${path}: a token is one word of letters, digits and signs`, {
		hint: `make one with: hapair keygen ${path}`,
	});
}

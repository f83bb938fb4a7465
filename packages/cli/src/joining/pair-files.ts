/**
 * The files of a pair on this node's disk: the configuration and its keys.
 *
 * Decides owners and modes: a key belongs to the service's account, or to root where there is none, and is closed to everybody else; the
 * configuration may hold passwords, so that account's group and root read it. What is there is only replaced when it has nothing to run,
 * when it is the same, or with `--force`.
 */
import {accessSync, constants, existsSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {dirname} from 'node:path';
import {describeWriteError, writeNewFile} from '../commands/keygen.ts';
import {isEmpty} from '../configuration/inspect.ts';
import {parseText} from '../configuration/load.ts';
import {exitCodes, UserError} from '../exit-codes.ts';
import {makeDirectory} from '../processes/make-directory.ts';
import {findServiceAccount} from '../processes/service-account.ts';

/** What is at a path: nothing, the text itself, a text without anything to run, or somebody's. */
export type Present = 'absent' | 'same' | 'empty' | 'other';

export function comparePresent(file: string, text: string): Present {
	const present = readPresent(file);
	if (present === undefined) return 'absent';
	if (present === text) return 'same';
	const {configuration} = parseText(file, present);
	return configuration !== undefined && isEmpty(configuration) ? 'empty' : 'other';
}

/** The text of a file; `undefined` when there is none. Throws a `UserError` when it cannot be read. */
export function readPresent(file: string): string | undefined {
	if (!existsSync(file)) return undefined;
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		throw new UserError(`${file}: cannot be read (${error instanceof Error ? error.message : String(error)})`, {
			hint: 'use sudo',
		});
	}
}

/** Before anybody is asked anything and a code is spent: may this user write here? Throws a `UserError`. */
export function refuseUnwritable(directory: string): void {
	let there = directory;
	while (!existsSync(there)) there = dirname(there);
	try {
		accessSync(there, constants.W_OK);
	} catch (error) {
		throw describeWriteError(directory, error);
	}
}

/** Throws a `UserError` when the configuration at this place is somebody's. */
export function refuseReplacing(file: string, present: Present, force: boolean): void {
	if (present !== 'other' || force) return;
	throw new UserError(`${file} exists and is not overwritten; nothing was written`, {
		hint: 'replace it with --force, or name another directory with --directory',
		exitCode: exitCodes.failed,
	});
}

export function writeConfigurationFile(file: string, text: string): void {
	prepareDirectory(dirname(file));
	replaceFile(file, text, findServiceAccount() === undefined ? 0o644 : 0o640, 'group');
}

/** @param content the whole file. */
export function writeKeyFile(file: string, content: string | Uint8Array): void {
	prepareDirectory(dirname(file));
	replaceFile(file, content, 0o600, 'owner');
}

function prepareDirectory(directory: string): void {
	try {
		makeDirectory(directory, 0o755);
	} catch (error) {
		throw describeWriteError(directory, error);
	}
}

/** Written beside and moved into place, so that a full disk leaves the old file whole and nobody reads half of one. */
function replaceFile(file: string, content: string | Uint8Array, mode: number, share: 'group' | 'owner'): void {
	const temporary = `${file}.new`;
	try {
		rmSync(temporary, {force: true});
		const account = process.getuid?.() === 0 ? findServiceAccount() : undefined;
		const owner = account === undefined ? undefined : {uid: share === 'owner' ? account.uid : 0, gid: account.gid};
		writeNewFile(temporary, content, mode, owner);
		renameSync(temporary, file);
	} catch (error) {
		rmSync(temporary, {force: true});
		throw error instanceof UserError ? error : describeWriteError(file, error);
	}
}

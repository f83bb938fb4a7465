/**
 * Where a command that reads what a daemon has written finds it.
 *
 * Decides the order: as told, then of the daemon at a socket that was named, then the usual place, where no daemon needs to run.
 */
import {chooseSocketPath, fetchStatus} from '../daemon/control-client.ts';
import {UserError} from '../exit-codes.ts';
import {chooseState} from '../program-options.ts';
import type {CommandIo} from './command-io.ts';

/** Throws a `UserError` when a daemon was named that does not run, or keeps nothing on a disk. */
export async function findState(
	{stateDir, socket}: {readonly stateDir?: string | undefined; readonly socket?: string | undefined},
	io: CommandIo,
): Promise<string> {
	if (stateDir !== undefined || socket === undefined) return chooseState(stateDir, io);
	const {pair} = await fetchStatus(chooseSocketPath(socket, io.environment));
	if (pair?.stateDirectory !== undefined) return pair.stateDirectory;
	throw new UserError(`the daemon at ${socket} keeps no history on a disk`, {
		hint: 'name the folder of an earlier one with --state-dir',
	});
}

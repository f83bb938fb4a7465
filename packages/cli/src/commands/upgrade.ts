/**
 * `hapair upgrade`: asks the daemon to let the program that is installed now take its place, and tells how it goes.
 *
 * Leaves every decision to the daemon, which knows the program that it was started with.
 */
import type {ExitCode} from '../exit-codes.ts';
import type {CommandIo} from './command-io.ts';
import {converseForResult} from './failover.ts';

/** The daemon bounds each step; this is for a daemon that hangs. */
const silenceLimitMs = 150_000;

export async function upgrade(
	options: {readonly socketPath: string; readonly json: boolean},
	io: CommandIo,
): Promise<ExitCode> {
	return converseForResult(options, {command: 'upgrade'}, io, silenceLimitMs);
}

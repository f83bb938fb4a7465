/**
 * `hapair reload`: asks the daemon to read its files again, tells how it goes and what a check of them has found.
 *
 * Leaves every decision to the daemon, which knows the files that it was started with.
 */
import type {ExitCode} from '../exit-codes.ts';
import type {CommandIo} from './command-io.ts';
import {converseForResult} from './failover.ts';

/** The daemon bounds each step; this is for a daemon that hangs. */
const silenceLimitMs = 150_000;

export async function reload(
	options: {readonly socketPath: string; readonly dryRun: boolean; readonly json: boolean},
	io: CommandIo,
): Promise<ExitCode> {
	const request = options.dryRun ? ({command: 'reload', dryRun: true} as const) : ({command: 'reload'} as const);
	return converseForResult(options, request, io, silenceLimitMs);
}

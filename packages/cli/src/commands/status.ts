/**
 * `hapair status`: both nodes as this one sees them, and the proxy of this node.
 *
 * Leaves the words to `status-text.ts`.
 */
import {fetchStatus} from '../daemon/control-client.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import type {CommandIo} from './command-io.ts';
import {formatStatus} from './status-text.ts';

export async function status(
	options: {readonly socketPath: string; readonly json: boolean},
	io: CommandIo,
): Promise<ExitCode> {
	const report = await fetchStatus(options.socketPath);
	if (options.json) io.out(`${JSON.stringify(report, undefined, 2)}\n`);
	else io.out(`${formatStatus(report, io.paint, {columns: io.size()?.columns}).join('\n')}\n`);
	return exitCodes.ok;
}

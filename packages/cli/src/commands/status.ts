/** `hapair status`: both nodes as this one sees them, and the proxy of this node. */
import {converse} from '../daemon/control-client.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import type {CommandIo} from './command-io.ts';
import {formatStatus} from './status-text.ts';

export async function status(
	options: {readonly socketPath: string; readonly json: boolean},
	io: CommandIo,
): Promise<ExitCode> {
	await converse(
		options.socketPath,
		{command: 'status'},
		{
			silenceLimitMs: 5000,
			onReply: reply => {
				if (reply.type !== 'status') return;
				if (options.json) io.out(`${JSON.stringify(reply.status, undefined, 2)}\n`);
				else io.out(`${formatStatus(reply.status, io.paint, {columns: io.size()?.columns}).join('\n')}\n`);
			},
		},
	);
	return exitCodes.ok;
}

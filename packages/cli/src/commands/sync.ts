/**
 * `hapair sync`: the difference between the files of the two nodes, or an order to make them the same.
 *
 * Decides that exit code 1 says that files differ, as with diff(1). Leaves the work to the daemon, the look of a difference to
 * `difference-text.ts`.
 */
import {converse} from '../daemon/control-client.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import type {Difference} from '../sync/coordinator.ts';
import type {CommandIo} from './command-io.ts';
import {formatDifference} from './difference-text.ts';
import {converseForResult} from './failover.ts';

export interface SyncOptions {
	readonly socketPath: string;
	readonly action: 'diff' | 'push' | 'pull';
	readonly json: boolean;
}

/** Files are sent and checked, then each node reloads within 150 s. */
const silenceLimitMs = 330_000;

export async function sync(options: SyncOptions, io: CommandIo): Promise<ExitCode> {
	const request = {command: 'sync', action: options.action} as const;
	if (options.action !== 'diff') return converseForResult(options, request, io, silenceLimitMs);
	let difference: Difference | undefined;
	let code: ExitCode = exitCodes.failed;
	await converse(options.socketPath, request, {
		silenceLimitMs,
		signal: io.interrupted,
		onReply: reply => {
			if (reply.type === 'difference') difference = reply.difference;
			if (reply.type !== 'result') return;
			code = difference === undefined || difference.files.length === 0 ? reply.code : exitCodes.failed;
			if (difference === undefined) tellRefusal(reply.code, reply.message, options.json, io);
		},
	});
	if (difference !== undefined) tellDifference(difference, options.json, io);
	return code;
}

function tellRefusal(code: ExitCode, message: string, json: boolean, io: CommandIo): void {
	if (json) io.out(`${JSON.stringify({ok: false, code, message})}\n`);
	else io.error(`${io.paintError('red', code === exitCodes.refused ? 'refused:' : 'failed:')} ${message}\n`);
}

function tellDifference(difference: Difference, json: boolean, io: CommandIo): void {
	const {own, peer, files, remarks} = difference;
	if (json) {
		io.out(`${JSON.stringify({ok: true, same: files.length === 0, own, peer, files, remarks}, undefined, 2)}\n`);
		return;
	}
	for (const line of formatDifference(difference, io.paint)) io.out(`${line}\n`);
	for (const remark of remarks) io.error(`${io.paintError('yellow', '!')} ${remark}\n`);
	if (files.length === 0) io.out(`${own} and ${peer} have the same files\n`);
}

/** `hapair failover`: asks the daemon to move the address and tells how it goes. */
import type {Diagnostic} from '@hapair/config';
import {converse} from '../daemon/control-client.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import type {Difference} from '../sync/coordinator.ts';
import {formatDuration} from '../terminal.ts';
import type {CommandIo} from './command-io.ts';
import {formatDifference} from './difference-text.ts';

export interface FailoverOptions {
	readonly socketPath: string;
	readonly force: boolean;
	readonly drainMs?: number;
	readonly timeoutMs: number;
	readonly json: boolean;
}

export async function failover(options: FailoverOptions, io: CommandIo): Promise<ExitCode> {
	const {force, drainMs, timeoutMs} = options;
	const request = {command: 'failover', force, timeoutMs, ...(drainMs === undefined ? {} : {drainMs})} as const;
	return converseForResult(options, request, io, timeoutMs + 5000);
}

/** Prints progress and findings on stderr, a difference and the result on stdout; the exit code is the result's. */
export async function converseForResult(
	options: {readonly socketPath: string; readonly json: boolean},
	request: Parameters<typeof converse>[1],
	io: CommandIo,
	silenceLimitMs: number,
): Promise<ExitCode> {
	let code: ExitCode | undefined;
	let findings: {readonly diagnostics?: readonly Diagnostic[]; readonly files?: Difference['files']} = {};
	await converse(options.socketPath, request, {
		silenceLimitMs,
		signal: io.interrupted,
		onReply: reply => {
			if (reply.type === 'progress') io.error(`${io.paintError('dim', `… ${reply.message}`)}\n`);
			if (reply.type === 'findings') {
				findings = {...findings, diagnostics: reply.diagnostics};
				if (!options.json) io.error(reply.text);
			}
			if (reply.type === 'difference') {
				findings = {...findings, files: reply.difference.files};
				const lines = options.json ? [] : formatDifference(reply.difference, io.paint);
				for (const line of lines) io.out(`${line}\n`);
			}
			if (reply.type !== 'result') return;
			code = reply.code;
			const {message, durationMs} = reply;
			const ok = code === exitCodes.ok;
			if (options.json) {
				const took = durationMs === undefined ? {} : {durationMs};
				io.out(`${JSON.stringify({ok, code, message, ...took, ...findings})}\n`);
			} else if (ok) {
				const took = durationMs === undefined ? '' : io.paint('dim', ` (${formatDuration(durationMs)} in all)`);
				io.out(`${io.paint('green', 'done:')} ${message}${took}\n`);
			} else {
				const word = code === exitCodes.refused ? 'refused:' : 'failed:';
				io.error(`${io.paintError('red', word)} ${message}\n`);
			}
		},
	});
	if (code !== undefined) return code;
	throw new UserError('interrupted before the answer came; the daemon goes on with what it was asked', {
		hint: 'see how it ended with: hapair status',
		exitCode: exitCodes.interrupted,
	});
}

/**
 * The commands over HTTP: the same requests as on the control socket, each with one answer.
 *
 * Decides how an exit code becomes a status. Leaves what a command does to `daemon/control-commands.ts`, its reading to `control-protocol.ts`.
 */
import type {ControlCommands} from '../daemon/control-commands.ts';
import {type ControlReply, type ControlRequest, readRequest} from '../daemon/control-protocol.ts';
import {usualDrain} from '../daemon/handover.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';

export interface VerbAnswer {
	readonly status: number;
	readonly body: {
		readonly ok: boolean;
		/** As the command's exit code. */
		readonly code: ExitCode;
		readonly message: string;
		readonly durationMs?: number;
		/** What was said on the way. */
		readonly progress: readonly string[];
		/** Of `sync` with `diff`: the files of the nodes. */
		readonly difference?: Extract<ControlReply, {type: 'difference'}>['difference'];
		/** Of `reload`: what a check of the files has found. */
		readonly diagnostics?: Extract<ControlReply, {type: 'findings'}>['diagnostics'];
	};
}

export type Verb = 'drill' | 'failover' | 'maintenance' | 'reload' | 'server' | 'sync';

/** Nobody waits longer for an answer over HTTP, whatever a failover is allowed to take. */
export const longestVerbMs = 60_000;
/** Of a drill, which moves the address and may move it back besides. */
const longestSettleMs = 10_000;

const STATUSES: Readonly<Record<ExitCode, number>> = {
	[exitCodes.ok]: 200,
	[exitCodes.failed]: 500,
	[exitCodes.usage]: 400,
	[exitCodes.notRunning]: 503,
	[exitCodes.refused]: 409,
	[exitCodes.timedOut]: 504,
	[exitCodes.interrupted]: 500,
};

/** Carries the verb out to its end. The asker may go away meanwhile: an order is an order. */
export async function carryOut(
	commands: Pick<ControlCommands, 'answer'>,
	verb: Verb,
	parameters: Readonly<Record<string, unknown>>,
): Promise<VerbAnswer> {
	const request = readRequest(JSON.stringify({...parameters, command: verb}));
	if ('problem' in request) return answer(exitCodes.usage, request.problem, []);
	if (request.command === 'failover' && request.timeoutMs + (request.drainMs ?? usualDrain.drainMs) > longestVerbMs)
		return answer(exitCodes.usage, `failover: drainMs and timeoutMs are ${longestVerbMs} together at most`, []);
	if (request.command === 'drill' && (request.settleMs ?? 0) > longestSettleMs)
		return answer(exitCodes.usage, `drill: settleMs is ${longestSettleMs} at most`, []);
	return run(commands, request);
}

async function run(commands: Pick<ControlCommands, 'answer'>, request: ControlRequest): Promise<VerbAnswer> {
	const progress: string[] = [];
	let result: Extract<ControlReply, {type: 'result'}> | undefined;
	let found: Pick<VerbAnswer['body'], 'difference' | 'diagnostics'> = {};
	await commands.answer(request, {
		gone: new AbortController().signal,
		reply: reply => {
			if (reply.type === 'progress') progress.push(reply.message);
			if (reply.type === 'difference') found = {difference: reply.difference};
			if (reply.type === 'findings') found = {diagnostics: reply.diagnostics};
			if (reply.type === 'result') result = reply;
		},
	});
	if (result === undefined) return answer(exitCodes.failed, 'the command ended without a word', progress);
	const {status, body} = answer(result.code, result.message, progress, result.durationMs);
	return {status, body: {...body, ...found}};
}

function answer(code: ExitCode, message: string, progress: readonly string[], durationMs?: number): VerbAnswer {
	const body = {ok: code === exitCodes.ok, code, message, progress};
	return {status: STATUSES[code], body: durationMs === undefined ? body : {...body, durationMs}};
}

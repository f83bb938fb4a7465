/**
 * The commands over HTTP: the same requests as on the control socket, each with one answer.
 *
 * Decides how an exit code becomes a status; a question, which does nothing, is answered (200) whatever the answer is. Leaves what a command does to `daemon/control-commands.ts`, its reading to `control-protocol.ts`.
 */
import type {ControlCommands} from '../daemon/control-commands.ts';
import {type ControlReply, type ControlRequest, readRequest} from '../daemon/control-protocol.ts';
import {usualDrain} from '../daemon/handover.ts';
import type {DrillRecord} from '../drill/record.ts';
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
		/** Of `sync` with `diff`: the files of the nodes; of `reload` with `dryRun`: what runs beside what it would read. */
		readonly difference?: Extract<ControlReply, {type: 'difference'}>['difference'];
		/** Of `reload`: what a check of the files has found. */
		readonly diagnostics?: Extract<ControlReply, {type: 'findings'}>['diagnostics'];
		/** Of `drill`: what was measured. */
		readonly drill?: DrillRecord;
	};
}

export type Verb = 'drill' | 'failover' | 'maintenance' | 'reload' | 'server' | 'sync';

/** Nobody waits longer for an answer over HTTP, whatever a failover is allowed to take. */
const longestFailoverMs = 60_000;

/** How long each may take to be answered. A drill moves the address twice; a sync reloads both nodes. */
export const verbLimitsMs: Readonly<Record<Verb, number>> = {
	drill: 90_000,
	failover: longestFailoverMs + 10_000,
	maintenance: 70_000,
	reload: 150_000,
	server: 70_000,
	sync: 330_000,
};

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
	onProgress: (message: string) => void,
): Promise<VerbAnswer> {
	const request = readRequest(JSON.stringify({...parameters, command: verb}));
	if ('problem' in request) return answer(exitCodes.usage, request.problem, []);
	const isLong =
		request.command === 'failover' && request.timeoutMs + (request.drainMs ?? usualDrain.drainMs) > longestFailoverMs;
	if (isLong)
		return answer(exitCodes.usage, `failover: drainMs and timeoutMs are ${longestFailoverMs} together at most`, []);
	return run(commands, request, onProgress);
}

async function run(
	commands: Pick<ControlCommands, 'answer'>,
	request: ControlRequest,
	onProgress: (message: string) => void,
): Promise<VerbAnswer> {
	const progress: string[] = [];
	let result: Extract<ControlReply, {type: 'result'}> | undefined;
	let found: Pick<VerbAnswer['body'], 'difference' | 'diagnostics' | 'drill'> = {};
	await commands.answer(request, {
		gone: new AbortController().signal,
		reply: reply => {
			if (reply.type === 'progress') {
				progress.push(reply.message);
				onProgress(reply.message);
			}
			if (reply.type === 'difference') found = {...found, difference: reply.difference};
			if (reply.type === 'findings') found = {...found, diagnostics: reply.diagnostics};
			if (reply.type !== 'result') return;
			result = reply;
			if (reply.drill !== undefined) found = {...found, drill: reply.drill};
		},
	});
	if (result === undefined) return answer(exitCodes.failed, 'the command ended without a word', progress);
	const {status, body} = answer(result.code, result.message, progress, result.durationMs);
	return {status: isQuestion(request) ? 200 : status, body: {...body, ...found}};
}

function isQuestion(request: ControlRequest): boolean {
	if (request.command === 'sync') return request.action === 'diff';
	return (request.command === 'drill' || request.command === 'reload') && request.dryRun === true;
}

function answer(code: ExitCode, message: string, progress: readonly string[], durationMs?: number): VerbAnswer {
	const body = {ok: code === exitCodes.ok, code, message, progress};
	return {status: STATUSES[code], body: durationMs === undefined ? body : {...body, durationMs}};
}

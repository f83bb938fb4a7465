/**
 * `hapair drill`: has the daemon prove that the address moves, and shows what was proven.
 *
 * Leaves the drill to the daemon of the master; the list of former ones is read from the history's files, as `hapair history` does.
 */
import {converse, fetchStatus} from '../daemon/control-client.ts';
import {type DrillRecord, isDrill} from '../drill/record.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {clean, formatDuration, formatTable} from '../terminal.ts';
import type {CommandIo} from './command-io.ts';
import {describeDrills, warnOfDrills} from './drill-text.ts';
import {readAllHistory} from './history.ts';

export interface DrillOptions {
	readonly socketPath: string;
	readonly dryRun: boolean;
	/** Instead of what the drill line says, ms. */
	readonly settleMs: number | undefined;
	readonly json: boolean;
}

/** The longest step without a word: a failover's 15 s, and 5 s for answers. */
const silenceLimitMs = 30_000;

export async function drillNow(options: DrillOptions, io: CommandIo): Promise<ExitCode> {
	const {socketPath, dryRun, settleMs, json} = options;
	let code: ExitCode | undefined;
	const request = {command: 'drill', dryRun, ...(settleMs === undefined ? {} : {settleMs})} as const;
	await converse(socketPath, request, {
		silenceLimitMs,
		signal: io.interrupted,
		onReply: reply => {
			if (reply.type === 'progress') io.error(`${io.paintError('dim', `… ${reply.message}`)}\n`);
			if (reply.type !== 'result') return;
			code = reply.code;
			const {message, drill} = reply;
			if (json) io.out(`${JSON.stringify({ok: code === exitCodes.ok, code, message, dryRun, ...figuresOf(drill)})}\n`);
			else tell(dryRun, drill, message, code, io);
		},
	});
	if (code !== undefined) return code;
	throw new UserError('interrupted before the drill had ended; the daemon goes on with it', {
		hint: 'see how it ended with: hapair drill --history',
		exitCode: exitCodes.interrupted,
	});
}

/** What a program wants of a record; a dry run has moved nothing. */
function figuresOf(drill: DrillRecord | undefined): Partial<DrillRecord> {
	if (drill === undefined) return {};
	const {result, giver, taker, gapMs, returnGapMs, durationMs, time} = drill;
	return {
		result,
		giver,
		taker,
		time,
		...(durationMs === undefined ? {} : {durationMs}),
		...(gapMs === undefined ? {} : {gapMs}),
		...(returnGapMs === undefined ? {} : {returnGapMs}),
	};
}

function tell(dryRun: boolean, drill: DrillRecord | undefined, message: string, code: ExitCode, io: CommandIo): void {
	if (code !== exitCodes.ok || drill === undefined) {
		const word = code === exitCodes.refused ? 'refused:' : 'failed:';
		io.error(`${io.paintError('red', word)} ${message}\n`);
	} else if (dryRun) io.out(`${io.paint('green', 'ready:')} ${message}\n`);
	else {
		const {gapMs, returnGapMs, durationMs = 0} = drill;
		const back = returnGapMs === undefined ? '' : `, ${returnGapMs} ms on the way back`;
		const took = io.paint('dim', ` (${formatDuration(durationMs)} in all)`);
		io.out(`${io.paint('green', 'passed:')} ${message}; without an answer for ${gapMs} ms${back}${took}\n`);
	}
}

/** When the pair was last proven, and what comes. */
export async function drillStatus(
	options: {readonly socketPath: string; readonly json: boolean},
	io: CommandIo,
): Promise<ExitCode> {
	const drill = (await fetchStatus(options.socketPath)).pair?.drill;
	if (options.json) {
		io.out(`${JSON.stringify(drill ?? {running: false, overdue: false})}\n`);
		return exitCodes.ok;
	}
	const lines = [...warnOfDrills(drill).map(text => io.paint('yellow', `! ${text}`)), ...describeDrills(drill)];
	io.out(`${(lines.length === 0 ? ['no drill was ever held, and none is planned'] : lines).join('\n')}\n`);
	return exitCodes.ok;
}

/** The drills that stand in the history, the newest last. */
export async function drillHistory(
	options: {readonly stateDirectory: string; readonly last: number; readonly json: boolean},
	io: CommandIo,
): Promise<ExitCode> {
	const records = await readAllHistory(options.stateDirectory, Number.POSITIVE_INFINITY);
	const drills = records.filter(isDrill).slice(-options.last);
	if (options.json) {
		for (const record of drills) io.out(`${JSON.stringify(record)}\n`);
		return exitCodes.ok;
	}
	const header = ['TIME', 'RESULT', 'FROM', 'TO', 'GAP', 'BACK', 'BY', 'WHY'].map(word => io.paint('dim', word));
	const time = (ms: number | undefined): string => (ms === undefined ? '-' : `${ms} ms`);
	const rows = drills.map(({time: at, result, giver, taker, gapMs, returnGapMs, by, reason}) => [
		at,
		result,
		giver,
		taker,
		time(gapMs),
		time(returnGapMs),
		by,
		clean(reason),
	]);
	io.out(`${formatTable([header, ...rows], io.size()?.columns).join('\n')}\n`);
	return exitCodes.ok;
}

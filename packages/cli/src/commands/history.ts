/**
 * `hapair history` and `hapair why`: what happened to the pair, and the last change in a paragraph.
 *
 * Reads the file that the daemon writes, so it works while the daemon is down: when it matters most.
 */
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {isDrill} from '../drill/record.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {readHistory} from '../history/history-file.ts';
import type {HistoryRecord} from '../history/record.ts';
import {clean, formatDuration, formatTable} from '../terminal.ts';
import type {CommandIo} from './command-io.ts';

export interface HistoryOptions {
	readonly stateDirectory: string;
	readonly last: number;
	readonly json: boolean;
}

const ENDING = '.history.jsonl';

export async function history(options: HistoryOptions, io: CommandIo): Promise<ExitCode> {
	const records = await readAllHistory(options.stateDirectory, options.last);
	if (options.json) {
		for (const record of records) io.out(`${JSON.stringify(record)}\n`);
		return exitCodes.ok;
	}
	const header = ['TIME', 'NODE', 'TERM', 'WHAT', 'WHY'].map(word => io.paint('dim', word));
	const rows = records.map(record => [
		record.time,
		record.node,
		String(record.term),
		whatOf(record),
		clean(record.reason),
	]);
	io.out(`${formatTable([header, ...rows], io.size()?.columns).join('\n')}\n`);
	return exitCodes.ok;
}

/** The last change of state, with what led to it. */
export async function why(options: Omit<HistoryOptions, 'last'>, io: CommandIo): Promise<ExitCode> {
	const records = await readAllHistory(options.stateDirectory, 1000);
	const record = records.findLast(({kind, from}) => kind === 'transition' && from !== 'initialize') ?? records.at(-1);
	if (record === undefined) throw noHistory(options.stateDirectory);
	const analysis = records.findLast(({of}) => of === record.id);
	if (options.json) io.out(`${JSON.stringify({...record, ...(analysis === undefined ? {} : {analysis})})}\n`);
	else io.out(`${explain(record, records, io).join('\n')}\n`);
	return exitCodes.ok;
}

function explain(record: HistoryRecord, all: readonly HistoryRecord[], io: CommandIo): string[] {
	const took = record.takeoverMs === undefined ? '' : `, the takeover took ${formatDuration(record.takeoverMs)}`;
	const at = all.indexOf(record);
	const analysis = all.findLast(({of}) => of === record.id);
	const around = all
		.filter((other, index) => other.kind === 'event' && Math.abs(index - at) <= 3)
		.map(other => `${other.time} ${other.event}: ${clean(other.reason)}`);
	return [
		`${io.paint('bold', `${record.node}: ${whatOf(record)}`)} at ${record.time}, term ${record.term}${took}`,
		`  cause: ${io.paint('yellow', record.cause ?? 'unknown')}. ${clean(record.reason)}.`,
		...(record.evidence ?? []).map(fact => `  seen: ${clean(fact)}`),
		...(analysis?.findings ?? []).map(fact => `  both nodes' recordings: ${clean(fact)}`),
		...around.map(event => io.paint('dim', `  near: ${event}`)),
	];
}

function whatOf(record: HistoryRecord): string {
	const {kind, from, to, event} = record;
	if (isDrill(record)) return `drill ${record.result}`;
	return kind === 'transition' ? `${from} → ${to}` : (event ?? kind);
}

/** Of every node that keeps its history there, by time. Fails when there is none. */
export async function readAllHistory(directory: string, last: number): Promise<HistoryRecord[]> {
	const names = await readdir(directory).catch(() => []);
	const files = names.filter(name => name.endsWith(ENDING)).map(name => join(directory, name));
	if (files.length === 0) throw noHistory(directory);
	const lists = await Promise.all(files.map(file => readHistory(file, last)));
	return lists
		.flat()
		.toSorted((a, b) => a.time.localeCompare(b.time))
		.slice(-last);
}

function noHistory(directory: string): UserError {
	return new UserError(`there is no history in ${directory}`, {
		hint: 'the daemon writes it; name its directory with --state-dir when it is another one',
		exitCode: exitCodes.notRunning,
	});
}

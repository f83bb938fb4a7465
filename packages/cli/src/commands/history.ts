/**
 * `hapair history` and `hapair why`: what happened to the pair, and the last change in a paragraph.
 *
 * Reads the file that the daemon writes, so it works while the daemon is down: when it matters most.
 */
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {isDrill} from '../drill/record.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {explainChange, findTelling, isCalm} from '../history/explanation.ts';
import {readHistory} from '../history/history-file.ts';
import type {HistoryRecord} from '../history/record.ts';
import {clean, formatDuration, formatTable, wrapWords} from '../terminal.ts';
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

/** The last change that somebody would ask about, with what led to it. */
export async function why(options: Omit<HistoryOptions, 'last'>, io: CommandIo): Promise<ExitCode> {
	const records = await readAllHistory(options.stateDirectory, 1000);
	const record = findTelling(records);
	if (record === undefined) throw noHistory(options.stateDirectory);
	const analysis = records.findLast(({of}) => of === record.id);
	if (options.json) io.out(`${JSON.stringify({...record, ...(analysis === undefined ? {} : {analysis})})}\n`);
	else io.out(`${explain(record, records, analysis?.findings, io).join('\n')}\n`);
	return exitCodes.ok;
}

const usualColumns = 100;

function explain(
	record: HistoryRecord,
	all: readonly HistoryRecord[],
	findings: readonly string[] | undefined,
	io: CommandIo,
): string[] {
	const took = record.takeoverMs === undefined ? '' : `, the takeover took ${formatDuration(record.takeoverMs)}`;
	const at = all.indexOf(record);
	const around = all
		.filter((other, index) => other.kind === 'event' && Math.abs(index - at) <= 3)
		.map(other => `${other.time} ${other.event}: ${clean(other.reason)}`);
	const since = all
		.slice(at + 1)
		.filter(({kind}) => kind === 'transition')
		.map(other => `${other.time} ${other.node}: ${whatOf(other)}, ${clean(other.reason)}`);
	const facts = isCalm(record) ? [] : (record.evidence ?? []);
	return [
		`${io.paint('bold', `${record.node}: ${whatOf(record)}`)} at ${record.time}, term ${record.term}${took}`,
		...wrapWords(explainChange(record, findings), io.size()?.columns ?? usualColumns),
		`  cause: ${io.paint('yellow', record.cause ?? 'unknown')}`,
		...facts.map(fact => `  seen: ${clean(fact)}`),
		...(findings ?? []).map(fact => `  both nodes' recordings: ${clean(fact)}`),
		...around.map(event => io.paint('dim', `  near: ${event}`)),
		...since.slice(-3).map(other => io.paint('dim', `  since: ${other}`)),
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

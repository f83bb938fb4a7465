/**
 * keepalived's tracks as `track` lines. Pure.
 *
 * Decides that a weight becomes a plain condition: ranks are not added up. A check of the haproxy process falls away, since the
 * proxy is hapair's own and a node whose proxy does not serve is not eligible.
 */
import {escapeWord, findAskedProcess, splitCommand, writeTime, writeWords} from './command-line.ts';
import type {Block, Instance, KeepalivedNode} from './node.ts';
import type {Note} from './notes.ts';
import type {Statement} from './statements.ts';

/** Each line once, in the order of the file. */
export function writeTracks(node: KeepalivedNode, instances: readonly Instance[], notes: Note[]): string[] {
	const lines: string[] = [];
	for (const instance of instances) {
		if (instance.interface !== undefined && instance.last('dont_track_primary') === undefined)
			lines.push(`track interface ${instance.interface}`);
	}
	for (const block of [...instances, ...node.groups]) lines.push(...writeTracksOf(node, block, notes));
	return [...new Set(lines)];
}

function writeTracksOf(node: KeepalivedNode, block: Block, notes: Note[]): string[] {
	const entries = (keyword: string): readonly Statement[] => block.all(keyword).flatMap(one => one.block ?? []);
	return [
		...entries('track_interface').map(entry => {
			noteWeight(entry, entry, notes);
			return `track interface ${entry.keyword}`;
		}),
		...entries('track_script').flatMap(entry => {
			const script = node.scripts.get(entry.keyword);
			if (script !== undefined) return writeScript(entry, script, notes);
			add(notes, entry, 'lost', `track_script: there is no vrrp_script ${entry.keyword}`);
			return [];
		}),
		...entries('track_process').flatMap(entry => {
			const tracked = node.processes.get(entry.keyword);
			if (tracked !== undefined) return writeProcess(entry, tracked, notes);
			add(notes, entry, 'lost', `track_process: there is no vrrp_track_process ${entry.keyword}`);
			return [];
		}),
	];
}

function writeScript(entry: Statement, script: Block, notes: Note[]): string[] {
	const statement = script.last('script');
	const command = statement?.words.join(' ') ?? '';
	const asked = findAskedProcess(command);
	const where = statement ?? script.statement;
	if (isProxy(asked)) {
		add(
			notes,
			where,
			'changed',
			'the check of haproxy is not needed: a node whose proxy does not serve is not eligible',
		);
		return [];
	}
	noteWeight(entry, script.last('weight') ?? entry, notes);
	if (script.last('user') !== undefined)
		add(notes, where, 'changed', 'user: the program runs as the user of the daemon');
	if (asked !== undefined) return [`track process ${asked.slice(0, 15)} ${writeTiming(script)}`];
	const words = splitCommand(command);
	if (!('problem' in words)) return [`track script ${escapeWord(writeWords(words))} ${writeTiming(script)}`];
	add(notes, where, 'lost', `script "${command}": ${words.problem}`);
	return [];
}

/** keepalived's defaults: every second, at most as long as the interval, once for each way. */
function writeTiming(script: Block): string {
	const number = (keyword: string, fallback: number): number => {
		const value = Number(script.last(keyword)?.words[0]);
		return value > 0 ? value : fallback;
	};
	const every = number('interval', 1);
	const timeout = Math.min(number('timeout', every), every);
	const rounds = `rise ${number('rise', 1)} fall ${number('fall', 1)}`;
	return `every ${writeTime(every)} timeout ${writeTime(timeout)} ${rounds}`;
}

function writeProcess(entry: Statement, tracked: Block, notes: Note[]): string[] {
	const name = tracked.last('process')?.words[0] ?? tracked.name;
	if (isProxy(name)) {
		const message = 'the track of haproxy is not needed: a node whose proxy does not serve is not eligible';
		add(notes, tracked.statement, 'changed', message);
		return [];
	}
	noteWeight(entry, tracked.last('weight') ?? entry, notes);
	for (const keyword of ['param_match', 'full_command', 'quorum', 'delay']) {
		const statement = tracked.last(keyword);
		if (statement !== undefined)
			add(notes, statement, 'lost', `${keyword}: only the name of the process counts, and one is enough`);
	}
	return [`track process ${name.replace(/^.*\//, '').slice(0, 15)}`];
}

function isProxy(process: string | undefined): boolean {
	return process !== undefined && /(^|\/)haproxy$/.test(process);
}

/** `entry` may have a weight of its own, which counts before the one of `fallback`. */
function noteWeight(entry: Statement, fallback: Statement, notes: Note[]): void {
	const [statement, weight] = entry.words.includes('weight')
		? [entry, Number(entry.words[entry.words.indexOf('weight') + 1])]
		: [fallback, fallback.keyword === 'weight' ? Number(fallback.words[0]) : 0];
	if (statement.words.includes('reverse'))
		add(notes, statement, 'lost', 'reverse: a track only ever counts when it passes');
	if (weight === 0 || Number.isNaN(weight)) return;
	const message = `weight ${weight}: priorities are not added up; while this fails the node does not hold the address, and when it fails on both nodes neither does`;
	add(notes, statement, 'changed', message);
}

function add(notes: Note[], {file, line}: Statement, kind: Note['kind'], message: string): void {
	notes.push({file, line, kind, message});
}

/**
 * How commands write for people: colour, tables, durations.
 *
 * Decides that colour appears only on a terminal and never when `NO_COLOR` is set. Leaves the words to the commands.
 */
import {stripVTControlCharacters, styleText} from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export type Paint = (style: Style, text: string) => string;

/** Colour for a stream, or plain text when it is no terminal or the user said `NO_COLOR`. */
export function paintFor(stream: {readonly isTTY?: boolean}, environment: NodeJS.ProcessEnv): Paint {
	const refused = environment.NO_COLOR !== undefined && environment.NO_COLOR !== '';
	if (stream.isTTY !== true || refused || environment.TERM === 'dumb') return (_style, text) => text;
	return (style, text) => styleText(style, text, {validateStream: false});
}

/**
 * Rows in columns two spaces apart, the first row being the header; the width ignores colour. When they do not fit into
 * `columns` each row becomes a block: its first cell, then one line for each other cell under its header's word.
 */
export function formatTable(rows: readonly (readonly string[])[], columns?: number): string[] {
	const widths: number[] = [];
	for (const row of rows) {
		for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, visibleWidth(cell));
	}
	const lines = rows.map(row =>
		row
			.map((cell, index) => (index === row.length - 1 ? cell : pad(cell, widths[index] ?? 0)))
			.join('  ')
			.trimEnd(),
	);
	if (columns === undefined || lines.every(line => visibleWidth(line) <= columns)) return lines;
	return formatBlocks(rows);
}

/**
 * The same rows without the columns that `dispensable` names by their header, first those named first, until they fit into `columns`; in
 * blocks when they do not even then.
 */
export function fitTable(
	rows: readonly (readonly string[])[],
	columns: number | undefined,
	dispensable: readonly string[],
): string[] {
	const [header = [], ...others] = rows;
	const [first, ...rest] = dispensable;
	const lines = formatTable(rows);
	if (columns === undefined || lines.every(line => visibleWidth(line) <= columns)) return lines;
	if (first === undefined) return formatBlocks(rows);
	const at = header.findIndex(word => stripVTControlCharacters(word) === first);
	const without = (row: readonly string[]): string[] => row.filter((_, index) => index !== at);
	return fitTable([without(header), ...others.map(without)], columns, rest);
}

/** The words of a line in as many lines as `columns` ask for; a longer word is left whole. Without colour. */
export function wrapWords(line: string, columns: number | undefined): string[] {
	if (columns === undefined || line.length <= columns) return [line];
	const lines: string[] = [];
	for (const word of line.split(' ')) {
		const last = lines.at(-1);
		if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
		else lines.push(word);
	}
	return lines;
}

function formatBlocks([header = [], ...rows]: readonly (readonly string[])[]): string[] {
	const width = Math.max(...header.slice(1).map(visibleWidth));
	return rows.flatMap(([first = '', ...cells]) => [
		first,
		...cells.map((cell, index) => `  ${pad(header[index + 1] ?? '', width)} ${cell}`),
	]);
}

function pad(cell: string, width: number): string {
	return cell + ' '.repeat(Math.max(0, width - visibleWidth(cell)));
}

/** The beginning of a line that fits into `columns`, its colours whole. */
export function clipLine(line: string, columns: number | undefined): string {
	if (columns === undefined || visibleWidth(line) <= columns) return line;
	let room = columns - 1;
	let clipped = '';
	for (const [part = ''] of line.matchAll(/\x1b\[[0-9;]*m|./gsu)) {
		const isColour = part.startsWith('\x1b');
		if (isColour || room > 0) clipped += part;
		if (!isColour && room > 0) room--;
	}
	return `${clipped}…`;
}

/** Without control characters: a terminal obeys those, and a line break would make two lines of one. */
export function clean(text: string): string {
	return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ').trim();
}

function visibleWidth(text: string): number {
	return stripVTControlCharacters(text).length;
}

/** `340 ms`, `2.5 s`, `4 min 10 s`, `3 h 20 min`, `2 d 4 h`: two units at most. */
export function formatDuration(durationMs: number): string {
	if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
	const seconds = durationMs / 1000;
	if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
	if (seconds < 60) return `${Math.round(seconds)} s`;
	const units: readonly (readonly [string, number, string, number])[] = [
		['d', 86400, 'h', 3600],
		['h', 3600, 'min', 60],
		['min', 60, 's', 1],
	];
	const [name, size, smallerName, smallerSize] = units.find(([, unitSize]) => seconds >= unitSize) ?? [
		'min',
		60,
		's',
		1,
	];
	return `${Math.floor(seconds / size)} ${name} ${Math.floor((seconds % size) / smallerSize)} ${smallerName}`;
}

/** Reads `500ms`, `2s`, `1m`, `1h`, `1d` or plain milliseconds (HAProxy's time format); `undefined` when it is none. */
export function parseDurationMs(text: string): number | undefined {
	const match = /^(\d{1,9})(ms|s|m|h|d)?$/.exec(text);
	if (match === null) return undefined;
	const factors = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};
	const unit = match[2];
	const factor = unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? factors[unit] : 1;
	return Number(match[1]) * factor;
}

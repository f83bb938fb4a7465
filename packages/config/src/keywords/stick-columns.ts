/**
 * `store` of a `stick-table` line: what is kept under each key.
 *
 * Decides names, periods and sizes of arrays, and their order in `show table`. Leaves the rest of the line to `stick.ts`. HAProxy manual,
 * `stick-table … store`.
 */
import {parseDurationMs} from '../durations.ts';
import {notSupported} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {StickColumn, StickColumnName} from '../model.ts';
import {didYouMean} from '../suggestions.ts';

/** In the order of `show table`. */
const COLUMNS: readonly StickColumnName[] = [
	'server_id',
	'gpt0',
	'gpc0',
	'gpc0_rate',
	'conn_cnt',
	'conn_rate',
	'conn_cur',
	'sess_cnt',
	'sess_rate',
	'http_req_cnt',
	'http_req_rate',
	'http_err_cnt',
	'http_err_rate',
	'bytes_in_cnt',
	'bytes_in_rate',
	'bytes_out_cnt',
	'bytes_out_rate',
	'gpc1',
	'gpc1_rate',
	'http_fail_cnt',
	'http_fail_rate',
];
const LATER_COLUMNS = /^(server_key|glitch_cnt|glitch_rate)(\(|$)/;
/** `gpc(3)`, `gpc_rate(3,10s)`: so many of them. */
const ARRAY = /^(gpc|gpt|gpc_rate)(?:\(([^(),]*)(?:,([^(),]*))?\))?$/;
const MAX_ELEMENTS = 100;

/** As `show table` writes them. */
export function inOrder(columns: ReadonlyMap<StickColumnName, StickColumn>): readonly StickColumn[] {
	const single = COLUMNS.flatMap(name => columns.get(name) ?? []).filter(({isElement}) => isElement !== true);
	return [...single, ...elementsOf(columns)];
}

/** Elements of arrays come behind everything else, tags first. */
function elementsOf(columns: ReadonlyMap<StickColumnName, StickColumn>): readonly StickColumn[] {
	const elements = [...columns.values()].filter(({isElement}) => isElement);
	const rank = ({name}: StickColumn) => (name.startsWith('gpt') ? 0 : name.endsWith('_rate') ? 2 : 1);
	return elements.toSorted((a, b) => rank(a) - rank(b));
}

/** An array takes the place of the single ones: both at once are refused. */
function clashes(
	cursor: LineCursor,
	word: Word,
	name: StickColumnName,
	columns: ReadonlyMap<StickColumnName, StickColumn>,
): boolean {
	const family = /^gp[ct]/.exec(name)?.[0];
	const arrays = [...columns.values()].some(column => column.isElement && column.name.startsWith(family ?? '-'));
	if (!arrays) return false;
	cursor.error(
		word,
		`'${name}' and the array '${family}' exclude each other`,
		`keep '${family}(N)': its first elements answer for it`,
	);
	return true;
}

function readArray(
	cursor: LineCursor,
	word: Word,
	[part, family = '', size, period]: RegExpExecArray,
	columns: Map<StickColumnName, StickColumn>,
): boolean {
	const isRate = family === 'gpc_rate';
	const count = /^\d{1,3}$/.test(size ?? '') ? Number(size) : 0;
	const periodMs = isRate ? (parseDurationMs(period ?? '', 'ms') ?? 0) : undefined;
	const form = isRate ? 'gpc_rate(N,T)' : `${family}(N)`;
	const hint = `such as ${form.replace('N', '3').replace('T', '10s')}, with 1 to ${MAX_ELEMENTS} elements`;
	if (count < 1 || count > MAX_ELEMENTS || periodMs === 0 || (!isRate && period !== undefined)) {
		cursor.error(word, `'${part}' is not ${form}`, hint);
		return false;
	}
	const short = family.slice(0, 3);
	const single = [...columns.values()].find(column => !column.isElement && column.name.startsWith(short));
	if (single !== undefined) {
		cursor.error(word, `'${single.name}' and the array '${short}' exclude each other`, `keep '${form}'`);
		return false;
	}
	for (let index = 0; index < count; index += 1) {
		const name = `${short as 'gpc' | 'gpt'}${index}` as const;
		if (periodMs === undefined) columns.set(name, {name, isElement: true});
		else columns.set(`gpc${index}_rate`, {name: `gpc${index}_rate`, periodMs, isElement: true});
	}
	return true;
}

/** `gpc0,conn_rate(30s)`; blanks after a comma are not allowed, and `store` may stand several times. */
export function readColumns(cursor: LineCursor, columns: Map<StickColumnName, StickColumn>): boolean {
	const word = cursor.require('what to store', 'such as store conn_cnt,http_req_rate(10s)');
	if (word === undefined) return false;
	let isGood = true;
	// A comma within parentheses belongs to them.
	for (const part of word.text.split(/,(?![^(]*\))/)) {
		const array = ARRAY.exec(part);
		if (array !== null) {
			if (!readArray(cursor, word, array, columns)) isGood = false;
			continue;
		}
		const [, name = '', period] = /^([a-z0-9_]+)(?:\(([^()]*)\))?$/.exec(part) ?? [];
		const known = COLUMNS.find(column => column === name);
		const isRate = name.endsWith('_rate');
		const periodMs = period === undefined ? undefined : parseDurationMs(period, 'ms');
		if (LATER_COLUMNS.test(part)) cursor.error(word, notSupported(`'${part}' in a stick table`));
		else if (known === undefined) {
			cursor.error(word, `'${part}' cannot be stored`, didYouMean(name, COLUMNS) ?? `one of ${COLUMNS.join(', ')}`);
		} else if (isRate !== (period !== undefined)) {
			const hint = isRate ? `such as ${name}(10s)` : `write ${name}`;
			cursor.error(word, isRate ? `'${name}' needs a period` : `'${name}' has no period`, hint);
		} else if (isRate && !(periodMs !== undefined && periodMs > 0)) {
			cursor.error(word, `'${period}' is not a period`, `such as ${name}(10s)`);
		} else {
			if (!clashes(cursor, word, known, columns)) {
				columns.set(known, periodMs === undefined ? {name: known} : {name: known, periodMs});
				continue;
			}
		}
		isGood = false;
	}
	return isGood;
}

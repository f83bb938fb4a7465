/**
 * How the tables of a status are fitted to a terminal. Pure.
 *
 * Decides which columns a narrow live status goes without; elsewhere nothing is left out.
 */
import {fitTable, formatTable} from '../terminal.ts';

export interface Layout {
	/** Of the terminal; absent without one. */
	readonly columns?: number | undefined;
	/** Columns that do not fit are left out; otherwise the rows become blocks. */
	readonly shortens?: boolean;
}

export function layOut(rows: readonly (readonly string[])[], {columns, shortens = false}: Layout): string[] {
	return shortens ? fitTable(rows, columns, dispensable) : formatTable(rows, columns);
}

/** Columns in the order in which a narrow live status goes without them. */
const dispensable = [
	'LAST CHECK',
	'ADDRESS',
	'PRIORITY',
	'WEIGHT',
	'SESSIONS',
	'TERM',
	'SINCE',
	'ELIGIBLE',
	'CONNECTIONS',
	'HEARD',
];

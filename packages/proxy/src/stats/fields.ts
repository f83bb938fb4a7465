/**
 * Rows of the statistics and the names of their cells, in the order in which programs count them.
 *
 * Pure. Decides what a row is. Leaves what is told of columns to `columns.ts`.
 */
import {COLUMNS} from './columns.ts';

/** All names, by column. */
export const FIELDS: readonly string[] = COLUMNS.map(({name}) => name);

/** In CSV a column of its own, named `-`, stands before those of modules. */
export const FIRST_MODULE_FIELD = FIELDS.indexOf('ssl_sess');

/** `type` of a row; the bits of `show stat`'s filter are `1 << type`. */
export const RowType = {frontend: 0, backend: 1, server: 2, socket: 3} as const;
export type RowTypeValue = (typeof RowType)[keyof typeof RowType];

/** What is known of one frontend, backend, server or socket; an absent field is an empty cell. */
export interface Row {
	readonly type: RowTypeValue;
	/** Number of the proxy. */
	readonly iid: number;
	/** Number of the server or socket, 0 for none. */
	readonly sid: number;
	readonly proxy: string;
	readonly name: string;
	readonly values: Readonly<Record<string, string | number | undefined>>;
}

/** One cell's value; undefined for an empty one. */
export function rowValue(row: Row, field: string): string | number | undefined {
	if (field === 'pxname') return row.proxy;
	if (field === 'svname') return row.name;
	return row.values[field];
}

/** One cell. */
export function cell(row: Row, field: string): string {
	return String(rowValue(row, field) ?? '');
}

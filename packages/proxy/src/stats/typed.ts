/**
 * Statistics and process facts with the type of every value: a line each, or JSON (HAProxy manual, "Typed output format").
 *
 * Pure. Decides the notation of both. Leaves the values to rows and `info.ts`.
 */
import {COLUMNS, type Column} from './columns.ts';
import {type Row, type RowTypeValue, rowValue} from './fields.ts';

/** A filled cell: its column, that one's place, the value. */
export interface Item {
	readonly column: Column;
	readonly place: number;
	readonly value: string | number;
}

/** The process: there is one. */
const PROCESS = 1;
const LETTERS: Readonly<Record<RowTypeValue, string>> = {0: 'F', 1: 'B', 2: 'S', 3: 'L'};
const OBJECTS: Readonly<Record<RowTypeValue, string>> = {0: 'Frontend', 1: 'Backend', 2: 'Server', 3: 'Listener'};

const ORIGINS: Readonly<Record<string, string>> = {M: 'Metric', S: 'Status', K: 'Key', C: 'Config', P: 'Product'};
const NATURES: Readonly<Record<string, string>> = {
	A: 'Age',
	a: 'Avg',
	C: 'Counter',
	D: 'Duration',
	G: 'Gauge',
	L: 'Limit',
	M: 'Max',
	m: 'Min',
	N: 'Name',
	O: 'Output',
	R: 'Rate',
	T: 'Time',
};
const SCOPES: Readonly<Record<string, string>> = {C: 'Cluster', P: 'Process', S: 'Service', s: 'System'};

/** Columns whose tags differ in rows of backends. */
const OF_BACKENDS: Readonly<Record<string, string>> = {act: 'MGP', bck: 'MGP', rate: 'MGP', rate_max: 'MGP'};

function itemsOf(row: Row): readonly Item[] {
	return COLUMNS.flatMap((column, place) => {
		const value = rowValue(row, column.name);
		if (value === undefined) return [];
		const tags = row.type === 1 ? OF_BACKENDS[column.name] : undefined;
		return [{column: tags === undefined ? column : {...column, tags}, place, value}];
	});
}

/** `F.2.0.0.pxname.1:KNS:str:web`, cell by cell and row by row. */
export function formatTypedRows(rows: readonly Row[], withMeaning: boolean): string {
	let text = '';
	for (const row of rows) {
		for (const item of itemsOf(row)) {
			text += `${LETTERS[row.type]}.${row.iid}.${row.sid}.${typedItem(item, withMeaning)}\n`;
		}
	}
	return text;
}

/** `0.Name.1:POS:str:HAProxy`. */
export function formatTypedItems(items: readonly Item[], withMeaning: boolean): string {
	return items.map(item => `${typedItem(item, withMeaning)}\n`).join('');
}

function typedItem({column, place, value}: Item, withMeaning: boolean): string {
	const {name, tags, type, meaning} = column;
	return `${place}.${name}.${PROCESS}:${tags}:${type}:${value}${withMeaning ? `:"${meaning}"` : ''}`;
}

/** An array a row, of an object a cell. */
export function formatJsonRows(rows: readonly Row[]): string {
	return `${JSON.stringify(
		rows.map(row =>
			itemsOf(row).map(item => ({objType: OBJECTS[row.type], proxyId: row.iid, id: row.sid, ...jsonItem(item)})),
		),
	)}\n`;
}

export function formatJsonItems(items: readonly Item[]): string {
	return `${JSON.stringify(items.map(jsonItem))}\n`;
}

function jsonItem({column, place, value}: Item): object {
	const [origin = '', nature = '', scope = ''] = column.tags;
	return {
		field: {pos: place, name: column.name},
		processNum: PROCESS,
		tags: {origin: ORIGINS[origin], nature: NATURES[nature], scope: SCOPES[scope]},
		value: {type: column.type, value},
	};
}

/**
 * Where everything of a stick table lies in its SharedArrayBuffer.
 *
 * Pure. Decides sizes and offsets; both sides of a thread boundary compute them from the same configuration. Memory that is all zero is an
 * empty table: links are stored as slot + 1, and slots never used before are taken in order, so a large table costs nothing until it
 * is filled.
 */
import type {StickColumn, StickColumnName, StickTable} from '@hapair/config';
import {RATE_CELLS} from './sliding-rate.ts';

/** Words at the start. */
export const HEADER = {
	lock: 0,
	waiting: 1,
	used: 2,
	/** Slots that were used at least once. */
	fresh: 3,
	free: 4,
	oldest: 5,
	newest: 6,
	/** Raised when the table is emptied because its lock was lost. */
	epoch: 7,
	seed: 8,
} as const;
const HEADER_WORDS = 16;

/** Words of an entry before `use`: links, hash, length of the key. */
export const ENTRY = {chain: 0, older: 1, newer: 2, hash: 3, keyLength: 4, isTaken: 5} as const;
const ENTRY_WORDS = 6;

export interface Column {
	readonly name: StickColumnName;
	/** 0 for what is no rate. */
	readonly periodMs: number;
	/** Cell in the row. */
	readonly at: number;
	readonly kind: 'count' | 'rate' | 'held';
	/** An element of an array. */
	readonly isElement: boolean;
}

export interface Layout {
	readonly size: number;
	readonly keyBytes: number;
	readonly buckets: number;
	/** One a worker, one for the main thread. */
	readonly holders: number;
	readonly bucketsAt: number;
	readonly entriesAt: number;
	readonly entryWords: number;
	/** Bytes of the first key, distance is `keyStride`. */
	readonly keysAtBytes: number;
	readonly keyStride: number;
	readonly rowsAtBytes: number;
	/** Cells of a row: when the entry expires, then the columns. */
	readonly rowCells: number;
	readonly columns: readonly Column[];
	readonly totalBytes: number;
}

export function planLayout(table: StickTable, workerCount: number): Layout {
	const holders = workerCount + 1;
	const buckets = 2 ** Math.ceil(Math.log2(Math.max(2, table.size)));
	const entriesAt = HEADER_WORDS + buckets;
	const entryWords = ENTRY_WORDS + holders;
	const keysAtBytes = (entriesAt + table.size * entryWords) * 4;
	const {columns, cells} = placeColumns(table.columns, holders);
	const rowsAtBytes = Math.ceil((keysAtBytes + table.size * table.keyBytes) / 8) * 8;
	return {
		size: table.size,
		keyBytes: table.keyBytes,
		buckets,
		holders,
		bucketsAt: HEADER_WORDS,
		entriesAt,
		entryWords,
		keysAtBytes,
		keyStride: table.keyBytes,
		rowsAtBytes,
		rowCells: cells,
		columns,
		totalBytes: rowsAtBytes + table.size * cells * 8,
	};
}

function placeColumns(stored: readonly StickColumn[], holders: number): {columns: Column[]; cells: number} {
	const columns: Column[] = [];
	let cells = 1;
	for (const {name, periodMs, isElement = false} of stored) {
		const kind = name === 'conn_cur' ? 'held' : periodMs === undefined ? 'count' : 'rate';
		columns.push({name, periodMs: periodMs ?? 0, at: cells, kind, isElement});
		cells += kind === 'held' ? holders : kind === 'rate' ? RATE_CELLS : 1;
	}
	return {columns, cells};
}

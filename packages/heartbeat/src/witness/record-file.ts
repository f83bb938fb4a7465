/**
 * The witness's file: what it must still know after a crash, one small JSON text.
 *
 * Decides that a record is complete or not there: it is written beside, flushed to the disk and renamed.
 */
import {closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync} from 'node:fs';
import {dirname} from 'node:path';
import type {LedgerRecord} from './ledger.ts';

export type Records = ReadonlyMap<string, LedgerRecord>;

/** @throws an Error that names the file when it is there and cannot be understood: starting without it could give two masters. */
export function readRecords(file: string): Records {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
		throw error;
	}
	const records = parseRecords(text);
	if (records !== undefined) return records;
	throw new Error(`${file} is damaged: if no pair is without its peer now, remove it and start again`);
}

function parseRecords(text: string): Records | undefined {
	try {
		const parsed: unknown = JSON.parse(text);
		if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
		const entries = Object.entries(parsed);
		return entries.every(
			(entry): entry is [string, LedgerRecord] => /^[0-9a-f]{32}$/.test(entry[0]) && isRecord(entry[1]),
		)
			? new Map(entries)
			: undefined;
	} catch {
		return undefined;
	}
}

function isRecord(value: unknown): value is LedgerRecord {
	if (typeof value !== 'object' || value === null) return false;
	const {term, holder, promisedMs} = value as Partial<Record<keyof LedgerRecord, unknown>>;
	return Number.isSafeInteger(term) && Number.isSafeInteger(promisedMs) && /^[0-9a-f]{16}$/.test(String(holder));
}

/** Returns when the records are on the disk. @throws what the disk says. */
export function writeRecords(file: string, records: Records): void {
	const beside = `${file}.new`;
	const descriptor = openSync(beside, 'w', 0o600);
	try {
		writeSync(descriptor, `${JSON.stringify(Object.fromEntries(records))}\n`);
		fsyncSync(descriptor);
	} finally {
		closeSync(descriptor);
	}
	renameSync(beside, file);
	const directory = openSync(dirname(file), 'r');
	try {
		fsyncSync(directory);
	} finally {
		closeSync(directory);
	}
}

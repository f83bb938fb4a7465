/**
 * Rows as CSV, the same text on the socket and over HTTP: every line ends with a comma, every row has as many cells as the header.
 *
 * Pure. Decides quoting: a cell with a comma, a quote or a line end is quoted, as RFC 4180 says.
 */
import {cell, FIELDS, FIRST_MODULE_FIELD, type Row} from './fields.ts';

/** What stands in the column between the program's own fields and those of modules. */
const MODULES = '-';
const OWN = FIELDS.slice(0, FIRST_MODULE_FIELD);
const EMPTY_MODULES = ','.repeat(FIELDS.length - FIRST_MODULE_FIELD);
const HEADER = `# ${[...OWN, MODULES, ...FIELDS.slice(FIRST_MODULE_FIELD)].join(',')},\n`;

/** The header and a line a row. */
export function formatCsv(rows: readonly Row[]): string {
	let text = HEADER;
	for (const row of rows) {
		for (const field of OWN) text += `${quote(cell(row, field))},`;
		text += `${MODULES},${EMPTY_MODULES}\n`;
	}
	return text;
}

function quote(text: string): string {
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

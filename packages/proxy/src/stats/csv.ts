/**
 * Rows as CSV, the same text on the socket and over HTTP: every line ends with a comma, every row has as many cells as the header.
 *
 * Pure. Decides quoting: a cell with a comma, a quote or a line end is quoted, as RFC 4180 says.
 */
import {cell, FIELDS, type Row} from './fields.ts';

const HEADER = `# ${FIELDS.join(',')},\n`;

/** The header and a line a row. */
export function formatCsv(rows: readonly Row[]): string {
	let text = HEADER;
	for (const row of rows) {
		for (const field of FIELDS) text += `${quote(cell(row, field))},`;
		text += '\n';
	}
	return text;
}

function quote(text: string): string {
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Rows of cells as lines of text, for the tables of the commands that measure. Pure.
 *
 * Decides that the first column stands left, and that no line ends with blanks. What is in the cells is the caller's.
 */

export interface Alignment {
	/** Of all columns but the first. */
	readonly rest?: 'left' | 'right';
	/** Blanks between two columns. */
	readonly gap?: number;
}

export function alignColumns(rows: readonly (readonly string[])[], {rest = 'left', gap = 2}: Alignment = {}): string[] {
	const widths: number[] = [];
	for (const row of rows) {
		for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
	}
	const pad = (cell: string, index: number): string => {
		const width = widths[index] ?? 0;
		return index === 0 || rest === 'left' ? cell.padEnd(width) : cell.padStart(width);
	};
	return rows.map(row => row.map(pad).join(' '.repeat(gap)).trimEnd());
}

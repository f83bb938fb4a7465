/**
 * Reading and editing the lines of a message head as text.
 *
 * A head is a latin1 string: start line, header lines, an empty line, every line ended by CR LF. It was validated before
 * it comes here: no bare CR or LF, no folded lines, no space before a colon. Names are given in lower case.
 * Leaves framing and hop-by-hop headers to others.
 */

const CR_LF = '\r\n';

/** Start of the first header line, behind the start line. */
export function firstHeaderLine(head: string): number {
	return head.indexOf(CR_LF) + 2;
}

/** Offset of the next line called `lowerName` at or behind the line start `from`, or -1. */
export function findHeaderLine(head: string, lowerName: string, from: number): number {
	const colon = lowerName.length;
	let line = from;
	for (;;) {
		const end = head.indexOf(CR_LF, line);
		if (end <= line) return -1;
		if (head.charCodeAt(line + colon) === 58 && hasNameAt(head, lowerName, line)) return line;
		line = end + 2;
	}
}

/** Offset just behind the CR LF of the line that starts at `line`. */
export function nextLine(head: string, line: number): number {
	return head.indexOf(CR_LF, line) + 2;
}

/** The value of the line at `line` whose name is `nameLength` long, without the blanks around it. */
export function headerValueAt(head: string, line: number, nameLength: number): string {
	let start = line + nameLength + 1;
	let end = head.indexOf(CR_LF, start);
	while (start < end && isBlank(head.charCodeAt(start))) start++;
	while (end > start && isBlank(head.charCodeAt(end - 1))) end--;
	return head.slice(start, end);
}

/** The value of the first header called `lowerName`. */
export function findHeaderValue(head: string, lowerName: string): string | undefined {
	const line = findHeaderLine(head, lowerName, firstHeaderLine(head));
	return line === -1 ? undefined : headerValueAt(head, line, lowerName.length);
}

/** Removes every header called `lowerName`. */
export function removeHeader(head: string, lowerName: string): string {
	let line = findHeaderLine(head, lowerName, firstHeaderLine(head));
	while (line !== -1) {
		head = head.slice(0, line) + head.slice(nextLine(head, line));
		line = findHeaderLine(head, lowerName, line);
	}
	return head;
}

/** Appends one line (`Name: value`, without CR LF) behind all others. */
export function appendHeader(head: string, text: string): string {
	return `${head.slice(0, -2)}${text}${CR_LF}${CR_LF}`;
}

/** A header value that cannot end its line: CR, LF and NUL become spaces. */
export function cleanHeaderValue(value: string): string {
	return /[\r\n\0]/.test(value) ? value.replace(/[\r\n\0]/g, ' ') : value;
}

/** A text of the configuration as it stands in a head: one character for each byte of its UTF-8. */
export function toWireText(text: string): string {
	return /[\x80-\uffff]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

/** Space or tab. */
export function isBlank(code: number): boolean {
	return code === 32 || code === 9;
}

function hasNameAt(head: string, lowerName: string, at: number): boolean {
	for (let i = 0; i < lowerName.length; i++) {
		const code = head.charCodeAt(at + i);
		const lower = code >= 65 && code <= 90 ? code + 32 : code;
		if (lower !== lowerName.charCodeAt(i)) return false;
	}
	return true;
}

/** Value of line `n` of that name, from 0. */
export function findHeaderLineValue(head: string, lowerName: string, n: number): string | undefined {
	let line = findHeaderLine(head, lowerName, firstHeaderLine(head));
	for (let left = n; left > 0 && line !== -1; left--) line = findHeaderLine(head, lowerName, nextLine(head, line));
	return line === -1 ? undefined : headerValueAt(head, line, lowerName.length);
}

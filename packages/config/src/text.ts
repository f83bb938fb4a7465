/**
 * Text as lines: what a file may contain before any word is looked at.
 *
 * Decides size, line ends (LF or CR LF) and the byte order mark. Leaves the inside of a line to the lexer.
 */
import {MAX_FILE_BYTES} from './defaults.ts';
import type {Reporter} from './diagnostics.ts';

/** One `-f` file: its name as the user wrote it, and its text. */
export interface Source {
	readonly name: string;
	readonly text: string;
}

/** Bytes of `text` in UTF-8. */
export function byteLength(text: string): number {
	let bytes = text.length;
	for (let at = 0; at < text.length; at += 1) {
		const code = text.charCodeAt(at);
		if (code < 0x80) continue;
		// A surrogate pair is two units and four bytes: one more for each unit.
		bytes += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
	}
	return bytes;
}

/** The lines of a file without their ends. Refuses a file that is too large. */
export function splitLines(source: Source, reporter: Reporter): readonly string[] {
	const {name: file, text} = source;
	if (text.length > MAX_FILE_BYTES || (text.length * 3 > MAX_FILE_BYTES && byteLength(text) > MAX_FILE_BYTES)) {
		const megabytes = MAX_FILE_BYTES / 1024 / 1024;
		const place = {file, line: 1, column: 1, length: 1};
		reporter.error(place, `the file is larger than ${megabytes} MiB`, 'is this a haproxy.cfg?');
		return [];
	}
	return linesOf(text);
}

/** The lines of a text as they are counted in diagnostics. */
export function linesOf(text: string): string[] {
	const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
	const lines = (start === 0 ? text : text.slice(1)).split('\n');
	return lines.map(line => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

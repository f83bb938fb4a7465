/**
 * Diagnostics as people read them in a terminal: place, sentence, the line, a caret underline, a hint.
 *
 * Decides the layout. What is shown of the user's text holds no control characters (they could repaint the terminal), and a
 * long line is shown around the place that matters.
 */
import type {Diagnostic, Severity} from './diagnostics.ts';
import {linesOf, type Source} from './text.ts';

export interface FormatOptions {
	/** ANSI colours. */
	readonly colour: boolean;
}

const COLOURS: Readonly<Record<Severity | 'hint' | 'place', string>> = {
	error: '\u001b[1;31m',
	warning: '\u001b[1;33m',
	notice: '\u001b[1;36m',
	hint: '\u001b[32m',
	place: '\u001b[1m',
};
const RESET = '\u001b[0m';
const INDENT = '    ';
/** Characters of a source line that are shown at most, and how many of them stand before the caret. */
const SHOWN_MAX = 160;
const SHOWN_BEFORE = 60;
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** All diagnostics, one block each, with a line feed at the end; the empty string when there are none. */
export function formatDiagnostics(
	diagnostics: readonly Diagnostic[],
	sources: readonly Source[],
	options: FormatOptions,
): string {
	const texts = new Map<string, readonly string[]>();
	for (const {name, text} of sources) if (!texts.has(name)) texts.set(name, linesOf(text));
	return diagnostics
		.map(diagnostic => formatOne(diagnostic, texts.get(diagnostic.file)?.[diagnostic.line - 1], options))
		.join('');
}

function formatOne(diagnostic: Diagnostic, text: string | undefined, {colour}: FormatOptions): string {
	const paint = (what: keyof typeof COLOURS, shown: string) => (colour ? `${COLOURS[what]}${shown}${RESET}` : shown);
	const {file, line, column, severity, message, hint} = diagnostic;
	const place = paint('place', `${harmless(file)}:${line}:${column}:`);
	const parts = [`${place} ${paint(severity, `${severity}:`)} ${harmless(message)}`];
	if (text !== undefined && text.trim() !== '') {
		const {shown, padding, carets} = excerpt(text, diagnostic);
		parts.push(`${INDENT}${shown}`, `${INDENT}${padding}${paint(severity, carets)}`);
	}
	if (hint !== undefined) parts.push(`${INDENT}${paint('hint', 'hint:')} ${harmless(hint)}`);
	return `${parts.join('\n')}\n`;
}

interface Excerpt {
	readonly shown: string;
	/** As wide as what stands before the underlined part, tabs kept, so that it aligns at any tab width. */
	readonly padding: string;
	readonly carets: string;
}

function excerpt(text: string, {column, length}: Diagnostic): Excerpt {
	const at = Math.min(Math.max(0, column - 1), text.length);
	const start = text.length <= SHOWN_MAX ? 0 : Math.max(0, at - SHOWN_BEFORE);
	const end = Math.min(text.length, start + SHOWN_MAX);
	const before = (start > 0 ? '…' : '') + text.slice(start, at);
	const marked = text.slice(at, Math.min(at + Math.max(1, length), end));
	const shown = harmless(before + text.slice(at, end)) + (end < text.length ? '…' : '');
	const padding = before.replaceAll(/[^\t]+/gu, part => ' '.repeat(displayWidth(part)));
	return {shown, padding, carets: '^'.repeat(Math.max(1, displayWidth(marked)))};
}

function harmless(text: string): string {
	return text.replaceAll(CONTROL, '\ufffd');
}

/** Columns of a terminal: East Asian characters take two, marks that combine none. */
function displayWidth(text: string): number {
	let width = 0;
	for (const char of text) width += /\p{M}|\u200d/u.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
	return width;
}

const WIDE =
	/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;

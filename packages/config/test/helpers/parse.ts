import {Reporter} from '../../src/diagnostics.ts';
import type {Configuration, Diagnostic} from '../../src/index.ts';
import {parseConfiguration} from '../../src/index.ts';
import {lexLine, type SyntaxMode} from '../../src/lexer.ts';
import {LineCursor} from '../../src/line-cursor.ts';

export interface ParseChoices {
	readonly environment?: Readonly<Record<string, string>>;
	readonly syntax?: SyntaxMode;
}

/** Every remark about a text that is the file `test.cfg`. */
export function diagnose(text: string, {environment = {}, syntax}: ParseChoices = {}): readonly Diagnostic[] {
	const options = syntax === undefined ? {environment} : {environment, syntax};
	return parseConfiguration([{name: 'test.cfg', text}], options).diagnostics;
}

/** `error 3:7 message (hint)`, in order. */
export function remarks(text: string, choices?: ParseChoices): readonly string[] {
	return diagnose(text, choices).map(describe);
}

export function errors(text: string, choices?: ParseChoices): readonly string[] {
	return remarks(text, choices).filter(remark => remark.startsWith('error '));
}

export function describe({severity, line, column, message, hint}: Diagnostic): string {
	return `${severity} ${line}:${column} ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** The model of a text without errors. */
export function configurationOf(text: string, {environment = {}, syntax}: ParseChoices = {}): Configuration {
	const options = syntax === undefined ? {environment} : {environment, syntax};
	const {configuration, diagnostics} = parseConfiguration([{name: 'test.cfg', text}], options);
	if (configuration === undefined) throw new Error(diagnostics.map(describe).join('\n'));
	return configuration;
}

/** The only element; a surprise is a failure of the test. */
export function only<Item>(items: readonly Item[]): Item {
	if (items.length !== 1) throw new Error(`one item expected, ${items.length} found`);
	return items[0]!;
}

/** The words of one modern line, and what is reported about them. */
export function cursorOver(text: string): {readonly cursor: LineCursor; readonly remarks: () => readonly string[]} {
	const reporter = new Reporter();
	const {words} = lexLine(text, 'modern', {});
	return {
		cursor: new LineCursor({file: 'test.cfg', number: 1, words}, reporter),
		remarks: () => reporter.diagnostics.map(describe),
	};
}

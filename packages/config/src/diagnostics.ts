/**
 * What the reader says about a text: errors refuse it, warnings and notices do not.
 * Leaves colours and terminals to the caller.
 */

export interface Diagnostic {
	readonly severity: 'error' | 'warning' | 'notice';
	readonly file: string;
	/** From 1. */
	readonly line: number;
	/** From 1, in characters. */
	readonly column: number;
	/** Width of the caret's underline, at least 1. */
	readonly length: number;
	readonly message: string;
	/** What to do: "did you mean …", the allowed values, the section it belongs to. */
	readonly hint?: string;
}

/**
 * What the reader says about a text: errors refuse it, warnings and notices do not.
 * Decides which remarks are kept (one for a place, a bounded number in all). Leaves wording to those who report and
 * colours and terminals to `format-diagnostics`.
 */
import {MAX_DIAGNOSTICS} from './defaults.ts';
import type {Position} from './model.ts';

export type Severity = 'error' | 'warning' | 'notice';

export interface Diagnostic {
	readonly severity: Severity;
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

/** A stretch of one line that a diagnostic can point at. Columns are UTF-16 units, from 1. */
export interface Place {
	readonly file: string;
	readonly line: number;
	readonly column: number;
	readonly length: number;
}

/** Where a place begins, as the model has it. */
export function positionOf({file, line, column}: Place): Position {
	return {file, line, column};
}

/** Collects diagnostics while a text is read. */
export class Reporter {
	readonly diagnostics: Diagnostic[] = [];
	/** While true nothing is recorded: the line was refused already and is read only for what it declares. */
	muted = false;
	/** True once so much is wrong that reading on would help nobody. */
	full = false;
	readonly #errorPlaces = new Set<string>();

	error(place: Place, message: string, hint?: string): void {
		const key = `${place.file}\0${place.line}\0${place.column}`;
		if (this.#errorPlaces.has(key)) return;
		if (!this.muted) this.#errorPlaces.add(key);
		this.#add('error', place, message, hint);
	}

	warn(place: Place, message: string, hint?: string): void {
		this.#add('warning', place, message, hint);
	}

	notice(place: Place, message: string, hint?: string): void {
		this.#add('notice', place, message, hint);
	}

	#add(severity: Severity, place: Place, message: string, hint: string | undefined): void {
		if (this.muted || this.full) return;
		const {file, line, column, length} = place;
		if (this.diagnostics.length >= MAX_DIAGNOSTICS) {
			this.full = true;
			this.diagnostics.push({
				severity: 'error',
				file,
				line,
				column,
				length,
				message: `there are more than ${MAX_DIAGNOSTICS} remarks; the rest was not read`,
				hint: 'is this a haproxy.cfg?',
			});
			return;
		}
		const base = {severity, file, line, column, length, message};
		this.diagnostics.push(hint === undefined ? base : {...base, hint});
	}
}

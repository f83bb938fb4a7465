/**
 * What an examination finds: one grade, one sentence, and what to do. Pure.
 *
 * Decides the shape that the table and `--json` share (docs/json.md). Leaves the judgements to `checks/`.
 */
export type Grade = 'ok' | 'warn' | 'fail' | 'unknown';

export interface Finding {
	/** The check's name, one word; several findings may share it. */
	readonly check: string;
	readonly grade: Grade;
	/** One sentence. */
	readonly message: string;
	/** What to do. */
	readonly hint?: string;
}

export function finding(check: string, grade: Grade, message: string, hint?: string): Finding {
	return {check, grade, message, ...(hint === undefined ? {} : {hint})};
}

const severity: Readonly<Record<Grade, number>> = {ok: 0, unknown: 1, warn: 2, fail: 3};

/** The most severe grade; `ok` of none. */
export function worstOf(grades: readonly Grade[]): Grade {
	return grades.reduce<Grade>((worst, grade) => (severity[grade] > severity[worst] ? grade : worst), 'ok');
}

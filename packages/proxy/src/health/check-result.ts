/**
 * What one check found, in HAProxy's words (manual, `check_status` of the statistics).
 */
import type {CheckOutcome} from './tracker.ts';

export const CHECK_STATUSES = [
	'SOCKERR',
	'L4OK',
	'L4TOUT',
	'L4CON',
	'L6OK',
	'L6TOUT',
	'L6RSP',
	'L7OK',
	'L7OKC',
	'L7TOUT',
	'L7RSP',
	'L7STS',
	/** An agent has answered, and said nothing of a state. */
	'CHECKED',
	/** `observe`: traffic failed, no check did. */
	'HANA',
] as const;
export type CheckStatus = (typeof CHECK_STATUSES)[number];

export interface CheckResult {
	readonly outcome: CheckOutcome;
	readonly status: CheckStatus;
	/** HTTP status of the answer, or the protocol's own; 0 where HAProxy writes 0. */
	readonly code?: number;
	/** What the system or the server said: an error's text, a reason phrase. Untrusted. */
	readonly info?: string;
	/** From the start of the connection to the verdict; -1 when no check was made. */
	readonly durationMs: number;
}

/** `L7OK/200 in 1ms`, as the statistics show it; the word alone when no check was made. */
export function formatCheckResult(result: CheckResult): string {
	const code = result.code === undefined ? '' : `/${result.code}`;
	return result.durationMs < 0 ? result.status : `${result.status}${code} in ${result.durationMs}ms`;
}

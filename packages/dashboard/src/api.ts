/**
 * Orders to the daemon and the login.
 *
 * Decides that every order ends with a sentence for people, also when the daemon cannot be reached. The session is in a cookie that this page
 * cannot read.
 */
import type {Outcome} from './messages.ts';

/** A failover may take its time, and a moment for the answer; the daemon bounds these besides. */
const LONGEST_MS = 75_000;
const LONGER_MS: Readonly<Record<string, number>> = {
	'/api/drill': 95_000,
	'/api/reload': 155_000,
	'/api/sync': 335_000,
};

export async function order(path: string, body: Readonly<Record<string, unknown>>): Promise<Outcome> {
	try {
		const response = await fetch(path, {
			method: 'POST',
			headers: {'Content-Type': 'application/json'},
			body: JSON.stringify(body),
			signal: AbortSignal.timeout(LONGER_MS[path] ?? LONGEST_MS),
		});
		const answer: unknown = await response.json();
		if (isOutcome(answer)) return {...answer, message: answer.message ?? ''};
		return {ok: false, message: `the daemon answered ${response.status}`};
	} catch (error) {
		const why =
			error instanceof Error && error.name === 'TimeoutError' ? 'did not answer in time' : 'cannot be reached';
		return {ok: false, message: `the daemon ${why}; look at the status before you try again`};
	}
}

function isOutcome(value: unknown): value is Omit<Outcome, 'message'> & {readonly message?: string} {
	return typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean';
}

/** Is there a session? Undefined when the daemon cannot be reached. */
export async function isLoggedIn(): Promise<boolean | undefined> {
	try {
		const response = await fetch('/api/session', {signal: AbortSignal.timeout(5000)});
		const answer: unknown = await response.json();
		return typeof answer === 'object' && answer !== null && 'loggedIn' in answer ? answer.loggedIn === true : undefined;
	} catch {
		return undefined;
	}
}

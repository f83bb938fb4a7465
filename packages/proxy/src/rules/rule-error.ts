/**
 * A rule of the configuration that cannot be run. Thrown only while rules are compiled, never for a request.
 */

/** `message` is one sentence for the user and says what to write instead; the caller adds the position. */
export class RuleError extends Error {
	override readonly name = 'RuleError';
}

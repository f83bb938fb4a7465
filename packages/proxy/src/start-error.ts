/**
 * Why an engine cannot start, for whoever has started it.
 *
 * Decides the shape only.
 */

/** The engine cannot start. One sentence, and what to do. */
export class StartError extends Error {
	readonly hint: string | undefined;
	/** Another program listens there: it may let go. */
	readonly inUse: boolean;

	constructor(message: string, hint?: string, inUse = false) {
		super(message);
		this.name = 'StartError';
		this.hint = hint;
		this.inUse = inUse;
	}
}

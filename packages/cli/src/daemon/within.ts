/**
 * Waits that always end: for a piece of work, but never longer than a limit.
 *
 * Decides that whoever stops the daemon is told what did not end instead of waiting for it. Leaves what is done about it
 * to the caller; the work itself goes on.
 */

/** True when the work ended within `limitMs` and before `hurry` was aborted. Rejects when the work does. */
export async function endsWithin(work: Promise<unknown>, limitMs: number, hurry?: AbortSignal): Promise<boolean> {
	const {promise, resolve} = Promise.withResolvers<boolean>();
	const giveUp = (): void => resolve(false);
	const timer = setTimeout(giveUp, limitMs);
	// Work that has ended already has ended, whatever the hurry.
	if (hurry?.aborted === true) setImmediate(giveUp);
	hurry?.addEventListener('abort', giveUp, {once: true});
	try {
		return await Promise.race([work.then(() => true), promise]);
	} finally {
		clearTimeout(timer);
		hurry?.removeEventListener('abort', giveUp);
	}
}

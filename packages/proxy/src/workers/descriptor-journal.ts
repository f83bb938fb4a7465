/**
 * The descriptors that a worker has open, in memory that outlives it.
 *
 * Decides what is closed for a worker that ended without doing so: what it noted, once its thread is gone. Node would close sockets of
 * its own; it knows nothing of those that a worker opened by itself (`engine/raw-loop.ts`).
 */
import {systemCalls} from '../system/calls.ts';

/** Beyond, descriptors are not noted: more than any limit that `maxconn` asks for in practice. */
const MOST_DESCRIPTORS = 2 ** 20;

export function createJournal(): SharedArrayBuffer {
	return new SharedArrayBuffer(MOST_DESCRIPTORS / 8);
}

/** The worker's thread must have ended. */
export function closeNoted(journal: SharedArrayBuffer): void {
	const calls = systemCalls();
	for (const [word, bits] of new Int32Array(journal).entries()) {
		if (bits === 0) continue;
		for (let bit = 0; bit < 32; bit++) if ((bits >> bit) & 1) calls?.close(word * 32 + bit);
	}
}

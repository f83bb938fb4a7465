/**
 * When certificates end, for the event `cert-expiry`.
 *
 * Decides how often it is told: when the time that the line names begins, then 14, 7, 3 and 1 days before the end, at the end, and when the
 * file cannot be read; each once, and again after a start of the daemon. Looks four times a day.
 */
import {X509Certificate} from 'node:crypto';
import {open} from 'node:fs/promises';
import type {WatchedCertificate} from '@hapair/config';

const LOOK_EVERY_MS = 21_600_000;
const DAY_MS = 86_400_000;
const STEPS = [14, 7, 3, 1, 0];
/** A chain with its key is some kilobytes. */
const MOST_BYTES = 1_048_576;

export class CertificateWatch {
	readonly #certificates: readonly WatchedCertificate[];
	readonly #tell: (path: string, reason: string) => void;
	readonly #told = new Map<string, number>();
	#timer: NodeJS.Timeout | undefined;

	constructor(certificates: readonly WatchedCertificate[], tell: (path: string, reason: string) => void) {
		this.#certificates = certificates;
		this.#tell = tell;
	}

	start(): void {
		if (this.#certificates.length === 0) return;
		void this.look(Date.now());
		this.#timer = setInterval(() => void this.look(Date.now()), LOOK_EVERY_MS).unref();
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	/** @param nowMs the wall clock: certificates know no other. */
	async look(nowMs: number): Promise<void> {
		for (const {path, warnDays} of this.#certificates) {
			const end = await readEnd(path);
			const step = typeof end === 'string' ? -1 : findStep((end - nowMs) / DAY_MS, warnDays);
			if (step === undefined) this.#told.delete(path);
			else if (this.#told.get(path) !== step) {
				this.#told.set(path, step);
				this.#tell(path, typeof end === 'string' ? end : describeEnd(end, nowMs));
			}
		}
	}
}

/** The smallest step that is reached; nothing while there is time. */
export function findStep(daysLeft: number, warnDays: number): number | undefined {
	return [warnDays, ...STEPS.filter(step => step < warnDays)].findLast(step => daysLeft <= step);
}

function describeEnd(endMs: number, nowMs: number): string {
	const days = Math.floor((endMs - nowMs) / DAY_MS);
	const when = new Date(endMs).toISOString();
	if (endMs <= nowMs) return `it ended at ${when}`;
	return days === 0 ? `it ends within a day, at ${when}` : `it ends in ${days} day${days === 1 ? '' : 's'}, at ${when}`;
}

/** Of the file's first certificate, ms since 1970; or why that is not known. */
async function readEnd(path: string): Promise<number | string> {
	try {
		const file = await open(path, 'r');
		try {
			const {buffer, bytesRead} = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
			const end = new X509Certificate(buffer.subarray(0, bytesRead)).validToDate.getTime();
			return Number.isNaN(end) ? 'its end cannot be read' : end;
		} finally {
			await file.close();
		}
	} catch (error) {
		return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
	}
}

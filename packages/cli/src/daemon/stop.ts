/**
 * A daemon's end in order: the address first, then what serves, then everything else.
 *
 * Decides what each step may take; all of it together at most 18 s. Leaves the handover to `handover-desk.ts`, and what is done about that which
 * did not end to the caller.
 */
import type {ExclusiveParts} from './exclusive-parts.ts';
import {type HandoverDesk, stopKeepMs} from './handover-desk.ts';
import type {PairParts} from './pair-parts.ts';
import type {ProxySuccession} from './proxy-succession.ts';
import {endsWithin} from './within.ts';

export interface StoppingParts {
	/** Absent without a pair section. */
	readonly pair: PairParts | undefined;
	readonly proxy: Pick<ProxySuccession, 'stop'>;
	readonly handovers: Pick<HandoverDesk, 'handOverBeforeStop'>;
	readonly exclusive: Pick<ExclusiveParts, 'close' | 'closeSocket'>;
}

/** The handover at the end has its own limit of 4 s; this one holds whatever happens. */
const handoverLimitMs = 6000;
/** What a hook may take of the daemon's end; its program goes on to its own deadline only while the daemon lives. */
export const hookLimitMs = 2500;
/** What drivers may take of it to give an address up; the peer's claim takes it anyway. */
const driverLimitMs = 2000;

/**
 * Hands over when it can, waits for the connections that live on here after it, then resigns, then ends the proxy. `hurry` cuts every wait short
 * but the heartbeat's release. Resolves with the names of what did not end.
 */
export async function stopInOrder(parts: StoppingParts, hurry: AbortSignal): Promise<string[]> {
	const {pair, proxy, handovers, exclusive} = parts;
	const unended: string[] = [];
	const note = (what: string, ended: boolean): void => {
		if (!ended) unended.push(what);
	};
	if (pair !== undefined) {
		stopSchedules(pair);
		await endsWithin(handovers.handOverBeforeStop(), handoverLimitMs, hurry);
		pair.keeping.hurry(stopKeepMs);
		await endsWithin(pair.keeping.over, stopKeepMs + 1000, hurry);
		note('the heartbeat process', await pair.heartbeat.stop(hurry.aborted ? 1000 : 3000));
	}
	const graceMs = hurry.aborted ? 0 : pair === undefined ? 8000 : 2000;
	const hooks = pair?.hooks.idle() ?? Promise.resolve();
	const [proxyEnded, hooksEnded] = await Promise.all([
		proxy.stop(graceMs, hurry),
		endsWithin(hooks, hookLimitMs, hurry),
		pair?.takeover.close(hurry.aborted ? 0 : driverLimitMs),
	]);
	note('the proxy process', proxyEnded);
	note('a hook', hooksEnded);
	await exclusive.close(note);
	note('the control socket', await exclusive.closeSocket());
	return unended;
}

/** From now on nothing begins by itself. */
export function stopSchedules({drills, windows, probe, fitness, flight}: PairParts): void {
	drills.stop();
	windows.stop();
	probe.stop();
	fitness.stop();
	flight.stop();
}

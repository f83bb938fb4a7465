/**
 * What traffic shows of a server (HAProxy manual, `observe`, `error-limit`).
 *
 * Decides which events count as errors and which end a row of them, in the words of HAProxy's log. A failed connection counts in
 * both layers, a response in layer7 only. The row is counted over all threads; what follows from it, the main thread decides.
 */
import type {Core} from './core.ts';
import type {ServerRuntime} from './server-runtime.ts';

export const TrafficError = {
	connection: 'L4 unsuccessful connection',
	status: 'Wrong http response',
	response: 'Invalid http response (headers)',
	timeout: 'Read timeout (http)',
	close: 'Close from server (http)',
} as const;
export type TrafficErrorValue = (typeof TrafficError)[keyof typeof TrafficError];

/** A connection was made, or could not be. */
export function noteConnection(core: Core, server: ServerRuntime, isMade: boolean): void {
	const {observe} = server.server;
	if (observe === undefined || (isMade && observe.layer === 'layer7')) return;
	note(core, server, isMade ? undefined : TrafficError.connection);
}

/** A response came, or failed as `error` says. */
export function noteResponse(core: Core, server: ServerRuntime, error: TrafficErrorValue | undefined): void {
	if (server.server.observe?.layer === 'layer7') note(core, server, error);
}

/** 100–499 are a working server's answers, and so are 501 and 505: it says what it cannot do. */
export function isStatusGood(status: number): boolean {
	return status < 500 || status === 501 || status === 505;
}

function note(core: Core, {server}: ServerRuntime, error: TrafficErrorValue | undefined): void {
	if (error === undefined) core.table.clearObservedErrors(server.index);
	else if (core.table.addObservedError(server.index, server.observe!.errorLimit)) {
		core.onTrafficErrors(server.index, error);
	}
}

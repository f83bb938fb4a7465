/** `hapair maintenance on|off`: takes this node out of the pair's choice, or puts it back. */
import type {ExitCode} from '../exit-codes.ts';
import type {CommandIo} from './command-io.ts';
import {converseForResult} from './failover.ts';

export interface MaintenanceOptions {
	readonly socketPath: string;
	readonly on: boolean;
	readonly force: boolean;
	/** Ends by itself after this long. */
	readonly forMs?: number | undefined;
	readonly json: boolean;
}

/** Longest handover that precedes maintenance on a master, with room for the answer. */
const silenceLimitMs = 25_000;

export async function maintenance(options: MaintenanceOptions, io: CommandIo): Promise<ExitCode> {
	const {on, force, forMs} = options;
	const request = {command: 'maintenance', on, force, ...(forMs === undefined ? {} : {forMs})} as const;
	return converseForResult(options, request, io, silenceLimitMs);
}

/** `hapair server BACKEND/SERVER ready|drain|maint`: takes a server of this node out of service by hand, or puts it back. */
import type {ServerRequest} from '../daemon/control-protocol.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import type {CommandIo} from './command-io.ts';
import {converseForResult} from './failover.ts';

export interface ServerOptions {
	readonly socketPath: string;
	/** `BACKEND/SERVER`. */
	readonly name: string;
	readonly state: ServerRequest['state'];
	readonly json: boolean;
}

const silenceLimitMs = 10_000;

export async function server(options: ServerOptions, io: CommandIo): Promise<ExitCode> {
	const [backend = '', name = '', ...rest] = options.name.split('/');
	if (backend === '' || name === '' || rest.length > 0) {
		throw new UserError(`'${options.name}' is not BACKEND/SERVER`, {
			hint: '"hapair status" lists the servers',
			exitCode: exitCodes.usage,
		});
	}
	const request = {command: 'server', backend, server: name, state: options.state} as const;
	return converseForResult(options, request, io, silenceLimitMs);
}

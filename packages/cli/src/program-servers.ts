/**
 * The command about servers of the proxy.
 *
 * Leaves the work to `commands/server.ts`.
 */
import type {Command} from 'commander';
import type {CommandIo} from './commands/command-io.ts';
import {chooseSocketPath} from './daemon/control-client.ts';
import {jsonOption, type Runner, socketOption, subcommand} from './program-options.ts';

export function addServer(program: Command, io: CommandIo, run: Runner): void {
	subcommand(
		program,
		'server',
		'Take a server of this node out of service by hand, or put it back. The other node is not touched.',
		['hapair server web_servers/web1 drain'],
	)
		.addArgument(program.createArgument('<backend/server>', 'as status lists it'))
		.addArgument(
			program
				.createArgument('<state>', 'drain: no new clients; maint: nobody, no checks; ready: back in service')
				.choices(['ready', 'drain', 'maint'] as const),
		)
		.addOption(socketOption())
		.addOption(jsonOption())
		.action(async (name, state, {socket, json = false}) => {
			const socketPath = chooseSocketPath(socket, io.environment);
			const command = await import('./commands/server.ts');
			await run(() => command.server({socketPath, name, state, json}, io));
		});
}

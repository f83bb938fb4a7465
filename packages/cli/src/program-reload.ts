/**
 * `hapair reload` and `hapair upgrade` on the command line.
 */
import type {Command} from 'commander';
import type {CommandIo} from './commands/command-io.ts';
import {chooseSocketPath} from './daemon/control-client.ts';
import {jsonOption, type Runner, socketOption, subcommand} from './program-options.ts';

export function addReload(program: Command, io: CommandIo, run: Runner): void {
	subcommand(
		program,
		'reload',
		'Read the configuration of the running node again, without losing a connection; a wrong file changes nothing.',
		['hapair reload --dry-run', 'hapair reload', 'hapair check -f /etc/hapair/hapair.cfg && hapair reload --json'],
	)
		.option('--dry-run', 'only show what would change, and whether the node could take it')
		.addOption(socketOption())
		.addOption(jsonOption())
		.action(async ({dryRun = false, socket, json = false}) => {
			const command = await import('./commands/reload.ts');
			await run(() => command.reload({socketPath: chooseSocketPath(socket, io.environment), dryRun, json}, io));
		});
}

export function addUpgrade(program: Command, io: CommandIo, run: Runner): void {
	subcommand(
		program,
		'upgrade',
		'Let the hapair that is installed now take the place of the one that runs: the address stays, no connection is lost; a program or file that is wrong changes nothing.',
		['hapair upgrade', 'hapair upgrade || systemctl restart hapair'],
	)
		.addOption(socketOption())
		.addOption(jsonOption())
		.action(async ({socket, json = false}) => {
			const command = await import('./commands/upgrade.ts');
			await run(() => command.upgrade({socketPath: chooseSocketPath(socket, io.environment), json}, io));
		});
}

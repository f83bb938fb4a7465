/**
 * The commands that look and change nothing: `check` reads a configuration, `doctor` examines the machine and the network it is for.
 *
 * Decides that doctor takes the installed configuration unless another one is named. Leaves the work to `commands/`.
 */
import type {Command} from 'commander';
import type {CommandIo} from './commands/command-io.ts';
import {chooseSocketPath} from './daemon/control-client.ts';
import {
	fileOption,
	jsonOption,
	nodeOption,
	optionalFileOption,
	type Runner,
	socketOption,
	subcommand,
	syntaxOption,
} from './program-options.ts';

export function addExaminations(program: Command, io: CommandIo, run: Runner): void {
	subcommand(program, 'check', 'Check a configuration and what it needs from this machine; say what would run.', [
		'hapair check -f /etc/hapair/hapair.cfg',
	])
		.addOption(fileOption())
		.addOption(nodeOption())
		.addOption(syntaxOption())
		.addOption(socketOption())
		.addOption(jsonOption())
		.action(async ({file, node, syntax, socket, json = false}) => {
			const command = await import('./commands/check.ts');
			const socketPath = chooseSocketPath(socket, io.environment);
			await run(() => command.check({files: file, nodeName: node, syntax, socketPath, json}, io));
		});
	subcommand(
		program,
		'doctor',
		'Examine this machine, its network and the peer: will the pair work, by which driver, how fast? Exit code 1 when something fails.',
		['hapair doctor', 'hapair doctor -f /etc/hapair/hapair.cfg --json | jq .findings'],
	)
		.addOption(optionalFileOption())
		.addOption(nodeOption())
		.addOption(syntaxOption())
		.addOption(socketOption())
		.addOption(jsonOption())
		.action(async ({file = ['/etc/hapair/hapair.cfg'], node, syntax, socket, json = false}) => {
			const command = await import('./commands/doctor.ts');
			const socketPath = chooseSocketPath(socket, io.environment);
			await run(() => command.doctor({files: file, nodeName: node, syntax, socketPath, json}, io));
		});
}

/**
 * The commands that bring a configuration to the pair: `import` from keepalived.
 *
 * Leaves the work to `commands/`.
 */
import type {Command} from 'commander';
import type {CommandIo} from './commands/command-io.ts';
import {collect, jsonOption, type Runner, subcommand} from './program-options.ts';

export function addPairCommands(program: Command, io: CommandIo, run: Runner): void {
	subcommand(
		program,
		'import',
		'Write the pair section that stands for a keepalived.conf, and say line by line what it could not carry over.',
		[
			'hapair import /etc/keepalived/keepalived.conf',
			'hapair import lb1.conf lb2.conf --node lb1=10.0.0.11 --node lb2=10.0.0.12',
		],
	)
		.argument('<file...>', "this node's keepalived.conf, then the other node's, whose priority is read from it")
		.option('--node <name=address>', 'a node, in the order of the files; give it twice', collect, [])
		.option('--instance <name>', 'the vrrp_instance to take (default: all of them)')
		.option('--key-file <path>', "the pair's key file to name", '/etc/hapair/pair.key')
		.option('--output <path>', 'a new file to write (default: stdout)')
		.addOption(jsonOption())
		.action(async (files: string[], {node, instance, keyFile, output, json = false}) => {
			const command = await import('./commands/import.ts');
			await run(async () => command.importKeepalived({files, nodes: node, instance, keyFile, output, json}, io));
		});
}

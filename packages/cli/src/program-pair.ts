/**
 * The commands that bring a configuration to the pair: `import` from keepalived, `sync` from the other node.
 *
 * Leaves the work to `commands/`.
 */
import type {Command} from 'commander';
import type {CommandIo} from './commands/command-io.ts';
import {chooseSocketPath} from './daemon/control-client.ts';
import {exitCodes, UserError} from './exit-codes.ts';
import {collect, jsonOption, type Runner, socketOption, subcommand} from './program-options.ts';

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
	subcommand(
		program,
		'sync',
		"Show how the other node's configuration files differ, or make both nodes' files the same: checked on both, then changed on both or on none.",
		['hapair sync', 'hapair sync --push', 'hapair sync --json | jq -r .files[].path'],
	)
		.option('--push', "the other node gets this node's files")
		.option('--pull', "this node gets the other node's files")
		.addOption(socketOption())
		.addOption(jsonOption())
		.action(async ({push = false, pull = false, socket, json = false}) => {
			if (push && pull) throw new UserError('--push and --pull: one of the two', {exitCode: exitCodes.usage});
			const action = push ? 'push' : pull ? 'pull' : 'diff';
			const command = await import('./commands/sync.ts');
			await run(() => command.sync({socketPath: chooseSocketPath(socket, io.environment), action, json}, io));
		});
}

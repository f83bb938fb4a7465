/**
 * The commands of the first minutes: `init`, `join`, `keygen`.
 *
 * Leaves the work to `commands/`.
 */
import {type Command, InvalidArgumentError, Option} from 'commander';
import type {CommandIo} from './commands/command-io.ts';
import {collect, jsonOption, type Runner, subcommand} from './program-options.ts';

export function addSetupCommands(program: Command, io: CommandIo, run: Runner): void {
	addInit(program, io, run);
	subcommand(
		program,
		'join',
		'Make this machine the second node of a pair: fetch configuration and key from the first node, where hapair init waits; examine, start, wait until both see each other.',
		['hapair join 10.0.0.11', 'hapair join 10.0.0.11 --code-file - < code'],
	)
		.argument('<address>', 'the first node; ADDRESS:PORT when init was given another --port')
		.argument('[code]', 'that init has printed, good once and for 15 minutes; asked for when it is not given')
		.option('--code-file <path>', 'read the code from a file; - is stdin')
		.option('--directory <path>', 'where to write', '/etc/hapair')
		.option('--force', 'replace a configuration that is there, and start although doctor finds fault')
		.option('--no-start', 'do not touch the service')
		.addOption(jsonOption())
		.action(async (target, code, {codeFile, directory, force = false, start, json = false}) => {
			// The code goes out of the process list.
			process.title = 'hapair join';
			const command = await import('./commands/join.ts');
			await run(() => command.join({target, code, codeFile, directory, force, start, json}, io));
		});
	subcommand(
		program,
		'keygen',
		'Make a key for the pair: 32 random bytes, in a new file that only its owner can read.',
		['hapair keygen /etc/hapair/pair.key'],
	)
		.argument('[file]', 'where to write; without it the key goes to stdout')
		.addOption(jsonOption())
		.action(async (file, {json = false}) => {
			const command = await import('./commands/keygen.ts');
			await run(async () => command.keygen({file, json}, io));
		});
}

function addInit(program: Command, io: CommandIo, run: Runner): void {
	subcommand(
		program,
		'init',
		'Make a pair, on its first node: write configuration and key, examine, start, and print the line that makes the second node join. Asks for what is missing on a terminal; a second run goes on where the first one ended.',
		[
			'hapair init --node lb1=10.0.0.11 --node lb2=10.0.0.12 --vip 10.0.0.100/24 --dev eth0 --server web1=10.0.0.1:80',
			'hapair init      # again: a new code',
		],
	)
		.option('--directory <path>', 'where to write', '/etc/hapair')
		.option('--pair <name>', 'name of the pair', 'main')
		.option('--node <name=address>', 'a node; give it twice', collect, [])
		.option('--vip <address/prefix>', 'the floating address')
		.option('--dev <interface>', "the interface of the floating address (default: that of this node's address)")
		.option('--bind <address:port>', 'where the proxy listens', '*:80')
		.option('--server <name=address:port>', 'a web server; give it as often as needed', collect, [])
		.option(
			'--force',
			'replace a configuration that is there, and start although doctor finds fault; a key that is there is kept',
		)
		.option('--write-only', 'write the two files and do nothing else')
		.option('--no-start', 'do not touch the service')
		.addOption(
			new Option('--port <port>', 'TCP port where the second node is waited for')
				.argParser(readPort)
				.default(3696, '3696'),
		)
		.addOption(jsonOption())
		.action(async ({node, server, pair, force = false, writeOnly = false, json = false, ...rest}) => {
			const command = await import('./commands/init.ts');
			await run(() =>
				command.init({...rest, pairName: pair, nodes: node, servers: server, force, writeOnly, json}, io),
			);
		});
}

function readPort(text: string): number {
	const port = Number(text);
	if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('A number from 1 to 65535.');
	return port;
}

/**
 * The command line: names, options, examples. Each command's code is loaded when it is used.
 *
 * Leaves the work to `commands/`. docs/cli.md is made from it; a test says when that page is old.
 */
import {Command, CommanderError, Option} from 'commander';
import {type CommandIo, reportError} from './commands/command-io.ts';
import {chooseSocketPath} from './daemon/control-client.ts';
import {type ExitCode, exitCodes} from './exit-codes.ts';
import {addDrill} from './program-drill.ts';
import {addExaminations} from './program-examinations.ts';
import {addHookCommands} from './program-hooks.ts';
import {
	chooseState,
	collect,
	fileOption,
	jsonOption,
	nodeOption,
	type Runner,
	readCount,
	readDuration,
	readMaintenance,
	socketOption,
	stateOption,
	subcommand,
	syntaxOption,
} from './program-options.ts';
import {addPairCommands} from './program-pair.ts';
import {addReload, addUpgrade} from './program-reload.ts';
import {addServer} from './program-servers.ts';
import {addSetupCommands} from './program-setup.ts';
import {version} from './version.ts';

/** Runs one command to its end. Never rejects. */
export async function runCommandLine(argv: readonly string[], io: CommandIo): Promise<ExitCode> {
	let code: ExitCode = exitCodes.ok;
	const program = buildProgram(io, async work => {
		code = await work();
	});
	try {
		await program.parseAsync([...argv], {from: 'user'});
		return code;
	} catch (error) {
		const json = argv.includes('--json');
		if (error instanceof CommanderError) return endByCommander(io, error, json);
		return reportError(io, error, json);
	}
}

/** Help and version end in an exception as well; commander has written what there is to say to people. */
function endByCommander(io: CommandIo, error: CommanderError, json: boolean): ExitCode {
	if (error.exitCode === 0) return exitCodes.ok;
	const code = exitCodes.usage;
	const message = polish(error.message).replace(/\s*\n/g, ' ');
	if (json) io.out(`${JSON.stringify({ok: false, code, message})}\n`);
	return code;
}

/** Commander's sentences in our words. */
function polish(text: string): string {
	return text
		.replace(/^error: /, '')
		.replace(/command-argument value '(.*)' is invalid for argument '(.*)'\..*/, "'$1' is not $2")
		.replace(/option '(.*)' argument '(.*)' is invalid\./, "'$2' is not valid for $1.")
		.replace(/option '(.*)' argument missing/, '$1: the value is missing')
		.replace(
			/required option '-f, --file <path>' not specified/,
			'no configuration: name the file with -f PATH (the service reads /etc/hapair/hapair.cfg)',
		)
		.replace(/required option '(.*)' not specified/, '$1 is missing')
		.replace(/missing required argument '(.*)'/, 'missing: $1')
		.replace(/too many arguments for '(.*)'\. Expected \d+ arguments? but got \d+: (.*)\./, "$1 takes no '$2'");
}

/** The whole command line; `run` executes what the chosen command returns. */
export function buildProgram(io: CommandIo, run: Runner): Command {
	const program = new Command('hapair')
		.description(
			'A pair of load balancers that share one floating IP: proxy engine, heartbeat and failover in one program.',
		)
		.version(`hapair ${version}`, '--version', 'print the version')
		.helpOption('--help', 'show help')
		.helpCommand('help [command]', 'show help for a command')
		.showHelpAfterError('  try: hapair --help')
		.configureOutput({
			writeOut: text => io.out(text),
			writeErr: text => io.error(text),
			outputError: (text, write) => write(`hapair: ${polish(text)}`),
			// Snapshots and documentation need one width.
			getOutHelpWidth: () => 100,
			getErrHelpWidth: () => 100,
		})
		.exitOverride()
		.addHelpText('after', '\nhapair COMMAND --help shows an example and the exit codes of each command.');
	addRun(program, io, run);
	addReload(program, io, run);
	addUpgrade(program, io, run);
	addExaminations(program, io, run);
	addDaemonCommands(program, io, run);
	addServer(program, io, run);
	addDrill(program, io, run);
	addHistoryCommands(program, io, run);
	addHookCommands(program, io, run);
	addSetupCommands(program, io, run);
	addPairCommands(program, io, run);
	addOtherPrograms(program, io, run);
	return program;
}

function addRun(program: Command, io: CommandIo, run: Runner): void {
	subcommand(program, 'run', 'Run this node: proxy and, with a pair section, heartbeat. Stays in the foreground.', [
		'hapair run -f /etc/hapair/hapair.cfg',
	])
		.addOption(fileOption())
		.addOption(nodeOption())
		.addOption(syntaxOption())
		.addOption(socketOption())
		.option('--pid-file <path>', 'where to write the process id (default: beside the socket)')
		.addOption(
			new Option('--log-level <level>', 'least important line to log')
				.choices(['debug', 'info', 'warn', 'error'])
				.default('info'),
		)
		.option('--json', 'log JSON lines on a terminal too')
		.addOption(stateOption())
		.action(async ({file, node, syntax, socket, pidFile, stateDir, logLevel, json = false}) => {
			const socketPath = chooseSocketPath(socket, io.environment);
			const command = await import('./commands/run.ts');
			await run(() =>
				command.run(
					{
						files: file,
						nodeName: node,
						syntax,
						socketPath,
						pidFile,
						stateDirectory: chooseState(stateDir, io),
						logLevel,
						json,
					},
					io,
				),
			);
		});
}

const drainHelp =
	'longest time for connections to end by themselves: 60s after the move unless given; where they cannot outlive it, 2s before it';

function addDaemonCommands(program: Command, io: CommandIo, run: Runner): void {
	subcommand(program, 'status', 'Show both nodes and the proxy, from either node.', [
		'hapair status',
		'hapair status --json',
	])
		.addOption(socketOption())
		.addOption(jsonOption())
		.action(async ({socket, json = false}) => {
			const command = await import('./commands/status.ts');
			await run(() => command.status({socketPath: chooseSocketPath(socket, io.environment), json}, io));
		});
	subcommand(
		program,
		'failover',
		'Move the address to the other node without losing a request, and say how long it took.',
		['hapair failover --drain 5s'],
	)
		.option('--force', 'move it although the other node cannot serve, is in maintenance, or has another configuration')
		.addOption(new Option('--drain <time>', drainHelp).argParser(readDuration))
		.addOption(
			new Option('--timeout <time>', 'longest time for the whole').argParser(readDuration).default(15_000, '15s'),
		)
		.addOption(socketOption())
		.addOption(jsonOption())
		.action(async ({force = false, drain, timeout, socket, json = false}) => {
			const socketPath = chooseSocketPath(socket, io.environment);
			const command = await import('./commands/failover.ts');
			const drained = drain === undefined ? {} : {drainMs: drain};
			await run(() => command.failover({socketPath, force, ...drained, timeoutMs: timeout, json}, io));
		});
	subcommand(program, 'maintenance', 'Take this node out of the choice for the address (on), or put it back (off).', [
		'hapair maintenance on --for 2h',
	])
		.addArgument(program.createArgument('<on|off>', 'begin or end maintenance').choices(['on', 'off']))
		.option('--force', 'begin although nobody can take the address over')
		.addOption(new Option('--for <time>', 'end by itself after this long').argParser(readMaintenance))
		.addOption(socketOption())
		.addOption(jsonOption())
		.action(async (word, {force = false, for: forMs, socket, json = false}) => {
			const socketPath = chooseSocketPath(socket, io.environment);
			const command = await import('./commands/maintenance.ts');
			await run(() => command.maintenance({socketPath, on: word === 'on', force, forMs, json}, io));
		});
	subcommand(
		program,
		'watch',
		'Follow the pair live, with keys for failover and maintenance; without a terminal, one line for each transition.',
		['hapair watch', 'hapair watch --json | grep transition'],
	)
		.addOption(socketOption())
		.addOption(jsonOption())
		.action(async ({socket, json = false}) => {
			const command = await import('./commands/watch.ts');
			await run(() => command.watch({socketPath: chooseSocketPath(socket, io.environment), json}, io));
		});
}

function addHistoryCommands(program: Command, io: CommandIo, run: Runner): void {
	subcommand(program, 'why', 'Say why this node last changed its state, and what was seen before.', ['hapair why'])
		.addOption(stateOption())
		.addOption(socketOption())
		.addOption(jsonOption())
		.action(async ({json = false, ...place}) => {
			const command = await import('./commands/history.ts');
			const {findState} = await import('./commands/find-state.ts');
			await run(async () => command.why({stateDirectory: await findState(place, io), json}, io));
		});
	subcommand(
		program,
		'history',
		'List what happened to the pair, as this node saw it; works while the daemon is down.',
		['hapair history --last 100', 'hapair history --json | jq .cause'],
	)
		.addOption(new Option('--last <n>', 'how many').argParser(readCount).default(20, '20'))
		.addOption(stateOption())
		.addOption(socketOption())
		.addOption(jsonOption())
		.action(async ({last, json = false, ...place}) => {
			const command = await import('./commands/history.ts');
			const {findState} = await import('./commands/find-state.ts');
			await run(async () => command.history({stateDirectory: await findState(place, io), last, json}, io));
		});
}

/** Commands that run in the place of the daemon, and need none. */
function addOtherPrograms(program: Command, io: CommandIo, run: Runner): void {
	subcommand(
		program,
		'witness',
		'Be the third opinion of pairs, on a machine that is neither of their nodes: who may hold the address when the nodes lose each other.',
		['hapair witness --secret-file /etc/hapair/pair.key'],
	)
		.option('--listen <address:port>', 'UDP address and port to answer on (IPv4 and IPv6 unless given)', '[::]:3695')
		.addOption(
			new Option('--secret-file <path>', "a pair's key; give it once for each key")
				.argParser(collect)
				.makeOptionMandatory(),
		)
		.option('--state <path>', 'where promises are kept over a restart', '/var/lib/hapair/witness.json')
		.option('--json', 'log JSON lines on a terminal too')
		.action(async ({listen, secretFile, state, json = false}) => {
			const command = await import('./commands/witness.ts');
			await run(() => command.witness({listen, keyFiles: secretFile, stateFile: state, json}, io));
		});
	program
		.command('proxy')
		.description("Run the proxy engine alone, with HAProxy's own flags and exit codes.")
		.argument('[flags...]', 'as for haproxy: -f -c -d -db -D -p -q -v -vv -sf -st …')
		.allowUnknownOption()
		.addHelpText(
			'after',
			[
				'\nExamples:',
				'  hapair proxy -c -f /etc/haproxy/haproxy.cfg',
				'  hapair proxy -f /etc/haproxy/haproxy.cfg -D -p /run/haproxy.pid -sf $(cat /run/haproxy.pid)',
				'\nExit codes, as with haproxy:',
				'  0  ended as told, or the configuration is valid (-c)',
				'  1  refused, or could not start',
				'  2  valid, but there is nothing to listen on (-c)',
				'There is no --json: what this command prints is what haproxy prints.',
			].join('\n'),
		)
		.action(async (flags: string[]) => {
			const {runProxy} = await import('./commands/proxy.ts');
			process.exitCode = await runProxy(flags);
		});
}

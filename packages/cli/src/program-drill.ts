/** `hapair drill` on the command line: names, options, examples. Leaves the work to `commands/drill.ts`. */
import {type Command, Option} from 'commander';
import type {CommandIo} from './commands/command-io.ts';
import {chooseSocketPath} from './daemon/control-client.ts';
import {exitCodes, UserError} from './exit-codes.ts';
import {
	jsonOption,
	type Runner,
	readCount,
	readDuration,
	socketOption,
	stateOption,
	subcommand,
} from './program-options.ts';

export function addDrill(program: Command, io: CommandIo, run: Runner): void {
	subcommand(
		program,
		'drill',
		'Say when this pair was last proven to move its address; with --now prove it: move it, measure, and record.',
		['hapair drill', 'hapair drill --now --dry-run', 'hapair drill --now --settle 0s', 'hapair drill --history --json'],
	)
		.option('--now', 'hold a drill; this node must be the master')
		.option('--dry-run', 'with --now: only say whether a drill could begin')
		.addOption(
			new Option(
				'--settle <time>',
				'with --now: how long the pair must have been calm (default: as the drill line says, else 10m)',
			).argParser(readDuration),
		)
		.option('--history', 'list former drills; works while the daemon is down')
		.addOption(new Option('--last <n>', 'with --history: how many').argParser(readCount).default(20, '20'))
		.addOption(stateOption())
		.addOption(socketOption())
		.addOption(jsonOption())
		.action(async ({now, dryRun = false, settle, history, last, stateDir, socket, json = false}) => {
			const socketPath = chooseSocketPath(socket, io.environment);
			if ((now && history) || (!now && (dryRun || settle !== undefined))) {
				const hint = 'hapair drill --now [--dry-run] [--settle TIME], hapair drill --history, or hapair drill';
				throw new UserError('these options do not go together', {hint, exitCode: exitCodes.usage});
			}
			const command = await import('./commands/drill.ts');
			if (now) return run(() => command.drillNow({socketPath, dryRun, settleMs: settle, json}, io));
			if (!history) return run(() => command.drillStatus({socketPath, json}, io));
			const {findState} = await import('./commands/find-state.ts');
			return run(async () =>
				command.drillHistory({stateDirectory: await findState({stateDir, socket}, io), last, json}, io),
			);
		});
}

/**
 * The commands about hooks.
 *
 * Leaves the work to `commands/hooks.ts`.
 */
import {type Command, Option} from 'commander';
import type {CommandIo} from './commands/command-io.ts';
import {occasionEvents} from './hooks/events.ts';
import {jsonOption, nodeOption, optionalFileOption, type Runner, subcommand, syntaxOption} from './program-options.ts';

export function addHookCommands(program: Command, io: CommandIo, run: Runner): void {
	const hooks = program
		.command('hooks')
		.description('Try what is told of events: hapair hooks test')
		.helpCommand(false)
		.helpOption('--help', 'show this help');
	subcommand(
		hooks,
		'test',
		'Run each hook of the configuration with an event that has not happened, marked as a test, and show exit code or HTTP status and how long it took. Programs do run: one that acts on the event must look at HAPAIR_TEST.',
		['hapair hooks test', 'hapair hooks test --event solo --json'],
	)
		.addOption(optionalFileOption())
		.addOption(new Option('--event <event>', 'only hooks for this event').choices(occasionEvents))
		.addOption(nodeOption())
		.addOption(syntaxOption())
		.addOption(jsonOption())
		.action(async ({file = ['/etc/hapair/hapair.cfg'], event, node, syntax, json = false}) => {
			const {testHooks} = await import('./commands/hooks.ts');
			await run(() => testHooks({files: file, event, nodeName: node, syntax, json}, io));
		});
}

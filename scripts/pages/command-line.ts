/**
 * The command line as data: what the manual, the man pages and the completions are all made from.
 *
 * Decides how commander's objects are read. Names, options, examples and exit codes come from `packages/cli/src/program.ts`.
 */
import type {Argument, Command, Option} from 'commander';
import type {CommandIo} from '../../packages/cli/src/commands/command-io.ts';
import {buildProgram} from '../../packages/cli/src/program.ts';

export interface OptionFacts {
	/** With its dash: `-f`. */
	readonly short: string | undefined;
	readonly long: string | undefined;
	/** As in `--file <path>`: `path`. Absent: a switch. */
	readonly value: string | undefined;
	readonly choices: readonly string[];
	readonly description: string;
	/** What is taken when it is not given, as people read it. */
	readonly fallback: string | undefined;
}

export interface ArgumentFacts {
	/** As in the usage line: `[file]`, `<on|off>`. */
	readonly usage: string;
	readonly name: string;
	readonly choices: readonly string[];
	readonly description: string;
}

export interface CommandFacts {
	/** Two words for a command of a command: `hooks test`. */
	readonly name: string;
	readonly description: string;
	readonly options: readonly OptionFacts[];
	readonly arguments: readonly ArgumentFacts[];
	/** Everything that `--help` prints. */
	readonly help: string;
	/** Of `help`, what stands behind the options: examples, then exit codes. */
	readonly after: string;
}

export interface ProgramFacts {
	readonly name: string;
	readonly description: string;
	readonly options: readonly OptionFacts[];
	readonly commands: readonly CommandFacts[];
}

/** The commands are described, never run. */
const nowhere: CommandIo = {
	out: () => {},
	error: () => {},
	environment: {},
	paint: (_style, text) => text,
	paintError: (_style, text) => text,
	terminal: false,
	redraws: false,
	size: () => undefined,
	watchSize: () => () => {},
	interactive: false,
	readKeys: () => () => {},
	interrupted: new AbortController().signal,
};

export function describeProgram(): ProgramFacts {
	const program = buildProgram(nowhere, async () => {});
	return {
		name: program.name(),
		description: program.description(),
		options: describeOptions(program),
		// A command with commands of its own does nothing itself.
		commands: program.commands
			.flatMap(command => (command.commands.length > 0 ? command.commands : [command]))
			.map(describeCommand),
	};
}

function describeCommand(command: Command): CommandFacts {
	let help = '';
	const collect = (written: string): void => {
		help += written;
	};
	command.configureOutput({writeOut: collect}).outputHelp();
	const at = help.search(/^(?:Examples?|Exit codes.*):$/m);
	return {
		name: command.parent?.parent ? `${command.parent.name()} ${command.name()}` : command.name(),
		description: command.description(),
		options: describeOptions(command),
		arguments: command.registeredArguments.map(describeArgument),
		help,
		after: at < 0 ? '' : help.slice(at).trim(),
	};
}

/** Those of `--help` included. */
function describeOptions(command: Command): OptionFacts[] {
	return command
		.createHelp()
		.visibleOptions(command)
		.map((option: Option) => ({
			short: option.short ?? undefined,
			long: option.long ?? undefined,
			value: /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1],
			choices: option.argChoices ?? [],
			description: option.description,
			fallback: describeDefault(option),
		}));
}

function describeDefault({defaultValue, defaultValueDescription}: Option): string | undefined {
	if (defaultValueDescription !== undefined) return defaultValueDescription;
	return typeof defaultValue === 'string' ? defaultValue : undefined;
}

function describeArgument(argument: Argument): ArgumentFacts {
	const name = argument.name();
	const word = argument.variadic ? `${name}...` : name;
	return {
		usage: argument.required ? `<${word}>` : `[${word}]`,
		name,
		choices: argument.argChoices ?? [],
		description: argument.description,
	};
}

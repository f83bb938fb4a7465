/**
 * Options that several commands share, and how their values are read.
 *
 * Leaves which command has which to `program.ts`.
 */
import {type Command, InvalidArgumentError, Option} from 'commander';
import type {CommandIo} from './commands/command-io.ts';
import {longestMaintenanceMs} from './daemon/control-protocol.ts';
import {type ExitCode, exitCodesHelp} from './exit-codes.ts';
import {parseDurationMs} from './terminal.ts';

/** Executes what the chosen command returns. */
export type Runner = (work: () => Promise<ExitCode>) => Promise<void>;

/** A command with our help: examples, then exit codes. */
export function subcommand(program: Command, name: string, description: string, examples: readonly string[]): Command {
	const title = examples.length === 1 ? 'Example:' : 'Examples:';
	return program
		.command(name)
		.description(description)
		.showHelpAfterError(`  try: hapair ${program.parent === null ? '' : `${program.name()} `}${name} --help`)
		.helpOption('--help', 'show this help')
		.addHelpText('after', `\n${title}\n${examples.map(example => `  ${example}`).join('\n')}\n\n${exitCodesHelp}`);
}

export function fileOption(): Option {
	return new Option('-f, --file <path>', 'configuration file; several are read as one')
		.argParser(collect)
		.makeOptionMandatory();
}

/** Of a command that takes the installed configuration unless another one is named. */
export function optionalFileOption(): Option {
	return new Option(
		'-f, --file <path>',
		'configuration file; several are read as one (default: /etc/hapair/hapair.cfg)',
	).argParser(collect);
}

export function nodeOption(): Option {
	return new Option('--node <name>', 'which node this is, when its address does not tell');
}

export function syntaxOption(): Option {
	return new Option(
		'--syntax <which>',
		'quoting rules: those of HAProxy 1.4 or of today (default: the file decides)',
	).choices(['1.4', 'modern']);
}

export function socketOption(): Option {
	return new Option('--socket <path>', 'control socket (default: $HAPAIR_SOCKET or /run/hapair/hapair.sock)');
}

export function stateOption(): Option {
	return new Option(
		'--state-dir <path>',
		'where history and terms are kept (default: $HAPAIR_STATE or /var/lib/hapair)',
	);
}

/** systemd gives a unit with StateDirectory= its own. */
export function chooseState(directory: string | undefined, {environment}: CommandIo): string {
	return directory ?? environment.HAPAIR_STATE ?? environment.STATE_DIRECTORY ?? '/var/lib/hapair';
}

export function jsonOption(): Option {
	return new Option('--json', 'answer in JSON');
}

export function collect(value: string, previous: readonly string[] | undefined): string[] {
	return [...(previous ?? []), value];
}

export function readMaintenance(text: string): number {
	const durationMs = parseDurationMs(text);
	if (durationMs === undefined || durationMs < 1000 || durationMs > longestMaintenanceMs) {
		throw new InvalidArgumentError('A time is a number with s, m or h, from 1s to 7d: 30m, 2h.');
	}
	return durationMs;
}

export function readCount(text: string): number {
	const count = Number(text);
	if (!Number.isInteger(count) || count < 1 || count > 100_000) {
		throw new InvalidArgumentError('A number from 1 to 100000.');
	}
	return count;
}

export function readDuration(text: string): number {
	const durationMs = parseDurationMs(text);
	if (durationMs === undefined || durationMs > 3_600_000) {
		throw new InvalidArgumentError('A time is a number with ms, s or m, at most one hour: 500ms, 2s.');
	}
	return durationMs;
}

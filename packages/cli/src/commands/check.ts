/**
 * `hapair check`: everything that is wrong with a configuration, at once, and what it would do.
 */
import {inspectMachine} from '../configuration/inspect.ts';
import {countErrors, formatFindings, loadConfiguration, type SyntaxChoice} from '../configuration/load.ts';
import {listLocalAddresses} from '../configuration/own-node.ts';
import {summarizeConfiguration} from '../configuration/summary.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import type {CommandIo} from './command-io.ts';

export interface CheckOptions {
	readonly files: readonly string[];
	readonly syntax: SyntaxChoice | undefined;
	readonly nodeName: string | undefined;
	readonly json: boolean;
}

export function check(options: CheckOptions, io: CommandIo): ExitCode {
	const loaded = loadConfiguration(options.files, options.syntax);
	const {configuration} = loaded;
	const uid = process.getuid?.() ?? 0;
	const {nodeName} = options;
	const machine =
		configuration === undefined
			? []
			: inspectMachine(configuration, {
					uid,
					nodeName,
					localAddresses: configuration.pair === undefined ? [] : listLocalAddresses(),
				});
	const diagnostics = [...loaded.diagnostics, ...machine];
	const errors = countErrors(diagnostics);
	const summary = configuration === undefined ? [] : summarizeConfiguration(configuration);
	if (options.json) {
		io.out(`${JSON.stringify({ok: errors === 0, diagnostics, summary}, undefined, 2)}\n`);
		return errors === 0 ? exitCodes.ok : exitCodes.failed;
	}
	io.error(formatFindings(loaded, diagnostics, io.paintError));
	if (errors > 0) {
		io.error(`${io.paintError('red', `${errors} error${errors === 1 ? '' : 's'}`)} in ${options.files.join(', ')}\n`);
		return exitCodes.failed;
	}
	io.out(
		`${io.paint('green', 'The configuration is valid.')} It would run:\n${summary.map(line => `  ${line}`).join('\n')}\n`,
	);
	return exitCodes.ok;
}

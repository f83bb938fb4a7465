/**
 * The files of a running daemon, read again for a reload.
 *
 * Decides as `hapair check` does: whatever it would call an error refuses the whole. Warnings go to the log, as at the start, unless somebody
 * only wants to see them.
 */
import {countErrors, formatFindings, loadConfiguration} from '../configuration/load.ts';
import {logFindings, type PlanOptions, planRun} from '../configuration/run-plan.ts';
import {UserError} from '../exit-codes.ts';
import type {DaemonLog} from '../logging.ts';
import type {ReadOutcome} from './reload.ts';
import type {DaemonPlan} from './setup.ts';

const plain = (_: string, text: string): string => text;

/** Never throws. */
export function readAgain(options: PlanOptions, log: DaemonLog, purpose: 'reload' | 'preview'): ReadOutcome {
	try {
		const loaded = loadConfiguration(options.files, options.syntax);
		const {configuration} = loaded;
		const plan = configuration === undefined ? undefined : planRun(options, loaded, configuration);
		const diagnostics = [...loaded.diagnostics, ...(plan?.diagnostics ?? [])];
		const errors = countErrors(diagnostics);
		const findings = {diagnostics, text: formatFindings(loaded, diagnostics, plain)};
		if (plan === undefined || errors > 0) {
			return {message: `${errors} error${errors === 1 ? '' : 's'} in ${options.files.join(', ')}`, findings};
		}
		if (purpose === 'reload') logFindings(log, loaded, plan);
		return {plan: plan.daemon satisfies DaemonPlan, findings};
	} catch (error) {
		const hint = error instanceof UserError && error.hint !== undefined ? `; ${error.hint}` : '';
		return {message: `${error instanceof Error ? error.message : String(error)}${hint}`};
	}
}

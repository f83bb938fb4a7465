/**
 * What the drivers need of this machine: their secrets, their programs, the accounts that these run as.
 *
 * Decides that a program runs unprivileged where this process can see to that, and that its file is looked at before each run: one that
 * was safe at the start may have been replaced. Leaves what is asked and ordered to `@hapair/takeover`.
 */
import {readMachineFacts} from '@hapair/proxy';
import type {RunProgram} from '@hapair/takeover';
import {readSecretFile} from '../daemon/keys.ts';
import {UserError} from '../exit-codes.ts';
import {findProgramObjection} from '../hooks/exec.ts';
import {describeOutcome, runProgram, safePath} from '../processes/run-program.ts';

/** The token in a file, with the demands of a key. Throws a `UserError` that names the file and the command that helps. */
export function readToken(path: string, uid: number): string {
	try {
		return Buffer.from(readSecretFile(path, uid)).toString('latin1');
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		const missing = error.message.endsWith('there is no such file') || error.hint?.includes('keygen') === true;
		throw missing
			? new UserError(error.message, {hint: `put the provider's secret there, then: chmod 600 ${path}`})
			: error;
	}
}

export interface Account {
	readonly uid: number;
	readonly gid: number;
}

/** Whom a program runs as; `undefined` when there is no such account. */
export function findAccount(name: string): Account | undefined {
	return readMachineFacts().accounts.find(account => account.name === name);
}

/**
 * Runs programs of `takeover exec`. `uid`: whose files are trusted besides root's. `service`: as whom root runs them for the service, which
 * could not become anybody else.
 */
export function createProgramRunner(uid: number, service?: Account): RunProgram {
	return async ({argv, environment, user, timeoutMs, signal}) => {
		const objection = findProgramObjection(argv[0] ?? '', uid);
		if (objection !== undefined) return {output: '', problem: `was not run: ${objection}`};
		const account = findAccount(user);
		if (account === undefined) return {output: '', problem: `was not run: there is no user '${user}'`};
		const outcome = await runProgram({
			argv,
			timeoutMs,
			signal,
			environment: {PATH: safePath, ...environment},
			// Only root may become somebody else; anybody else is unprivileged already.
			...(process.getuid?.() === 0 ? {account: service ?? account} : {}),
		});
		const {output} = outcome;
		return outcome.exitCode === 0 && !outcome.timedOut
			? {output}
			: {output, problem: describeOutcome(outcome, timeoutMs)};
	};
}

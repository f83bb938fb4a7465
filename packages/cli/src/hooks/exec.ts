/**
 * Runs an exec hook: argv and keepalived's four arguments, `HAPAIR_*` variables, no shell, a deadline.
 *
 * Decides whether the program may run at all, at every run anew: a file that was safe at start may have been replaced.
 */
import {accessSync, constants, statSync} from 'node:fs';
import type {Hook} from '@hapair/config';
import {findUnsafeElement} from '../processes/path-safety.ts';
import {describeOutcome, runProgram, safePath} from '../processes/run-program.ts';
import {type HookOccasion, hookEnvironment, keepalivedArguments} from './events.ts';
import type {HookResult} from './queue.ts';

export type ExecHook = Extract<Hook, {kind: 'exec'}>;

/** Runs the hook once. Never rejects; `detail` is one clause for the log. */
export async function runExecHook(hook: ExecHook, occasion: HookOccasion, uid: number): Promise<HookResult> {
	const program = hook.argv[0] ?? '';
	const objection = findProgramObjection(program, uid);
	if (objection !== undefined) return {ok: false, detail: `was not run: ${objection}`};
	const deadline = new Date(Date.now() + hook.timeoutMs).toISOString();
	const outcome = await runProgram({
		argv: [...hook.argv, ...keepalivedArguments(occasion)],
		timeoutMs: hook.timeoutMs,
		environment: {PATH: safePath, ...hookEnvironment(occasion, deadline)},
	});
	const said = outcome.output === '' ? '' : `, output: ${outcome.output}`;
	return {
		...(outcome.exitCode === undefined ? {} : {exitCode: outcome.exitCode}),
		ok: outcome.exitCode === 0 && !outcome.timedOut,
		detail: `${describeOutcome(outcome, hook.timeoutMs)} after ${Math.round(outcome.durationMs)} ms${said}`,
	};
}

/** Why a hook's or track's program must not run, with the repair; `undefined` when it may. */
export function findProgramObjection(program: string, uid: number): string | undefined {
	try {
		const unsafe = findUnsafeElement(program, uid);
		if (unsafe !== undefined) return `${program}: ${unsafe.element} ${unsafe.problem} (${unsafe.remedy})`;
		if (!statSync(program).isFile()) return `${program}: is not a file`;
		accessSync(program, constants.X_OK);
		return undefined;
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		if (code === 'ENOENT' || code === 'ENOTDIR') return `${program}: there is no such file`;
		if (code === 'EACCES') return `${program}: is not executable (chmod 755 ${program})`;
		return `${program}: ${error instanceof Error ? error.message : String(error)}`;
	}
}

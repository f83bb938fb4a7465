/**
 * Runs a tool for a check and gives back what it said.
 *
 * Decides that every tool has a deadline and how much of its words is kept.
 */
import {type ProgramOutcome, runProgram, safePath} from '../processes/run-program.ts';

const outputLimitBytes = 262_144;

/** Never rejects. `timeoutMs` bounds the whole. */
export function runTool(argv: readonly string[], timeoutMs: number): Promise<ProgramOutcome> {
	return runProgram({argv, timeoutMs, outputLimitBytes, environment: {PATH: safePath, LC_ALL: 'C'}});
}

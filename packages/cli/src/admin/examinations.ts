/**
 * The commands that need no daemon, for the admin address: `check`, `doctor` and `hooks test`, each run as the program that it is on the
 * command line, over the files that this daemon runs.
 *
 * Decides that they are processes of their own, so that the daemon never waits for what they do, that each runs once at a time, and how
 * long it may take. The answer is what the command prints with `--json`. Leaves what they examine to `commands/`.
 */
import type {SyntaxChoice} from '../configuration/load.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import {occasionEvents} from '../hooks/events.ts';
import {describeOutcome, runProgram, safePath} from '../processes/run-program.ts';

export interface ExaminationAnswer {
	/** Of HTTP. */
	readonly status: number;
	readonly body: {
		readonly ok: boolean;
		/** As the command's exit code. */
		readonly code: ExitCode;
		readonly message: string;
		readonly durationMs?: number;
		/** What the command prints with `--json`. */
		readonly report?: object;
	};
}

export interface ExaminerSetup {
	/** The argv of this program up to its commands. */
	readonly program: readonly string[];
	readonly socketPath: string;
	/** As the daemon was started. */
	readonly commandLine: () => {
		readonly files: readonly string[];
		readonly syntax: SyntaxChoice | undefined;
		readonly nodeName: string | undefined;
	};
}

export const examinations = ['check', 'doctor', 'hooks test'] as const;
export type Examination = (typeof examinations)[number];

/** Of `doctor`, which listens to the network; a hook's deadline is its own. */
export const longestExaminationMs = 120_000;
const OUTPUT_BYTES = 4_194_304;

export class Examiner {
	readonly #setup: ExaminerSetup;
	readonly #running = new Set<Examination>();

	constructor(setup: ExaminerSetup) {
		this.#setup = setup;
	}

	/** Never rejects. */
	async examine(what: Examination, body: Readonly<Record<string, unknown>>): Promise<ExaminationAnswer> {
		const {event} = body;
		const isKnown = typeof event === 'string' && occasionEvents.some(known => known === event);
		if (what === 'hooks test' && event !== undefined && !isKnown)
			return answer(400, exitCodes.usage, `hooks test: event is one of ${occasionEvents.join(', ')}`);
		if (this.#running.has(what)) return answer(409, exitCodes.refused, `${what} is under way`);
		this.#running.add(what);
		try {
			return await this.#run(what, what === 'hooks test' && typeof event === 'string' ? ['--event', event] : []);
		} finally {
			this.#running.delete(what);
		}
	}

	async #run(what: Examination, more: readonly string[]): Promise<ExaminationAnswer> {
		const {program, socketPath, commandLine} = this.#setup;
		const {files, syntax, nodeName} = commandLine();
		const outcome = await runProgram({
			argv: [
				...program,
				...what.split(' '),
				...files.flatMap(file => ['-f', file]),
				...(syntax === undefined ? [] : ['--syntax', syntax]),
				...(nodeName === undefined ? [] : ['--node', nodeName]),
				...more,
				'--json',
			],
			timeoutMs: longestExaminationMs,
			// A configuration may name variables of the environment: it must be read as the daemon reads it.
			environment: {PATH: safePath, ...ownEnvironment(), HAPAIR_SOCKET: socketPath},
			outputLimitBytes: OUTPUT_BYTES,
			onlyStdout: true,
		});
		const durationMs = Math.round(outcome.durationMs);
		const report = readObject(outcome.output);
		if (outcome.exitCode === undefined || report === undefined) {
			const message = `${what} ${describeOutcome(outcome, longestExaminationMs)}${report === undefined ? ' without a report' : ''}`;
			return outcome.timedOut
				? answer(504, exitCodes.timedOut, message, durationMs)
				: answer(500, exitCodes.failed, message, durationMs);
		}
		const {message} = report as {readonly message?: unknown};
		const isGood = outcome.exitCode === exitCodes.ok;
		const said =
			typeof message === 'string'
				? message
				: isGood
					? `${what}: nothing is wrong`
					: `${what}: the report says what is wrong`;
		const told = answer(200, isGood ? exitCodes.ok : exitCodes.failed, said, durationMs);
		return {...told, body: {...told.body, report}};
	}
}

function answer(status: number, code: ExitCode, message: string, durationMs?: number): ExaminationAnswer {
	const body = {ok: code === exitCodes.ok, code, message};
	return {status, body: durationMs === undefined ? body : {...body, durationMs}};
}

function ownEnvironment(): Record<string, string> {
	return Object.fromEntries(
		Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
	);
}

function readObject(text: string): object | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

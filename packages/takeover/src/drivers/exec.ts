/**
 * `takeover exec`: a program of the user's that knows how an address moves.
 *
 * Decides the conversation: the program is called with a verb and the address behind its own arguments. `read` prints one of the words here,
 * peer, elsewhere, nowhere; `assign` and `release` exit with 0 when the order was given. Nothing is believed but `read`. Leaves starting it,
 * as whom, and whether its file is safe to run, to `run`.
 */
import type {ExecDriver} from '@hapair/config';
import {type CallContext, type Driver, DriverError, type Observation, type Whereabouts} from '../driver.ts';

export interface ProgramRun {
	readonly argv: readonly string[];
	readonly environment: Readonly<Record<string, string>>;
	readonly user: string;
	readonly timeoutMs: number;
	readonly signal: AbortSignal;
}

/** Runs a program to its end. Never rejects; `problem` is a clause when it did not exit with 0. */
export type RunProgram = (run: ProgramRun) => Promise<{readonly output: string; readonly problem?: string}>;

export interface ExecParts {
	readonly run: RunProgram;
	readonly pair: string;
	readonly node: string;
	readonly peer: string;
}

type Verb = 'read' | 'assign' | 'release';

export class ExecProgram implements Driver {
	readonly name = 'exec';
	readonly target: string;
	readonly watchEveryMs = 5000;
	readonly #config: ExecDriver;
	readonly #parts: ExecParts;

	/** `target` is a virtual address. */
	constructor(config: ExecDriver, target: string, parts: ExecParts) {
		this.#config = config;
		this.#parts = parts;
		this.target = target;
	}

	async read(context: CallContext): Promise<Observation> {
		const output = await this.#run('read', context);
		const word = output.trim().split(/\s+/)[0] ?? '';
		if (!isWhereabouts(word)) {
			throw new DriverError(
				`${this.#program} read said '${firstLine(output)}', not one of here, peer, elsewhere, nowhere`,
			);
		}
		return {at: word};
	}

	async assign(context: CallContext): Promise<undefined> {
		context.mayChange();
		await this.#run('assign', context);
	}

	async poll(): Promise<'done'> {
		return 'done';
	}

	async release(context: CallContext): Promise<void> {
		await this.#run('release', context);
	}

	get #program(): string {
		return this.#config.argv[0] ?? '';
	}

	async #run(verb: Verb, {signal, term}: CallContext): Promise<string> {
		const {argv, user, timeoutMs} = this.#config;
		const {run, pair, node, peer} = this.#parts;
		const environment = {
			HAPAIR_VERB: verb,
			HAPAIR_ADDRESS: this.target,
			HAPAIR_TERM: String(term),
			HAPAIR_PAIR: pair,
			HAPAIR_NODE: node,
			HAPAIR_PEER: peer,
		};
		const {output, problem} = await run({argv: [...argv, verb, this.target], environment, user, timeoutMs, signal});
		if (problem === undefined) return output;
		const said = firstLine(output) === '' ? '' : `: ${firstLine(output)}`;
		throw new DriverError(`${this.#program} ${verb} ${problem}${said}`);
	}
}

function isWhereabouts(word: string): word is Whereabouts {
	return word === 'here' || word === 'peer' || word === 'elsewhere' || word === 'nowhere';
}

/** For a log and a terminal. */
function firstLine(output: string): string {
	return (output.split('\n')[0] ?? '')
		.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')
		.trim()
		.slice(0, 200);
}

/**
 * What the commands that measure have in common: how they speak, complain and end.
 *
 * Decides that figures alone go to standard output, that a wrong call is exit code 64, and that whoever is interrupted prints what was measured so
 * far. Leaves options, order and figures to the command.
 */
import {writeSync} from 'node:fs';

export interface Ending {
	/** What was measured so far, for an interruption. */
	readonly soFar?: () => string;
	/** When the command has ended by itself. Whatever must go in any case goes with the process. */
	readonly cleanUp?: () => void;
}

export class MeasuringCommand {
	readonly #name: string;

	/** @param name As `npm run` knows it. */
	constructor(name: string) {
		this.#name = name;
	}

	/** Figures, or the help. The answer is the exit code. */
	say(text: string): number {
		process.stdout.write(text);
		return 0;
	}

	/** A line for whoever looks on. */
	note(text: string): void {
		process.stderr.write(`${this.#name}: ${text}\n`);
	}

	/** The answer is the exit code. */
	complain(message: string): number {
		this.note(message);
		return 64;
	}

	async run(main: () => Promise<number>, {soFar, cleanUp}: Ending = {}): Promise<void> {
		for (const [signal, number] of [
			['SIGHUP', 1],
			['SIGINT', 2],
			['SIGTERM', 15],
		] as const) {
			process.on(signal, () => {
				if (soFar !== undefined) writeSync(1, soFar());
				process.exit(128 + number);
			});
		}
		try {
			process.exitCode = await main();
		} catch (error) {
			process.exitCode = this.complain(error instanceof Error ? error.message : String(error));
		} finally {
			cleanUp?.();
		}
	}
}

export function isWithin(value: number, least: number, most: number): boolean {
	return Number.isInteger(value) && value >= least && value <= most;
}

/** Why a measurement came to nothing, in a line: that is no reason to lose the others. */
export function whyNot(error: unknown): string {
	return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

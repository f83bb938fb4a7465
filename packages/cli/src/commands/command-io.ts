/**
 * What a command may touch of the outside: output, environment and the terminal.
 *
 * Decides how an error looks. Leaves exit codes to `exit-codes.ts`.
 */
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {type Paint, paintFor} from '../terminal.ts';

export interface CommandIo {
	readonly out: (text: string) => void;
	readonly error: (text: string) => void;
	readonly environment: NodeJS.ProcessEnv;
	/** Colour for stdout. */
	readonly paint: Paint;
	/** Colour for stderr. */
	readonly paintError: Paint;
	/** stdout is a terminal. */
	readonly terminal: boolean;
	/** stdout is a terminal that obeys cursor movements, which TERM=dumb denies. */
	readonly redraws: boolean;
	/** Of the terminal, at this moment; `undefined` without one. */
	readonly size: () => TerminalSize | undefined;
	/** Calls back when the terminal has another size, until the answer is called. */
	readonly watchSize: (onChange: () => void) => () => void;
	/** Questions can be asked: stdin and stdout are terminals. */
	readonly interactive: boolean;
	/** Each key as it is pressed, without an echo, until the answer is called. */
	readonly readKeys: (onKey: (key: string) => void) => () => void;
	/** Aborted by Ctrl-C and SIGTERM, and when nobody reads stdout any more. */
	readonly interrupted: AbortSignal;
}

export interface TerminalSize {
	readonly columns: number;
	readonly rows: number;
}

/** The io of this process. */
export function createProcessIo(): CommandIo {
	const interrupt = new AbortController();
	// `head` and `grep -q` close the pipe early; that is their right and changes no exit code. What never ends ends now.
	process.stdout.on('error', () => interrupt.abort());
	process.stderr.on('error', () => {});
	const {stdout} = process;
	return {
		out: text => process.stdout.write(text),
		error: text => process.stderr.write(text),
		environment: process.env,
		paint: paintFor(process.stdout, process.env),
		paintError: paintFor(process.stderr, process.env),
		terminal: process.stdout.isTTY === true,
		redraws: process.stdout.isTTY === true && process.env.TERM !== 'dumb',
		size: () =>
			stdout.isTTY === true && stdout.columns > 0 ? {columns: stdout.columns, rows: stdout.rows} : undefined,
		watchSize: onChange => {
			stdout.on('resize', onChange);
			return () => void stdout.off('resize', onChange);
		},
		interactive: process.stdin.isTTY === true && process.stdout.isTTY === true,
		readKeys: readProcessKeys,
		get interrupted() {
			if (!interrupt.signal.aborted && process.listenerCount('SIGINT') === 0) {
				for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
			}
			return interrupt.signal;
		},
	};
}

/** The terminal is as it was when it ends, also by a signal that ends the process. */
function readProcessKeys(onKey: (key: string) => void): () => void {
	const {stdin} = process;
	const listen = (text: string): void => {
		// An arrow or a function key is a sequence, not the letters in it.
		for (const key of text.startsWith('\x1b') ? [text] : text) onKey(key);
	};
	const restore = (): void => void stdin.setRawMode(false);
	stdin.setRawMode(true).setEncoding('utf8').on('data', listen).resume();
	process.once('exit', restore);
	return () => {
		process.off('exit', restore);
		stdin.off('data', listen).pause();
		restore();
	};
}

/** One sentence, then what to do. Anything that is not a `UserError` is a defect of hapair and shows its stack. */
export function reportError(io: CommandIo, error: unknown, json: boolean): ExitCode {
	const known = error instanceof UserError;
	const code = known ? error.exitCode : exitCodes.failed;
	const message = error instanceof Error ? error.message : String(error);
	const hint = known ? error.hint : undefined;
	if (json) io.out(`${JSON.stringify({ok: false, code, message, ...(hint === undefined ? {} : {hint})})}\n`);
	io.error(`${io.paintError('red', 'hapair:')} ${message}\n`);
	if (hint !== undefined) io.error(`  ${hint}\n`);
	if (!known && error instanceof Error) io.error(`${error.stack ?? ''}\n`);
	return code;
}

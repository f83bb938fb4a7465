/**
 * The exit codes of every command (docs/cli.md lists them). `hapair proxy` keeps HAProxy's own instead.
 */
export const exitCodes = {
	ok: 0,
	/** The configuration is wrong or the operation failed. */
	failed: 1,
	/** The command line is wrong. */
	usage: 2,
	/** No daemon answers on the control socket. */
	notRunning: 3,
	/** The daemon understood and declined; `--force` may override it. */
	refused: 4,
	timedOut: 5,
	/** Ctrl-C or SIGTERM while a command waited: 128 and SIGINT, as shells count. */
	interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The lines that end every command's help. */
export const exitCodesHelp = [
	'Exit codes:',
	'  0  done',
	'  1  the configuration is wrong or the operation failed',
	'  2  the command line is wrong',
	'  3  the daemon is not running',
	'  4  the daemon refused; the message says why and what --force overrides',
	'  5  timed out',
	'  130  interrupted while it waited; the daemon goes on with what it was asked',
].join('\n');

/** An error whose message is the whole story for the user: one sentence, then what to do. */
export class UserError extends Error {
	override readonly name = 'UserError';
	readonly exitCode: ExitCode;
	readonly hint: string | undefined;

	constructor(message: string, options: {readonly hint?: string; readonly exitCode?: ExitCode} = {}) {
		super(message);
		this.exitCode = options.exitCode ?? exitCodes.failed;
		this.hint = options.hint;
	}
}

/**
 * Commands about frontends, sessions, counters and the connection to the socket itself.
 *
 * Decides arguments and answers (HAProxy manual, "Unix Socket commands"). `help` needs the whole table: `commands.ts` adds it.
 */
import {FrontendState, ProcessColumn} from '../../status-board.ts';
import {type Command, type CommandContext, CommandError} from '../command.ts';
import {findFrontend} from '../names.ts';
import {readCount} from './servers.ts';

async function enableFrontend({runtime}: CommandContext, [name]: readonly string[]): Promise<string> {
	const index = findFrontend(runtime.configuration, name);
	const state = runtime.frontendState(index);
	if (state === FrontendState.shutDown) throw new CommandError('Frontend was previously shut down, cannot enable.');
	if (state === FrontendState.open) throw new CommandError('All sockets are already enabled.');
	if (await runtime.setFrontendState(index, FrontendState.open)) return '';
	throw new CommandError('An address of the frontend cannot be listened on: another program may have it.');
}

async function disableFrontend({runtime}: CommandContext, [name]: readonly string[]): Promise<string> {
	const index = findFrontend(runtime.configuration, name);
	const state = runtime.frontendState(index);
	if (state === FrontendState.shutDown) throw new CommandError('Frontend was previously shut down, cannot disable.');
	if (state === FrontendState.stopped) throw new CommandError('All sockets are already disabled.');
	await runtime.setFrontendState(index, FrontendState.stopped);
	return '';
}

async function shutDownFrontend({runtime}: CommandContext, [name]: readonly string[]): Promise<string> {
	const index = findFrontend(runtime.configuration, name);
	if (runtime.frontendState(index) === FrontendState.shutDown)
		throw new CommandError('Frontend was already shut down.');
	await runtime.setFrontendState(index, FrontendState.shutDown);
	return '';
}

function setProcessMaxconn({runtime}: CommandContext, [text]: readonly string[]): string {
	if (text === undefined) throw new CommandError('Expects an integer value.');
	const hard = runtime.table.board.get(0, ProcessColumn.hardMaxconn);
	if (!/^\d{1,9}$/.test(text) || Number(text) > hard) throw new CommandError('Value out of range.');
	runtime.setProcessMaxconn(Number(text) || hard);
	return '';
}

/** What can be limited over the whole process; of TLS and compression there is none that a limit could hold back. */
const RATES: ReadonlyMap<string, number> = new Map([
	['connections', ProcessColumn.connectionRateLimit],
	['sessions', ProcessColumn.sessionRateLimit],
	['ssl-sessions', ProcessColumn.sslRateLimit],
	['http-compression', ProcessColumn.compressionLimit],
]);
const RATE_FORM = `'set rate-limit' only supports :
   - 'connections global' to set the per-process maximum connection rate
   - 'sessions global' to set the per-process maximum session rate
   - 'ssl-sessions global' to set the per-process maximum SSL session rate
   - 'http-compression global' to set the per-process maximum compression speed in kB/s`;

function setRateLimit({runtime}: CommandContext, [what = '', scope, text]: readonly string[]): string {
	const column = RATES.get(what);
	if (column === undefined || scope !== 'global') throw new CommandError(RATE_FORM);
	if (text === undefined) throw new CommandError('Expects an integer value.');
	const limit = readCount(text, '<number>', 1_000_000_000);
	// Compression is told in kilobytes, and shown in bytes.
	runtime.setProcessRate(column, what === 'http-compression' ? limit * 1024 : limit);
	return '';
}

/** `10`, `10s`, `2m`: seconds without a unit. */
function readTimeoutMs(text: string | undefined): number {
	if (text === undefined) throw new CommandError('Expects an integer value.');
	const [, digits, unit = 's'] = /^(\d{1,9})(ms|s|m|h|d)?$/.exec(text) ?? [];
	const factor = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000}[unit] ?? 0;
	const ms = Number(digits) * factor;
	if (!(ms > 0)) throw new CommandError('Invalid timeout value.');
	return Math.min(ms, 2 ** 31 - 1);
}

/** Lowers the level of the connection; never raises it. */
function lower(level: 'user' | 'operator'): Command {
	return {
		name: level,
		usage: '',
		help: `goes on with the permissions of level ${level}`,
		level,
		run({conversation}) {
			conversation.level = level;
			return '';
		},
	};
}

export const processCommands: readonly Command[] = [
	{
		name: 'clear counters',
		usage: '',
		help: 'the highest values begin anew',
		level: 'operator',
		run({runtime}) {
			runtime.clearCounters(false);
			return '';
		},
	},
	{
		name: 'clear counters all',
		usage: '',
		help: 'all counters begin anew',
		level: 'admin',
		run({runtime}) {
			runtime.clearCounters(true);
			return '';
		},
	},
	{
		name: 'disable frontend',
		usage: '<frontend>',
		help: 'stops listening for now',
		level: 'admin',
		run: disableFrontend,
	},
	{name: 'enable frontend', usage: '<frontend>', help: 'listens again', level: 'admin', run: enableFrontend},
	lower('operator'),
	lower('user'),
	{
		name: 'prompt',
		usage: '',
		help: 'keeps the connection open for more commands, or no longer',
		level: 'user',
		run({conversation}) {
			conversation.isInteractive = !conversation.isInteractive;
			return '';
		},
	},
	{
		name: 'quit',
		usage: '',
		help: 'closes the connection',
		level: 'user',
		run({conversation}) {
			conversation.isOver = true;
			return '';
		},
	},
	{
		name: 'set maxconn frontend',
		usage: '<frontend> <maxconn>',
		help: 'connections that a frontend serves at a time',
		level: 'admin',
		run({runtime}, [name, text]) {
			const index = findFrontend(runtime.configuration, name);
			if (text === undefined) throw new CommandError('Integer value expected.');
			runtime.setFrontendMaxconn(index, readCount(text, '<maxconn>'));
			return '';
		},
	},
	{
		name: 'set maxconn global',
		usage: '<maxconn>',
		help: 'connections of the process; at most the configured number',
		level: 'admin',
		run: setProcessMaxconn,
	},
	{
		name: 'set timeout cli',
		usage: '<time>',
		help: 'how long this connection may be silent, in seconds',
		level: 'user',
		run({conversation}, [text]) {
			conversation.timeoutMs = readTimeoutMs(text);
			return '';
		},
	},
	{
		name: 'set rate-limit',
		usage: '<what> global <number>',
		help: 'connections, sessions and the like that the process takes a second',
		level: 'admin',
		run: setRateLimit,
	},
	{
		name: 'shutdown frontend',
		usage: '<frontend>',
		help: 'stops listening for good',
		level: 'admin',
		run: shutDownFrontend,
	},
	{
		name: 'shutdown session',
		usage: '<id>',
		help: 'ends a session',
		level: 'admin',
		async run({runtime}, [name]) {
			if (name === undefined) throw new CommandError("Session pointer expected (use 'show sess').");
			if (!(await runtime.endSession(name))) throw new CommandError("No such session (use 'show sess').");
			return '';
		},
	},
];

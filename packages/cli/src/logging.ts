/**
 * The daemon's log: JSON lines when stdout is a file or a pipe, readable text on a terminal.
 *
 * Decides the format and the names of the fields. Leaves what is said to the parts; none may pass a secret. The
 * destination is asynchronous: a reader that does not read must not hold up the daemon.
 */
import {destination, type Logger, pino, stdTimeFunctions} from 'pino';
import pretty from 'pino-pretty';

/** What the parts of the daemon log with: pino's four levels, fields first. */
export interface Log {
	debug(fields: LogFields, message: string): void;
	info(fields: LogFields, message: string): void;
	warn(fields: LogFields, message: string): void;
	error(fields: LogFields, message: string): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface DaemonLog {
	/** A log whose lines carry the part's name as `component`. */
	forComponent(component: string): Log;
	/** Writes out what is still in memory; call it last. */
	flush(): void;
}

/** `fields` go into every line, `node` for one. */
export function createLog(options: {
	readonly level: LogLevel;
	readonly terminal: boolean;
	readonly colour: boolean;
	readonly fields?: LogFields;
}): DaemonLog {
	const settings = {
		level: options.level,
		base: {...options.fields},
		timestamp: stdTimeFunctions.isoTime,
		formatters: {level: (label: string) => ({level: label})},
	};
	if (options.terminal) {
		const stream = pretty({
			colorize: options.colour,
			translateTime: 'SYS:HH:MM:ss.l',
			ignore: 'component',
			messageFormat: '{component}: {msg}',
			destination: 1,
			sync: true,
		});
		return wrap(pino(settings, stream), () => {});
	}
	const stream = destination({dest: 1, sync: false});
	return wrap(pino(settings, stream), () => {
		try {
			stream.flushSync();
		} catch {
			// The reader is gone; there is nobody left to tell.
		}
	});
}

function wrap(logger: Logger, flush: () => void): DaemonLog {
	return {forComponent: component => logger.child({component}), flush};
}

/**
 * The daemon's log: JSON lines when stdout is a file or a pipe, readable text on a terminal.
 *
 * Decides the format and the names of the fields. Leaves what is said to the parts; none may pass a secret. A reader that
 * does not read, a full disk or a terminal held by Ctrl-S costs log lines, never the daemon: writing is asynchronous, what
 * waits is limited, and an error of the destination is no error of the daemon.
 */
import {destination, type Logger, pino, stdTimeFunctions} from 'pino';
import {prettyFactory} from 'pino-pretty';
import {endsWithin} from './daemon/within.ts';

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
	/** Writes a line of another's as it is, in order with the own ones: access logs that go to stdout. */
	passOn(line: string): void;
	/** Writes out what is still in memory; call it last. False when nobody took it within `limitMs`. */
	end(limitMs: number): Promise<boolean>;
}

export interface LogOptions {
	readonly level: LogLevel;
	readonly terminal: boolean;
	readonly colour: boolean;
	/** Go into every line, `node` for one. */
	readonly fields?: LogFields;
	/** A file descriptor; stdout unless given. */
	readonly descriptor?: number;
}

/** What may wait for a slow reader; beyond it lines are lost. */
const mostUnwrittenBytes = 4_194_304;

export function createLog(options: LogOptions): DaemonLog {
	const stream = destination({dest: options.descriptor ?? 1, sync: false, maxLength: mostUnwrittenBytes});
	let isFailing = false;
	stream.on('error', () => {
		isFailing = true;
	});
	stream.on('write', () => {
		isFailing = false;
	});
	// pino flushes when the process exits, and on a full disk it would try that for ever.
	const flushSync = stream.flushSync.bind(stream);
	stream.flushSync = () => {
		if (!isFailing) flushSync();
	};
	const settings = {
		level: options.level,
		base: {...options.fields},
		timestamp: stdTimeFunctions.isoTime,
		formatters: {level: (label: string) => ({level: label})},
	};
	const logger: Logger = options.terminal
		? pino(settings, {write: prettyWriter(text => stream.write(text), options.colour)})
		: pino(settings, stream);
	return {
		forComponent: component => logger.child({component}),
		passOn: line => {
			stream.write(`${line}\n`);
		},
		end: async limitMs => {
			if (isFailing) return true;
			const ended = Promise.withResolvers<void>();
			stream.once('close', () => ended.resolve());
			// A destination that breaks while it is being emptied has nobody left to tell.
			stream.once('error', () => ended.resolve());
			stream.end();
			return endsWithin(ended.promise, limitMs);
		},
	};
}

function prettyWriter(write: (text: string) => void, colorize: boolean): (line: string) => void {
	const prettify = prettyFactory({
		colorize,
		translateTime: 'SYS:HH:MM:ss.l',
		// What the sentence says already, or a person at a terminal knows; the JSON has it all.
		ignore: 'component,node,pid,from,to,id,signal,eligible',
		singleLine: true,
		messageFormat: '{component}: {msg}',
	});
	return line => write(prettify(line) ?? '');
}

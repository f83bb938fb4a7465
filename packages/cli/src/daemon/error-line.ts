/**
 * A line that a child writes to its stderr: a message of the configuration's `log stderr`, or what the runtime itself has to say. Pure.
 *
 * Decides how severe it is for the daemon's log, by the message's own priority (RFC 3164 §4.1.1). The header goes: the daemon's line has a time of
 * its own. What has no priority (`format raw`, a stack trace) is a warning, as nobody can tell.
 */
import type {LogLevel} from '../logging.ts';

/** Longest line of what is no message; a message is as long as its `log` line lets it be. */
const LINE_LIMIT = 2000;

/** `<142>`, then perhaps the rest of a header of RFC 3164, with a host's name or without. */
const MESSAGE = /^<(\d{1,3})>(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8} (?:\S+ )?\S+\[\d+\]: )?/;

export function readErrorLine(line: string): {readonly level: LogLevel; readonly text: string} {
	const [header, priority] = MESSAGE.exec(line) ?? [];
	if (header === undefined) return {level: 'warn', text: line.slice(0, LINE_LIMIT)};
	return {level: levelOf(Number(priority) % 8), text: line.slice(header.length)};
}

/** 0 emergency … 7 debug. */
function levelOf(severity: number): LogLevel {
	if (severity <= 3) return 'error';
	if (severity === 4) return 'warn';
	return severity === 7 ? 'debug' : 'info';
}

/**
 * What one log line tells of a transaction or a TCP session (HAProxy manual, "HTTP log format").
 *
 * Decides the fields and how unsafe characters are written. Leaves the layout to one file a format. Text is latin1: one
 * character is one byte of the wire.
 */

export interface LogRecord {
	readonly clientAddress: string;
	readonly clientPort: number;
	/** Accept date, or the end of the previous request on a kept connection; milliseconds since 1970. */
	readonly acceptMs: number;
	readonly frontend: string;
	/** The frontend's name when no backend was chosen. */
	readonly backend: string;
	/** `undefined` when none was chosen: `<NOSRV>`. */
	readonly server: string | undefined;
	/** TR: from the first byte of the request to the end of its head; -1 when it never came. Milliseconds, as all timers here. */
	readonly requestMs: number;
	/** Tw: in queues. -1: not reached. */
	readonly queueMs: number;
	/** Tc: connecting, retries included. -1: not reached. */
	readonly connectMs: number;
	/** Tr: from there to the response's full head. -1: not reached. */
	readonly responseMs: number;
	/** Ta: all of it. */
	readonly totalMs: number;
	/** -1 when nothing was sent. */
	readonly status: number;
	/** Bytes to the client, heads included. */
	readonly bytes: number;
	/** `name=value` as captured. */
	readonly requestCookie: string | undefined;
	readonly responseCookie: string | undefined;
	/** Four characters; TCP lines show the first two. */
	readonly state: string;
	readonly processConnections: number;
	readonly frontendConnections: number;
	readonly backendConnections: number;
	readonly serverConnections: number;
	readonly retries: number;
	/** The last retry went to another server: a `+` stands before the retries. */
	readonly redispatched: boolean;
	/** Place in the server's and the backend's queue when it was queued, from 1; 0 when it did not wait there. */
	readonly serverQueue: number;
	readonly backendQueue: number;
	/** One entry for each declared capture, in order; `undefined` when the header was absent. */
	readonly requestCaptures: readonly (string | undefined)[];
	readonly responseCaptures: readonly (string | undefined)[];
	/** As the client wrote it; `undefined` when it could not be read: `<BADREQ>`. */
	readonly requestLine: string | undefined;
	/** `option logasap`: written before the end, so total time and bytes are marked `+`. */
	readonly partial: boolean;
}

const MAX_REQUEST_LINE = 1024;

const UNSAFE = /[^\x20\x21\x24-\x7e]/;
const ALL_UNSAFE = /[^\x20\x21\x24-\x7e]/g;
const UNSAFE_IN_CAPTURE = /[^\x20\x21\x24-\x7a\x7e]/;
const ALL_UNSAFE_IN_CAPTURE = /[^\x20\x21\x24-\x7a\x7e]/g;

/** Writes bytes outside 32–126, `#` and `"` as `#XX`, so that a line stays a line and quotes stay quotes. */
export function escapeLogText(text: string): string {
	return UNSAFE.test(text) ? text.replace(ALL_UNSAFE, escapeCharacter) : text;
}

/** The same, with `{`, `|` and `}`, which frame captures. */
export function escapeCapture(text: string): string {
	return UNSAFE_IN_CAPTURE.test(text) ? text.replace(ALL_UNSAFE_IN_CAPTURE, escapeCharacter) : text;
}

/** The quoted request line, always the last field of an HTTP line. */
export function formatRequestLine(record: LogRecord): string {
	const line = record.requestLine;
	if (line === undefined) return '"<BADREQ>"';
	return `"${escapeLogText(line.length > MAX_REQUEST_LINE ? line.slice(0, MAX_REQUEST_LINE) : line)}"`;
}

/** The server's name, or what stands for none. */
export function formatServer(record: LogRecord): string {
	return record.server ?? '<NOSRV>';
}

/** Connections of process, frontend, backend and server, then the retries. */
export function formatCounts(record: LogRecord): string {
	const {processConnections, frontendConnections, backendConnections, serverConnections} = record;
	const retries = record.redispatched ? `+${record.retries}` : String(record.retries);
	return `${processConnections}/${frontendConnections}/${backendConnections}/${serverConnections}/${retries}`;
}

function escapeCharacter(char: string): string {
	return `#${(char.charCodeAt(0) & 0xff).toString(16).toUpperCase().padStart(2, '0')}`;
}

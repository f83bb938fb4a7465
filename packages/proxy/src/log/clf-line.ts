/**
 * One HTTP transaction in the common log format, with HAProxy's fields behind it (manual, `option httplog clf`).
 *
 * Decides the layout. Leaves the syslog header, and whether the line is wanted, to others.
 */
import {formatClfDate, formatMilliseconds} from './log-date.ts';
import {escapeCapture, escapeLogText, formatRequestLine, formatServer, type LogRecord} from './log-record.ts';

/** The text behind `tag[pid]: `. Referrer and user agent are always `"-"`: capture them to see them at the end. */
export function formatClfLine(record: LogRecord): string {
	const {requestMs, queueMs, connectMs, responseMs, totalMs} = record;
	const mark = record.partial ? '+' : '';
	const retries = record.redispatched ? `+${record.retries}` : String(record.retries);
	return (
		`${record.clientAddress} - - [${formatClfDate(record.acceptMs)}] ${formatRequestLine(record)} ` +
		`${record.status} ${mark}${record.bytes} "-" "-" ${record.clientPort} ${formatMilliseconds(record.acceptMs)} ` +
		`"${record.frontend}" "${record.backend}" "${formatServer(record)}" ` +
		`${requestMs} ${queueMs} ${connectMs} ${responseMs} ${mark}${totalMs} "${record.state}" ` +
		`${record.processConnections} ${record.frontendConnections} ${record.backendConnections} ` +
		`${record.serverConnections} ${retries} ${record.serverQueue} ${record.backendQueue} ` +
		`${quote(record.requestCookie, escapeLogText)} ${quote(record.responseCookie, escapeLogText)}` +
		formatCaptures(record.requestCaptures) +
		formatCaptures(record.responseCaptures)
	);
}

function formatCaptures(captures: readonly (string | undefined)[]): string {
	let text = '';
	for (const capture of captures) text += ` ${quote(capture, escapeCapture)}`;
	return text;
}

function quote(text: string | undefined, clean: (text: string) => string): string {
	return text === undefined ? '"-"' : `"${clean(text)}"`;
}

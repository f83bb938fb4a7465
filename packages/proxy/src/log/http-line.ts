/**
 * One HTTP transaction as a line (HAProxy manual, `option httplog`, "HTTP log format").
 *
 * Decides the layout. Leaves the syslog header, and whether the line is wanted, to others.
 */
import {formatAcceptDate} from './log-date.ts';
import {
	escapeCapture,
	escapeLogText,
	formatCounts,
	formatRequestLine,
	formatServer,
	type LogRecord,
} from './log-record.ts';

/** The text behind `tag[pid]: `. */
export function formatHttpLine(record: LogRecord): string {
	const {requestMs, queueMs, connectMs, responseMs, totalMs, partial} = record;
	const mark = partial ? '+' : '';
	return (
		`${record.clientAddress}:${record.clientPort} [${formatAcceptDate(record.acceptMs)}] ` +
		`${record.frontend} ${record.backend}/${formatServer(record)} ` +
		`${requestMs}/${queueMs}/${connectMs}/${responseMs}/${mark}${totalMs} ${record.status} ${mark}${record.bytes} ` +
		`${formatCookie(record.requestCookie)} ${formatCookie(record.responseCookie)} ${record.state} ` +
		`${formatCounts(record)} ${record.serverQueue}/${record.backendQueue} ` +
		`${formatCaptures(record)}${formatRequestLine(record)}`
	);
}

function formatCookie(cookie: string | undefined): string {
	return cookie === undefined ? '-' : escapeLogText(cookie);
}

/** A request that could not be read has no headers to show, and then both groups are left out. */
function formatCaptures(record: LogRecord): string {
	if (record.requestLine === undefined) return '';
	return formatGroup(record.requestCaptures) + formatGroup(record.responseCaptures);
}

function formatGroup(captures: readonly (string | undefined)[]): string {
	if (captures.length === 0) return '';
	let text = '{';
	for (let i = 0; i < captures.length; i++) {
		if (i > 0) text += '|';
		text += escapeCapture(captures[i] ?? '');
	}
	return `${text}} `;
}

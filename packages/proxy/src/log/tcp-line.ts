/**
 * One TCP session as a line (HAProxy manual, `option tcplog`, "TCP log format").
 *
 * Decides the layout. Leaves the syslog header, and whether the line is wanted, to others.
 */
import {formatAcceptDate} from './log-date.ts';
import {formatCounts, formatServer, type LogRecord} from './log-record.ts';

/** The text behind `tag[pid]: `. */
export function formatTcpLine(record: LogRecord): string {
	const mark = record.partial ? '+' : '';
	return (
		`${record.clientAddress}:${record.clientPort} [${formatAcceptDate(record.acceptMs)}] ` +
		`${record.frontend} ${record.backend}/${formatServer(record)} ` +
		`${record.queueMs}/${record.connectMs}/${mark}${record.totalMs} ${mark}${record.bytes} ` +
		`${record.state.slice(0, 2)} ${formatCounts(record)} ${record.serverQueue}/${record.backendQueue}`
	);
}

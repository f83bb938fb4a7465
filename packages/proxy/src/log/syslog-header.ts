/**
 * The frame of a syslog message (RFC 3164 §4.1, HAProxy manual, `log`).
 *
 * Decides what stands before the text in each format. Leaves priority, length and sockets to `log-sender.ts`.
 */
import type {LogTarget} from '@hapair/config';
import {formatIsoDate, formatSyslogDate} from './log-date.ts';

export interface SyslogHeader {
	/** facility × 8 + severity. */
	readonly priority: number;
	/** Milliseconds since 1970. */
	readonly nowMs: number;
	/** `log-send-hostname`; absent sends none. */
	readonly hostname?: string;
	readonly tag: string;
	readonly pid: number;
}

/** `<PRI>Mmm dd HH:MM:SS [host ]tag[pid]: `, with local time. The date is made once a second. */
export function formatSyslogHeader(header: SyslogHeader): string {
	const host = header.hostname === undefined || header.hostname === '' ? '' : `${header.hostname} `;
	return `<${header.priority}>${formatSyslogDate(header.nowMs)} ${host}${header.tag}[${header.pid}]: `;
}

export interface FrameFacts extends Omit<SyslogHeader, 'hostname'> {
	readonly severity: number;
	readonly hostname?: string | undefined;
	readonly structuredData: string | undefined;
}

/** What stands before the text in the other formats of a `log` line (HAProxy manual, `log`, "format"). */
export function frameHeader(format: Exclude<LogTarget['format'], undefined>, facts: FrameFacts): string {
	const {priority, severity, nowMs, tag, pid, hostname, structuredData} = facts;
	switch (format) {
		case 'raw':
			return '';
		case 'priority':
			return `<${priority}>`;
		case 'short':
			return `<${severity}>`;
		case 'timed':
			return `<${severity}>${formatIsoDate(nowMs)} `;
		case 'iso':
			return `${formatIsoDate(nowMs)} `;
		case 'rfc5424':
			return `<${priority}>1 ${formatIsoDate(nowMs)} ${hostname || '-'} ${tag} ${pid} - ${structuredData || '-'} `;
		case 'journal':
			// One field a line, the text last; a line feed in none of them.
			return `PRIORITY=${severity}\nSYSLOG_FACILITY=${priority >> 3}\nSYSLOG_IDENTIFIER=${tag}\nSYSLOG_PID=${pid}\nMESSAGE=`;
	}
}

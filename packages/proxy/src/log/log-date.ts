/**
 * Dates as log lines write them: local time, English months, cached per second.
 *
 * Decides the formats only; times come in as milliseconds since 1970.
 */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

let acceptSecond = Number.NaN;
let acceptText = '';
let utcSecond = Number.NaN;
let utcText = '';
let syslogSecond = Number.NaN;
let syslogText = '';

/** `25/Nov/2026:06:07:26.455`, local time with milliseconds. */
export function formatAcceptDate(epochMs: number): string {
	const second = Math.floor(epochMs / 1000);
	if (second !== acceptSecond) {
		const date = new Date(second * 1000);
		acceptText = `${pad(date.getDate())}/${MONTHS[date.getMonth()]}/${date.getFullYear()}:${formatClock(date)}`;
		acceptSecond = second;
	}
	return `${acceptText}.${formatMilliseconds(epochMs)}`;
}

/** `25/Nov/2026:05:07:26 +0000`, universal time without milliseconds (common log format). */
export function formatClfDate(epochMs: number): string {
	const date = new Date(epochMs);
	const day = `${pad(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
	return `${day}:${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())} +0000`;
}

/** `25/Nov/2026:05:07:26 +0000`, universal time. */
export const formatGmtDate: (epochMs: number) => string = formatClfDate;

/** `25/Nov/2026:06:07:26 +0100`, local time with its distance from universal time. */
export function formatLocalDate(epochMs: number): string {
	const date = new Date(epochMs);
	const minutes = -date.getTimezoneOffset();
	const zone = `${minutes < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(minutes) / 60))}${pad(Math.abs(minutes) % 60)}`;
	return `${pad(date.getDate())}/${MONTHS[date.getMonth()]}/${date.getFullYear()}:${formatClock(date)} ${zone}`;
}

/** `2026-11-05T06:07:26.455000+01:00`, local time (RFC 5424 §6.2.3). */
export function formatIsoDate(epochMs: number): string {
	const date = new Date(epochMs);
	const minutes = -date.getTimezoneOffset();
	const away = Math.abs(minutes);
	const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
	const zone = `${minutes < 0 ? '-' : '+'}${pad(Math.floor(away / 60))}:${pad(away % 60)}`;
	return `${day}T${formatClock(date)}.${formatMilliseconds(epochMs)}000${zone}`;
}

/** `2026-11-05T05:07:26.455Z`, universal time (RFC 3339). */
export function formatUtcDate(epochMs: number): string {
	const second = Math.floor(epochMs / 1000);
	if (second !== utcSecond) {
		utcText = new Date(second * 1000).toISOString().slice(0, 19);
		utcSecond = second;
	}
	return `${utcText}.${formatMilliseconds(epochMs)}Z`;
}

/** `Nov  5 06:07:26`, local time, the day padded with a space (RFC 3164 §4.1.2). */
export function formatSyslogDate(epochMs: number): string {
	const second = Math.floor(epochMs / 1000);
	if (second !== syslogSecond) {
		const date = new Date(second * 1000);
		syslogText = `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2, ' ')} ${formatClock(date)}`;
		syslogSecond = second;
	}
	return syslogText;
}

/** The milliseconds of a time as three digits. */
export function formatMilliseconds(epochMs: number): string {
	return String(Math.floor(epochMs) % 1000).padStart(3, '0');
}

function formatClock(date: Date): string {
	return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

function pad(value: number): string {
	return String(value).padStart(2, '0');
}

/**
 * `show sess`: client connections in HAProxy's notation.
 *
 * Pure. Decides which of its fields are told; those that describe HAProxy's own inner life are left at what they are for a quiet one.
 */
import type {SessionFacts} from '../worker-messages.ts';

/** One line a session. */
export function formatSessions(sessions: readonly SessionFacts[]): string {
	return sessions.map(session => `${formatLine(session)}\n`).join('');
}

function formatLine(facts: SessionFacts): string {
	const {session, proto, source, frontend, backend, server, ageMs, state, bytesIn, bytesOut} = facts;
	return (
		`${session}: proto=${proto} src=${source} fe=${frontend} be=${backend} srv=${server} ts=00 epoch=0 ` +
		`age=${formatSeconds(ageMs)} calls=1 rate=0 cpu=0 lat=0 ` +
		`rq[f=${state},i=${bytesIn}] rp[f=${state},i=${bytesOut}] exp=${formatExpiry(facts)}`
	);
}

/** All that is known of one. */
export function formatSession(facts: SessionFacts): string {
	const {session, proto, source, frontend, backend, server, ageMs, state, bytesIn, bytesOut} = facts;
	return [
		`${session}: proto=${proto} source=${source}`,
		`  frontend=${frontend}`,
		`  backend=${backend}`,
		`  server=${server}`,
		`  state=${state} age=${formatSeconds(ageMs)} exp=${formatExpiry(facts)}`,
		`  req=${bytesIn} bytes`,
		`  res=${bytesOut} bytes`,
		'',
	].join('\n');
}

function formatExpiry({expiresMs}: SessionFacts): string {
	return expiresMs === undefined ? '' : formatSeconds(expiresMs);
}

/** `4s`, `2m10s`, `1h3m`, `2d5h`: the two largest units. */
function formatSeconds(ms: number): string {
	const seconds = Math.floor(ms / 1000);
	if (seconds < 60) return `${seconds}s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
	if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h${Math.floor((seconds % 3600) / 60)}m`;
	return `${Math.floor(seconds / 86_400)}d${Math.floor((seconds % 86_400) / 3600)}h`;
}

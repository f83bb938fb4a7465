/**
 * What a session adds to the counters of its frontend, backend and server besides its states.
 *
 * Decides when bytes are counted: while they flow, so that a long transfer shows before it is over. Leaves the moment of each
 * event to sessions and the columns' meaning to the shared table.
 */
import {Counter, type CounterColumn} from '../shared-table.ts';
import type {Session} from './session.ts';

/** Bytes that may flow before the counters hear of them. */
const COUNT_BYTES = 262_144;

/** Counts what has flowed if it is much. */
export function noteTraffic(session: Session): void {
	const {bytesIn, bytesOut, countedIn, countedOut} = session.record;
	if (bytesIn + bytesOut - countedIn - countedOut >= COUNT_BYTES) countTraffic(session);
}

/** Counts what has flowed since the last time. */
export function countTraffic(session: Session): void {
	const {record, backend, server, frontend} = session;
	const {table} = session.core;
	session.counters?.countBytes(record.bytesIn - record.countedIn, record.bytesOut - record.countedOut);
	for (const row of [frontend.row, backend?.row, server?.row, session.socketRow]) {
		if (row === undefined) continue;
		table.count(row, Counter.bytesIn, record.bytesIn - record.countedIn);
		table.count(row, Counter.bytesOut, record.bytesOut - record.countedOut);
	}
	record.countedIn = record.bytesIn;
	record.countedOut = record.bytesOut;
}

/** One for the socket that the client came in by, if it has counters (`option socket-stats`). */
export function countOnSocket({core, socketRow}: Session, column: CounterColumn): void {
	if (socketRow !== undefined) core.table.count(socketRow, column);
}

/** One for the server in use and its backend. */
export function countOnServer({server, core}: Session, column: CounterColumn): void {
	if (server === undefined) return;
	core.table.count(server.row, column);
	core.table.count(server.backend.row, column);
}

/** An answer, ours or, with `isServers`, the server's. */
export function countStatus({core, frontend, backend, server}: Session, isServers: boolean, status: number): void {
	const column = statusColumn(status);
	core.table.count(frontend.row, column);
	if (backend === undefined) return;
	core.table.count(backend.row, column);
	if (server !== undefined && isServers) core.table.count(server.row, column);
}

/** The column for a response of that status. */
function statusColumn(status: number): CounterColumn {
	switch (Math.floor(status / 100)) {
		case 1:
			return Counter.status1xx;
		case 2:
			return Counter.status2xx;
		case 3:
			return Counter.status3xx;
		case 4:
			return Counter.status4xx;
		case 5:
			return Counter.status5xx;
		default:
			return Counter.statusOther;
	}
}

/** The times of a transaction that has reached its server, for the means of server and backend. */
export function countTimes({core, record, server}: Session): void {
	if (server === undefined) return;
	const {queueMs, connectMs, responseMs, totalMs} = record;
	core.table.countTimes(server.backend.row, queueMs, connectMs, responseMs, totalMs);
	core.table.countTimes(server.row, queueMs, connectMs, responseMs, totalMs);
}

/** The times of a transaction that has chosen a backend, whether it reached a server or not, for the histograms. */
export function countHistograms({core, record, backend}: Session): void {
	if (backend === undefined) return;
	const {status, queueMs, connectMs, responseMs, totalMs} = record;
	core.table.times.count(backend.index, status, queueMs, connectMs, responseMs, totalMs);
}

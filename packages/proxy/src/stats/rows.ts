/**
 * All rows of the statistics, or those that were asked for (`show stat [iid type sid]`).
 *
 * Pure. Order: as in the files, each proxy with its frontend, that one's sockets, its servers, its backend.
 */
import type {Row} from './fields.ts';
import {RowType} from './fields.ts';
import {backendRow, frontendRow} from './proxy-rows.ts';
import {serverRow} from './server-row.ts';
import {socketRows} from './socket-row.ts';
import {listProxies, type ShownProxy, type StatsSource} from './source.ts';

export interface RowFilter {
	/** -1 for all. */
	readonly iid: number;
	/** Sum of 1 frontends, 2 backends, 4 servers, 8 sockets; -1 for all. */
	readonly types: number;
	/** -1 for all. */
	readonly sid: number;
	/** Leaves out servers that are down; `maint` those in maintenance only. */
	readonly without?: 'down' | 'maint';
}

export const ALL_ROWS: RowFilter = {iid: -1, types: -1, sid: -1};

export function collectRows(source: StatsSource, filter: RowFilter = ALL_ROWS): readonly Row[] {
	return listProxies(source.configuration)
		.filter(({iid}) => filter.iid === -1 || iid === filter.iid)
		.flatMap(proxy => rowsOf(source, proxy, filter));
}

/** The rows of one proxy. */
export function rowsOf(source: StatsSource, proxy: ShownProxy, filter: RowFilter = ALL_ROWS): readonly Row[] {
	const rows: Row[] = [];
	const wants = (type: number) => (filter.types & (1 << type)) !== 0;
	if (proxy.frontendIndex >= 0 && wants(RowType.frontend)) rows.push(frontendRow(source, proxy.frontendIndex));
	if (proxy.frontendIndex >= 0 && wants(RowType.socket)) {
		const sockets = socketRows(source, proxy.frontendIndex);
		rows.push(...sockets.filter(({sid}) => filter.sid === -1 || sid === filter.sid));
	}
	if (proxy.backendIndex < 0) return rows;
	const backend = source.configuration.backends[proxy.backendIndex]!;
	if (wants(RowType.server)) {
		for (const server of backend.servers) {
			if (filter.sid !== -1 && server.id !== filter.sid) continue;
			const row = serverRow(source, backend, server);
			if (isShown(row, filter)) rows.push(row);
		}
	}
	if (wants(RowType.backend)) rows.push(backendRow(source, proxy.backendIndex, filter.without !== undefined));
	return rows;
}

function isShown({values}: Row, {without}: RowFilter): boolean {
	const status = String(values.status);
	if (without === 'maint') return !status.startsWith('MAINT');
	return without !== 'down' || !/^(?:DOWN|MAINT)/.test(status);
}

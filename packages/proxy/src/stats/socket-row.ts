/**
 * The row of a listening socket (`option socket-stats`).
 *
 * Pure. Decides its values; blanks as HAProxy 2.6 leaves them.
 */
import type {Bind, Frontend} from '@hapair/config';
import {Counter, type CounterColumn} from '../shared-table.ts';
import {socketNumber} from '../socket-numbers.ts';
import {type Row, RowType} from './fields.ts';
import {frontendStatus} from './proxy-rows.ts';
import {formatAddress} from './server-facts.ts';
import type {StatsSource} from './source.ts';

/** The rows of a frontend's sockets; none without `option socket-stats`. */
export function socketRows(source: StatsSource, index: number): readonly Row[] {
	const frontend = source.configuration.frontends[index] as Frontend;
	return frontend.socketStats ? frontend.binds.map((bind, place) => socketRow(source, index, bind, place)) : [];
}

function socketRow(source: StatsSource, index: number, bind: Bind, place: number): Row {
	const {configuration, table} = source;
	const frontend = configuration.frontends[index] as Frontend;
	const socket = socketNumber(configuration, index, place);
	const row = table.row('socket', socket);
	const sum = (column: CounterColumn) => table.readSum(row, column);
	const sid = bind.id ?? place + 1;
	return {
		type: RowType.socket,
		iid: frontend.id,
		sid,
		proxy: frontend.name,
		name: bind.name ?? `sock-${sid}`,
		values: {
			scur: table.socketConnections(socket),
			smax: table.readMax(row, Counter.maxConnections),
			// A socket has no limit of its own.
			slim: 0,
			stot: sum(Counter.sessions) + sum(Counter.connectionsDenied) + sum(Counter.sessionsDenied),
			bin: sum(Counter.bytesIn),
			bout: sum(Counter.bytesOut),
			dreq: sum(Counter.requestsDenied),
			dresp: sum(Counter.responsesDenied),
			ereq: sum(Counter.requestErrors),
			status: frontendStatus(source, index) === 'OPEN' ? 'OPEN' : 'STOP',
			pid: 1,
			iid: frontend.id,
			sid,
			type: RowType.socket,
			...(source.showsLegends ? {addr: addressOf(bind)} : {}),
			mode: frontend.mode,
			dcon: sum(Counter.connectionsDenied),
			dses: sum(Counter.sessionsDenied),
			wrew: 0,
			eint: 0,
		},
	};
}

/** As other programs see it: a path is nobody's business. */
function addressOf({address}: Bind): string {
	if (address.kind === 'unix') return 'unix';
	return address.kind === 'ip' ? formatAddress(address) : 'unknown';
}

/** Metrics of the proxy: frontends, backends, servers, and how long transactions took. Leaves the pair to `pair.ts`. */
import type {
	BackendFigures,
	FigureRow,
	ProxyFigures,
	ProxySnapshot,
	ServerFigures,
	ServerSnapshot,
} from '@hapair/proxy';
import type {ProxyReport} from '../../daemon/status-report.ts';
import {type Book, type Labels, type Value, value} from './book.ts';
import {readHistogram} from './histogram.ts';
import {RowLabels} from './row-labels.ts';

export interface ProxySource {
	readonly proxy: ProxyReport;
	readonly snapshot: ProxySnapshot | undefined;
	/** Absent while the proxy does not answer. */
	readonly figures: ProxyFigures | undefined;
}

/** A counter of the proxy by its name, with the metric's, and what its values are divided by. */
type Row = readonly [column: string, metric: string, help: string];

const COMMON: readonly Row[] = [
	['sessions', 'sessions_total', 'Sessions.'],
	['requests', 'requests_total', 'Requests.'],
	['bytesIn', 'received_bytes_total', 'Bytes from clients.'],
	['bytesOut', 'sent_bytes_total', 'Bytes to clients.'],
];
const FRONTEND: readonly Row[] = [
	...COMMON,
	['requestErrors', 'request_errors_total', 'Requests that ended before their head did, or were none.'],
	['requestsDenied', 'requests_denied_total', 'Requests that rules refused.'],
	['connectionsDenied', 'connections_denied_total', 'Connections that rules refused.'],
	['intercepted', 'intercepted_total', 'Requests that the proxy answered itself.'],
];
const BACKEND: readonly Row[] = [
	...COMMON,
	['connectErrors', 'connect_errors_total', 'Connections to servers that failed.'],
	['responseErrors', 'response_errors_total', 'Responses that were none.'],
	['retries', 'retries_total', 'Connections tried again.'],
	['redispatches', 'redispatches_total', 'Requests given to another server than planned.'],
	['clientAborts', 'client_aborts_total', 'Transfers that the client broke off.'],
	['serverAborts', 'server_aborts_total', 'Transfers that the server broke off.'],
	['connects', 'connects_total', 'Connections made to servers.'],
	['reuses', 'reuses_total', 'Requests on a connection that was there.'],
];
const CODES: readonly (readonly [string, string])[] = [
	['status1xx', '1xx'],
	['status2xx', '2xx'],
	['status3xx', '3xx'],
	['status4xx', '4xx'],
	['status5xx', '5xx'],
	['statusOther', 'other'],
];

interface LabelledRow {
	readonly row: FigureRow;
	readonly labels: Labels;
}

type Rows = (figures: ProxyFigures) => readonly LabelledRow[];

const rowLabels = new RowLabels();
const frontends: Rows = figures => figures.frontends.map(row => ({row, labels: rowLabels.frontend(row.name)}));
const backends: Rows = figures => figures.backends.map(row => ({row, labels: rowLabels.backend(row.name)}));
const servers: Rows = figures =>
	figures.backends.flatMap(backend =>
		backend.servers.map(row => ({row, labels: rowLabels.server(backend.name, row.name)})),
	);

/** The rows of one scrape are listed once for all of their metrics. */
function once(list: Rows): Rows {
	let last: {readonly figures: ProxyFigures; readonly rows: readonly LabelledRow[]} | undefined;
	return figures => {
		if (last?.figures !== figures) last = {figures, rows: list(figures)};
		return last.rows;
	};
}

export function addProxyMetrics(book: Book<ProxySource>): void {
	addProcess(book);
	addCounters(book, 'frontend', FRONTEND, frontends);
	addCounters(book, 'backend', BACKEND, backends);
	addCounters(book, 'server', BACKEND, servers);
	addStates(book);
	addServerStates(book);
	addChecks(book);
	addHistograms(book);
}

function addProcess(book: Book<ProxySource>): void {
	book.gauge('hapair_proxy_up', 'The proxy process serves.', ({proxy}) => value(proxy.phase === 'serving'));
	book.gauge('hapair_proxy_draining', 'Connections are closed with their next response.', ({proxy}) =>
		value(proxy.draining),
	);
	book.gauge('hapair_proxy_workers', 'Threads that accept connections.', ({proxy}) => value(proxy.workers));
	book.gauge('hapair_proxy_connections', 'Client connections now.', ({proxy}) => value(proxy.connections));
	book.gauge('hapair_proxy_transactions', 'Transactions that have begun and not ended.', ({proxy}) =>
		value(proxy.activeTransactions),
	);
}

function addCounters(book: Book<ProxySource>, kind: string, rows: readonly Row[], listRows: Rows): void {
	const list = once(listRows);
	for (const [column, metric, help] of rows)
		book.counter(`hapair_${kind}_${metric}`, help, ({figures}) => readColumn(figures, list, column));
	book.counter(`hapair_${kind}_responses_total`, 'Responses by class.', ({figures}) =>
		CODES.flatMap(([column, code]) => readColumn(figures, list, column, {code})),
	);
}

function readColumn(figures: ProxyFigures | undefined, list: Rows, column: string, labels: Labels = {}): Value[] {
	const at = figures?.columns.indexOf(column) ?? -1;
	if (figures === undefined || at < 0) return [];
	return list(figures).flatMap(({row, labels: own}) => value(row.counters[at], labels, own));
}

function addStates(book: Book<ProxySource>): void {
	const ofFrontends =
		(read: (frontend: ProxyReport['frontends'][number]) => number | boolean) => (source: ProxySource) =>
			source.proxy.frontends.flatMap(frontend => value(read(frontend), {frontend: frontend.name}));
	const ofBackends = (read: (backend: ProxyReport['backends'][number]) => number | boolean) => (source: ProxySource) =>
		source.proxy.backends.flatMap(backend => value(read(backend), {backend: backend.name}));
	book.gauge(
		'hapair_frontend_listening',
		'Every bind accepts.',
		ofFrontends(({listening}) => listening),
	);
	book.gauge(
		'hapair_frontend_connections',
		'Client connections now.',
		ofFrontends(({connections}) => connections),
	);
	book.gauge(
		'hapair_backend_servers_up',
		'Servers that take traffic.',
		ofBackends(({up}) => up),
	);
	book.gauge(
		'hapair_backend_queued',
		'Requests that wait for a server.',
		ofBackends(({queued}) => queued),
	);
}

function addServerStates(book: Book<ProxySource>): void {
	const ofServers = (read: (server: ServerSnapshot) => Value[]) => (source: ProxySource) =>
		source.proxy.backends.flatMap(({name, servers: all}) =>
			all.flatMap(server => {
				const shared = rowLabels.server(name, server.name);
				return read(server).map(found => ({...found, sharedLabels: shared}));
			}),
		);
	book.gauge(
		'hapair_server_up',
		'The server takes traffic.',
		ofServers(({status}) => value(isUp(status))),
	);
	book.gauge(
		'hapair_server_state',
		"1, with the server's state in HAProxy's word.",
		ofServers(({status}) => value(1, {state: stateOf(status)})),
	);
	book.gauge(
		'hapair_server_weight',
		'Weight in force.',
		ofServers(({weight}) => value(weight)),
	);
	book.gauge(
		'hapair_server_connections',
		'Requests and connections that it works on.',
		ofServers(({connections}) => value(connections)),
	);
	book.gauge(
		'hapair_server_queued',
		'Requests that wait for it.',
		ofServers(({queued}) => value(queued)),
	);
	book.gauge(
		'hapair_server_state_age_seconds',
		'In its state for.',
		ofServers(({sinceMs}) => value(sinceMs / 1000)),
	);
}

/** `UP`, `UP 2/3`, `no check`; without the count of checks. */
function stateOf(status: string): string {
	return status.replace(/ \d+\/\d+$/, '');
}

function isUp(status: string): boolean {
	return /^(UP|no check)/.test(status);
}

function addChecks(book: Book<ProxySource>): void {
	const of =
		(read: (server: ServerFigures) => number) =>
		({figures}: ProxySource) =>
			(figures?.backends ?? []).flatMap(backend =>
				backend.servers.flatMap(server => value(read(server), {}, rowLabels.server(backend.name, server.name))),
			);
	book.counter(
		'hapair_server_check_failures_total',
		'Checks that failed while the server was up.',
		of(({checkFailures}) => checkFailures),
	);
	book.counter(
		'hapair_server_downs_total',
		'Changes from UP to DOWN.',
		of(({downs}) => downs),
	);
	book.counter(
		'hapair_server_down_seconds_total',
		'Time out of service.',
		of(({downtimeMs}) => downtimeMs / 1000),
	);
}

const TIMES: Readonly<Record<string, readonly [name: string, help: string]>> = {
	queue: ['hapair_queue_seconds', 'Time that transactions waited for a server.'],
	connect: ['hapair_connect_seconds', 'Time until the connection to the server was there, retries included.'],
	response: ['hapair_response_seconds', "Time from the request's end to the head of the server's response."],
	total: ['hapair_transaction_seconds', 'Time from the first byte of the request to the end of the transaction.'],
};

function addHistograms(book: Book<ProxySource>): void {
	for (const [time, [name, help]] of Object.entries(TIMES)) {
		book.histogram(name, help, ({figures}) =>
			(figures?.backends ?? []).flatMap((backend: BackendFigures) =>
				figures === undefined ? [] : readHistogram(name, backend, time, figures),
			),
		);
	}
}

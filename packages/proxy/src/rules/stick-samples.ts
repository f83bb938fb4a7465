/**
 * Fetches and converters that look into stick tables (HAProxy manual, `sc_http_req_rate`, `src_http_req_rate`, `table_http_req_rate`).
 *
 * Decides the answers. A counter that tracks nothing has no value; an address that the table does not know counts as 0, and so does what
 * the table does not store for a counter. Leaves names and arguments to the configuration.
 */
import type {StickColumnName} from '@hapair/config';
import type {Column} from '../stick/layout.ts';
import type {BoundTable} from '../stick/stick-tables.ts';
import type {Sample} from './sample.ts';
import type {SampleSource} from './sample-source.ts';

type Ask = (table: BoundTable, sample: Sample, nowMs: number) => Sample | undefined;

/** Bytes are shown in kilobytes. */
const KILO = 1024;

function lookUp(name: StickColumnName, unit = 1): Ask {
	return (table, sample, nowMs) => {
		const column = table.column(name);
		const key = table.keyOf(sample);
		if (column === undefined) return undefined;
		return key === undefined ? 0 : Math.floor((table.shared.valueByKey(key, column, nowMs) ?? 0) / unit);
	};
}

/** Adds one to a counter and its rate, creating the entry; gives the new value. */
function increase(...names: readonly StickColumnName[]): Ask {
	return (table, sample, nowMs) => {
		const columns = names.map(name => table.column(name));
		const key = table.keyOf(sample);
		if (columns.every(column => column === undefined) || key === undefined) return undefined;
		return table.shared.addByKey(key, columns, 1, nowMs) ?? 0;
	};
}

/** Gives the old value and begins anew at 0. */
function clear(name: StickColumnName): Ask {
	return (table, sample, nowMs) => {
		const column = table.column(name);
		const key = table.keyOf(sample);
		if (column === undefined || key === undefined) return undefined;
		const old = table.shared.valueByKey(key, column, nowMs);
		if (old !== undefined) table.shared.setByKey(key, [[column as Column, 0]], nowMs);
		return old ?? 0;
	};
}

const trackers: Ask = (table, sample, nowMs) => {
	const key = table.keyOf(sample);
	return key === undefined ? 0 : (table.shared.viewByKey(key, nowMs)?.use ?? 0);
};

const QUESTIONS: ReadonlyMap<string, Ask> = new Map<string, Ask>([
	...(
		[
			'conn_cnt',
			'conn_cur',
			'conn_rate',
			'sess_cnt',
			'sess_rate',
			'http_req_cnt',
			'http_req_rate',
			'http_err_cnt',
			'http_err_rate',
			'http_fail_cnt',
			'http_fail_rate',
			'bytes_in_rate',
			'bytes_out_rate',
			'gpc0_rate',
			'gpc1_rate',
			'gpt0',
			'gpc0',
			'gpc1',
			'server_id',
		] as const
	).map((name): [string, Ask] => [name, lookUp(name)]),
	['kbytes_in', lookUp('bytes_in_cnt', KILO)],
	['kbytes_out', lookUp('bytes_out_cnt', KILO)],
	['get_gpt0', lookUp('gpt0')],
	['get_gpc0', lookUp('gpc0')],
	['get_gpc1', lookUp('gpc1')],
	['inc_gpc0', increase('gpc0', 'gpc0_rate')],
	['inc_gpc1', increase('gpc1', 'gpc1_rate')],
	['clr_gpc0', clear('gpc0')],
	['clr_gpc1', clear('gpc1')],
	['updt_conn_cnt', increase('conn_cnt', 'conn_rate')],
	['trackers', trackers],
]);

/** Only an element of an array answers. */
function ofElement(name: StickColumnName, ask: Ask): Ask {
	return (table, sample, nowMs) => (table.column(name)?.isElement === true ? ask(table, sample, nowMs) : undefined);
}

/** `get_gpc` and its kin, about element `index`. */
function askElement(question: string, index: number): Ask | undefined {
	switch (question) {
		case 'get_gpc':
		case 'gpc':
			return ofElement(`gpc${index}`, lookUp(`gpc${index}`));
		case 'gpc_rate':
			return ofElement(`gpc${index}_rate`, lookUp(`gpc${index}_rate`));
		case 'get_gpt':
		case 'gpt':
			return ofElement(`gpt${index}`, lookUp(`gpt${index}`));
		case 'inc_gpc':
			return ofElement(`gpc${index}`, increase(`gpc${index}`, `gpc${index}_rate`));
		case 'clr_gpc':
			return ofElement(`gpc${index}`, clear(`gpc${index}`));
		default:
			return undefined;
	}
}

type Take = (source: SampleSource) => Sample | undefined;

/** `sc0_…`, `sc_…`, `src_…`, `table_cnt`: how to answer, or undefined when the name is none of these. */
export function compileStickFetch(name: string, args: readonly string[]): Take | undefined {
	if (name === 'table_cnt' || name === 'table_avl') return compileTableFetch(name, args[0]);
	const [, prefix, digit, question = ''] = /^(sc([0-2])?|src)_(.+)$/.exec(name) ?? [];
	const element = askElement(question, Number(args[0]));
	// Its number stands before everything else.
	if (element !== undefined) return compileQuestion(prefix, digit, question, args.slice(1), element);
	return compileQuestion(prefix, digit, question, args, QUESTIONS.get(question));
}

function compileQuestion(
	prefix: string | undefined,
	digit: string | undefined,
	question: string,
	args: readonly string[],
	ask: Ask | undefined,
): Take | undefined {
	if (prefix === 'src') {
		return ask && (source => askBySource(source, ask, args[0]));
	}
	if (prefix === undefined) return undefined;
	const counter = Number(digit ?? args[0]);
	const table = (digit === undefined ? args[1] : args[0]) || undefined;
	if (question === 'tracked') return source => source.counters?.isTracked(counter) ?? false;
	return (
		ask &&
		(({counters}) => {
			const entry = counters?.entryOf(counter, table);
			return entry && ask(entry.table, entry.sample, counters!.tables.nowMs());
		})
	);
}

/** Without a name it is the table of the section whose rule asks: the backend's once one is chosen. */
function tableOf({counters, backend, frontend}: SampleSource, name: string | undefined): BoundTable | undefined {
	const tables = counters?.tables;
	return name ? tables?.get(name) : (tables?.get(backend) ?? tables?.get(frontend));
}

function askBySource(source: SampleSource, ask: Ask, name: string | undefined): Sample | undefined {
	const {counters, src} = source;
	const table = tableOf(source, name);
	return table === undefined || src === undefined ? undefined : ask(table, src, counters!.tables.nowMs());
}

function compileTableFetch(name: 'table_cnt' | 'table_avl', tableName: string | undefined): Take {
	return source => {
		const shared = tableOf(source, tableName)?.shared;
		if (shared === undefined) return undefined;
		return name === 'table_cnt' ? shared.used : shared.layout.size - shared.used;
	};
}

/** `in_table(T)`, `table_…(T)`; undefined when the name is none of these. */
export function compileStickConverter(
	name: string,
	args: readonly string[],
): ((sample: Sample, source: SampleSource) => Sample | undefined) | undefined {
	const question = name.startsWith('table_') ? name.slice('table_'.length) : '';
	const element = askElement(question, Number(args[0]));
	const ask = element ?? QUESTIONS.get(question);
	const tableName = args[element === undefined ? 0 : 1] ?? '';
	if (name !== 'in_table' && ask === undefined) return undefined;
	return (sample, {counters}) => {
		const table = counters?.tables.get(tableName);
		if (table === undefined) return undefined;
		const nowMs = counters!.tables.nowMs();
		if (ask !== undefined) return ask(table, sample, nowMs);
		const key = table.keyOf(sample);
		return key !== undefined && table.shared.has(key, nowMs);
	};
}

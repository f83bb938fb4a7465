/**
 * Commands about stick tables: look, set, clear.
 *
 * Decides arguments, filters and answers in HAProxy's form (HAProxy manual, `show table`). Leaves the entries to the tables themselves.
 */
import type {Server, StickColumnName} from '@hapair/config';
import type {Column} from '../../stick/layout.ts';
import {type EntryView, type SharedStickTable, type StickKey, TableBusyError} from '../../stick/shared-stick-table.ts';
import {formatKey, KeyBuffer} from '../../stick/stick-key.ts';
import {type Command, type CommandContext, CommandError, mayUse} from '../command.ts';

const OPERATORS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
	eq: (a, b) => a === b,
	ne: (a, b) => a !== b,
	le: (a, b) => a <= b,
	ge: (a, b) => a >= b,
	lt: (a, b) => a < b,
	gt: (a, b) => a > b,
};
const MAX_FILTERS = 4;
const CLEAR_FORM = 'Required arguments: <table> "data.<store_data_type>" <operator> <value> or <table> key <key>';
const SET_FORM = 'Required arguments: <table> key <key> [data.<store_data_type> <value>]*';

type Filter = (view: EntryView) => boolean;

/** Tables are known to `key` and `data.…` words only through this. */
interface Asked {
	readonly shared: SharedStickTable;
	readonly key: StickKey | undefined;
	readonly filters: readonly Filter[];
}

function findTable({runtime}: CommandContext, name: string): SharedStickTable {
	const shared = runtime.stickTables.find(({table}) => table.name === name);
	if (shared === undefined) throw new CommandError('No such table');
	return shared;
}

function readKey({table}: SharedStickTable, text: string | undefined): StickKey {
	if (text === undefined) throw new CommandError('Key value expected');
	const key = new KeyBuffer(table).fill(table.type === 'binary' ? Buffer.from(text, 'hex').toString('latin1') : text);
	if (key === undefined) throw new CommandError(`'${text}' is not a key of type ${table.type}`);
	return key;
}

function readColumn(shared: SharedStickTable, word: string, prefix = ''): Column {
	const name = word.slice('data.'.length) as StickColumnName;
	const column = shared.column(name);
	if (column !== undefined) return column;
	throw new CommandError(`${prefix}Unknown data type`);
}

function readFilters(shared: SharedStickTable, words: readonly string[]): readonly Filter[] {
	const filters: Filter[] = [];
	for (let at = 0; at < words.length; at += 3) {
		const prefix = `Filter entry #${filters.length + 1}: `;
		const [name = '', operator = '', text] = words.slice(at, at + 3);
		if (!name.startsWith('data.') || filters.length === MAX_FILTERS) throw new CommandError(CLEAR_FORM);
		const column = readColumn(shared, name, prefix);
		const compare = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator]! : undefined;
		if (compare === undefined) {
			throw new CommandError(`${prefix}Require and operator among "eq", "ne", "le", "ge", "lt", "gt"`);
		}
		if (text === undefined || !/^-?\d{1,15}$/.test(text)) {
			throw new CommandError(`${prefix}Require a valid integer value to compare against`);
		}
		const place = shared.layout.columns.indexOf(column);
		filters.push(({values}) => compare(values[place]!, Number(text)));
	}
	return filters;
}

function readAsked(context: CommandContext, [name = '', ...rest]: readonly string[]): Asked {
	const shared = findTable(context, name);
	if (rest[0] === 'key') return {shared, key: readKey(shared, rest[1]), filters: []};
	return {shared, key: undefined, filters: readFilters(shared, rest)};
}

/** The line that begins a table. */
function describe(shared: SharedStickTable): string {
	const {name, type, size} = shared.table;
	return `# table: ${name}, type: ${type}, size:${size}, used:${shared.used}\n`;
}

function formatEntry({runtime}: CommandContext, {table, layout}: SharedStickTable, view: EntryView): string {
	const data = layout.columns.map(({name, periodMs}, place) => {
		const label = periodMs === 0 ? name : `${name}(${periodMs})`;
		return ` ${label}=${view.values[place]}`;
	});
	if (table.holdsServers) {
		const id = view.values[layout.columns.findIndex(({name}) => name === 'server_id')];
		const server = serverOf(runtime.configuration.backends, table.name, id);
		const key = table.showsAddresses === true ? addressOf(server) : server?.name;
		// Where HAProxy has it: behind everything but failures and arrays.
		const place = layout.columns.findIndex(({name, isElement}) => isElement || name.startsWith('http_fail'));
		data.splice(place < 0 ? data.length : place, 0, ` server_key=${key ?? '-'}`);
	}
	const name = `0x${(view.slot + 1).toString(16).padStart(8, '0')}`;
	return `${name}: key=${formatKey(table, view.key)} use=${view.use} exp=${view.expiresMs}${data.join('')}\n`;
}

/** Of a backend that sticks by this table: numbers of servers are its own. */
function serverOf(
	backends: CommandContext['runtime']['configuration']['backends'],
	table: string,
	id: number | undefined,
): Server | undefined {
	const users = backends.filter(
		({stickRules, appSession}) => appSession?.table === table || stickRules?.some(rule => rule.table === table),
	);
	return users.flatMap(({servers}) => servers).find(server => server.id === id);
}

/** `srvkey addr` */
function addressOf(server: Server | undefined): string | undefined {
	const address = server?.address;
	if (address?.kind === 'unix') return address.path;
	return address?.kind === 'ip' ? `${address.host}:${address.port}` : undefined;
}

function showTable(context: CommandContext, args: readonly string[]): string {
	const nowMs = context.runtime.nowMs();
	if (args.length === 0) {
		for (const shared of context.runtime.stickTables) shared.expireAll(nowMs);
		return context.runtime.stickTables.map(describe).join('');
	}
	const {shared, key, filters} = readAsked(context, args);
	shared.expireAll(nowMs);
	if (key !== undefined && mayUse(context.conversation.level, 'operator')) {
		const view = shared.viewByKey(key, nowMs);
		return view === undefined ? '' : describe(shared) + formatEntry(context, shared, view);
	}
	let text = describe(shared);
	// As in HAProxy: who clients are is the operators' business.
	if (!mayUse(context.conversation.level, 'operator')) return text;
	// By key, as HAProxy's trees have them.
	const views = [...shared.list(nowMs)].sort((a, b) => Buffer.compare(a.key, b.key));
	for (const view of views) {
		if (filters.every(holds => holds(view))) text += formatEntry(context, shared, view);
	}
	return text;
}

function clearTable(context: CommandContext, args: readonly string[]): string {
	if (args.length === 0 || (args.length > 1 && args[1] !== 'key' && !args[1]!.startsWith('data.'))) {
		throw new CommandError(CLEAR_FORM);
	}
	const nowMs = context.runtime.nowMs();
	const {shared, key, filters} = readAsked(context, args);
	if (key !== undefined) {
		if (shared.removeByKey(key, nowMs) === 'busy') throw new CommandError('Entry currently in use, cannot remove');
		return '';
	}
	for (const view of [...shared.list(nowMs)]) {
		if (filters.every(holds => holds(view))) shared.removeByKey({bytes: view.key, length: view.key.length}, nowMs);
	}
	return '';
}

function setTable(context: CommandContext, [name, word, text, ...rest]: readonly string[]): string {
	if (name === undefined || word !== 'key') throw new CommandError(SET_FORM);
	const shared = findTable(context, name);
	const key = readKey(shared, text);
	const values: [Column, number][] = [];
	for (let at = 0; at < rest.length; at += 2) {
		if (!rest[at]!.startsWith('data.')) throw new CommandError('"data.<type>" followed by a value expected');
		const column = readColumn(shared, rest[at]!);
		const value = rest[at + 1];
		if (value === undefined || !/^\d{1,15}$/.test(value))
			throw new CommandError('Require a valid integer value to store');
		values.push([column, Number(value)]);
	}
	if (!shared.setByKey(key, values, context.runtime.nowMs())) throw new CommandError('Unable to allocate a new entry');
	return '';
}

/** The main thread never waits long for a table: a worker that died with its lock is being replaced. */
function whenFree(run: (context: CommandContext, args: readonly string[]) => string): Command['run'] {
	return (context, args) => {
		try {
			return run(context, args);
		} catch (error) {
			if (error instanceof TableBusyError) throw new CommandError(error.message);
			throw error;
		}
	};
}

export const tableCommands: readonly Command[] = [
	{
		name: 'show table',
		usage: '[<table> [key <key>|data.<type> <op> <value>]]',
		help: 'stick tables, or the entries of one',
		level: 'user',
		run: whenFree(showTable),
	},
	{
		name: 'clear table',
		usage: '<table> [key <key>|data.<type> <op> <value>]',
		help: 'removes entries of a stick table that are not in use',
		level: 'admin',
		run: whenFree(clearTable),
	},
	{
		name: 'set table',
		usage: '<table> key <key> [data.<type> <value>]*',
		help: 'writes an entry of a stick table',
		level: 'admin',
		run: whenFree(setTable),
	},
];

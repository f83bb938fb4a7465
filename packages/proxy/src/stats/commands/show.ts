/**
 * `show …`: everything that can be read on the stats socket.
 *
 * Decides arguments; the texts are made by the formatters beside this folder.
 */
import {type Command, type CommandContext, CommandError, mayUse} from '../command.ts';
import {formatCsv} from '../csv.ts';
import {type ErrorFilter, formatErrors} from '../errors-text.ts';
import {formatInfo, infoItems} from '../info.ts';
import {formatSchema} from '../json-schema.ts';
import {findIid, findShownBackend} from '../names.ts';
import {ALL_ROWS, collectRows, type RowFilter} from '../rows.ts';
import {formatServersState} from '../servers-state.ts';
import {formatSession, formatSessions} from '../sessions-text.ts';
import {formatJsonItems, formatJsonRows, formatTypedItems, formatTypedRows} from '../typed.ts';

/** Words that are no option are passed over, as HAProxy does; three or more begin with a filter. */
function showStat({runtime, conversation}: CommandContext, args: readonly string[]): string {
	const hasFilter = args.length >= 3;
	const filter = hasFilter ? readFilter(runtime.configuration, args) : ALL_ROWS;
	const options = args.slice(hasFilter ? 3 : 0);
	const without = options.includes('up') ? 'down' : options.includes('no-maint') ? 'maint' : undefined;
	const source = runtime.source(mayUse(conversation.level, 'operator'));
	const rows = collectRows(source, {...filter, ...(without ? {without} : {})});
	switch (formatOf(options)) {
		case 'typed':
			return formatTypedRows(rows, options.includes('desc'));
		case 'json':
			return formatJsonRows(rows);
		default:
			return formatCsv(rows);
	}
}

/** The last one said counts. */
function formatOf(options: readonly string[]): 'typed' | 'json' | undefined {
	return options.findLast(option => option === 'typed' || option === 'json') as 'typed' | 'json' | undefined;
}

function showInfo({runtime}: CommandContext, options: readonly string[]): string {
	const source = runtime.source(false);
	const facts = runtime.processFacts;
	const hasMeaning = options.includes('desc');
	switch (formatOf(options)) {
		case 'typed':
			return formatTypedItems(infoItems(source, facts), hasMeaning);
		case 'json':
			return formatJsonItems(infoItems(source, facts));
		default:
			return formatInfo(source, facts, hasMeaning);
	}
}

function readFilter(configuration: CommandContext['runtime']['configuration'], args: readonly string[]): RowFilter {
	const [proxy = '', types = '', sid = ''] = args;
	if (!/^-?\d+$/.test(types) || !/^-?\d+$/.test(sid)) {
		throw new CommandError("'show stat' expects a proxy, the sum of its kinds of rows, and the number of a server.");
	}
	return {iid: findIid(configuration, proxy), types: Number(types), sid: Number(sid)};
}

async function showSessions({runtime}: CommandContext, [name]: readonly string[]): Promise<string> {
	const {sessions} = await runtime.inspect();
	if (name === undefined) return formatSessions(sessions);
	const found = name === 'all' ? sessions : sessions.filter(({session}) => session === name);
	if (found.length === 0 && name !== 'all') throw new CommandError('Session not found.');
	return found.map(formatSession).join('');
}

async function showErrors({runtime}: CommandContext, args: readonly string[]): Promise<string> {
	const {configuration, table} = runtime;
	const kind = args.at(-1) === 'request' || args.at(-1) === 'response' ? args.at(-1) : undefined;
	const [proxy = '-1'] = kind === undefined ? args : args.slice(0, -1);
	const filter: ErrorFilter = {
		iid: findIid(configuration, proxy),
		...(kind === undefined ? {} : {kind: kind as 'request' | 'response'}),
	};
	const {badMessages} = await runtime.inspect();
	return formatErrors(configuration, badMessages, table.badMessages, runtime.source(false).wallMs, filter);
}

function showServersState({runtime}: CommandContext, [name]: readonly string[]): string {
	const {backends} = runtime.configuration;
	const shown = name === undefined ? backends : [backends[findShownBackend(runtime.configuration, name)]!];
	return formatServersState(
		runtime.source(true),
		shown.filter(({disabled}) => !disabled),
	);
}

export const showCommands: readonly Command[] = [
	{
		name: 'show backend',
		usage: '',
		help: 'names of the backends',
		level: 'user',
		run: ({runtime}) => `# name\n${runtime.configuration.backends.map(({name}) => `${name}\n`).join('')}`,
	},
	{
		name: 'show errors',
		usage: '[<proxy>] [request|response]',
		help: 'the last messages of each proxy that were refused',
		level: 'operator',
		run: showErrors,
	},
	{
		name: 'show info',
		usage: '[typed|json] [desc]',
		help: 'the process in figures',
		level: 'user',
		run: showInfo,
	},
	{
		name: 'show schema json',
		usage: '',
		help: 'the shape of what `json` writes',
		level: 'user',
		run: formatSchema,
	},
	{
		name: 'show servers state',
		usage: '[<backend>]',
		help: 'states of servers, to be loaded again',
		level: 'user',
		run: showServersState,
	},
	{name: 'show sess', usage: '[<id>|all]', help: 'client connections', level: 'operator', run: showSessions},
	{
		name: 'show stat',
		usage: '[<proxy> <kinds> <server>] [typed|json] [desc] [up|no-maint]',
		help: 'statistics as CSV, typed lines or JSON',
		level: 'user',
		run: showStat,
	},
	{
		name: 'show version',
		usage: '',
		help: 'the version of this program',
		level: 'user',
		run: ({runtime}) => `${runtime.processFacts.version}\n`,
	},
];

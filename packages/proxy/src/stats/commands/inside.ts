/**
 * `show cli`, `show servers conn`, `show activity` and the like: how the process works inside.
 *
 * Decides what is told, in HAProxy's form where programs read it; the figures are this program's own.
 */
import {readdirSync, readlinkSync} from 'node:fs';
import {Counter} from '../../shared-table.ts';
import {readMemoryUsage} from '../../system/memory-usage.ts';
import type {Command, CommandContext} from '../command.ts';
import {findShownBackend} from '../names.ts';
import {readServerFacts} from '../server-facts.ts';
import {describeSocket} from '../socket-places.ts';

function showConnections({runtime}: CommandContext, [name]: readonly string[]): string {
	const {configuration, table} = runtime;
	const shown =
		name === undefined ? configuration.backends : [configuration.backends[findShownBackend(configuration, name)]!];
	let text =
		'# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb safe_nb idle_lim idle_cur ' +
		`idle_per_thr[${table.workerCount}]\n`;
	for (const backend of shown) {
		for (const server of backend.servers) {
			const {host, port, needed} = {...readServerFacts(table, server), needed: runtime.neededConnections(server.index)};
			const [unsafe, safe] = [table.serverIdle(server.index, false), table.serverIdle(server.index, true)];
			const most = table.readMax(table.row('server', server.index), Counter.maxConnections);
			const threads = Array.from({length: table.workerCount}, (_, worker) => table.serverIdleOf(server.index, worker));
			text +=
				`${backend.name}/${server.name} ${backend.id}/${server.id} ${host} ${port} - 5000 ` +
				`${table.serverSlots(server.index)} ${most} ${needed} ${unsafe} ${safe} -1 ${unsafe + safe} ${threads.join(' ')}\n`;
		}
	}
	return text;
}

function showSockets({runtime}: CommandContext): string {
	const lines = runtime.configuration.global.statsSockets.map(
		({address, level}) => `${describeSocket(address)} ${level} all\n`,
	);
	return `# socket lvl processes\n${lines.join('')}`;
}

/** One line a figure: the sum, then each thread. */
function showActivity({runtime}: CommandContext): string {
	const {table} = runtime;
	const line = (name: string, values: readonly number[]) =>
		`${name}: ${values.reduce((sum, value) => sum + value, 0)} [ ${values.join(' ')} ]\n`;
	const perThread = (count: (worker: number) => number) =>
		Array.from({length: table.workerCount}, (_, worker) => count(worker));
	return [
		`date_now: ${(runtime.source(false).wallMs / 1000).toFixed(6)}\n`,
		line(
			'conns',
			perThread(worker => table.connectionsOf(worker)),
		),
		line(
			'transactions',
			perThread(worker => table.transactionsOf(worker)),
		),
		`idle_pct: ${runtime.processFacts.idlePercent}\n`,
	].join('');
}

function showThreads({runtime}: CommandContext): string {
	const {table} = runtime;
	return Array.from(
		{length: table.workerCount},
		(_, worker) =>
			`  Thread ${worker + 1} : act=${Number(table.transactionsOf(worker) > 0)} conns=${table.connectionsOf(worker)} ` +
			`transactions=${table.transactionsOf(worker)}\n`,
	).join('');
}

function showPools(): string {
	const {rss, heapTotal, heapUsed, external, arrayBuffers} = readMemoryUsage();
	const lines = Object.entries({
		heap: [heapTotal, heapUsed],
		external: [external, external],
		arrayBuffers: [arrayBuffers, arrayBuffers],
	});
	const text = lines.map(
		([name, [allocated, used]]) => `  - Pool ${name} : ${allocated} bytes allocated, ${used} used\n`,
	);
	return `Dumping pools usage.\n${text.join('')}Total: ${lines.length} pools, ${rss} bytes allocated, ${heapUsed} used.\n`;
}

/** What the system says of open descriptors. */
function showDescriptors(_context: CommandContext, [wanted]: readonly string[]): string {
	return readdirSync('/proc/self/fd')
		.filter(fd => wanted === undefined || fd === wanted)
		.sort((a, b) => Number(a) - Number(b))
		.flatMap(fd => {
			try {
				return [`${fd.padStart(7)} : ${readlinkSync(`/proc/self/fd/${fd}`)}\n`];
			} catch {
				// Closed since the directory was read.
				return [];
			}
		})
		.join('');
}

const row = (name: string, usage: string, help: string, level: Command['level'], run: Command['run']): Command => ({
	name,
	usage,
	help,
	level,
	run,
});

export const insideCommands: readonly Command[] = [
	row('show activity', '', 'what each thread does', 'operator', showActivity),
	row(
		'show cli level',
		'',
		'the permissions of this connection',
		'user',
		({conversation}) => `${conversation.level}\n`,
	),
	row('show cli sockets', '', 'the stats sockets', 'operator', showSockets),
	row('show fd', '[<descriptor>]', 'open files and sockets', 'operator', showDescriptors),
	row('show pools', '', 'memory', 'operator', showPools),
	row('show servers conn', '[<backend>]', 'connections to servers', 'user', showConnections),
	row('show threads', '', 'the worker threads', 'operator', showThreads),
];

/** Runs an engine from the text of a configuration, in the test's own thread. */

import type net from 'node:net';
import type {Configuration} from '@hapair/config';
import {parseConfiguration} from '@hapair/config';
import type {ExecutionContext} from 'ava';
import {startWorkerCore, type WorkerCore} from '../../src/engine/worker-core.ts';
import {ServerState, SharedTable} from '../../src/shared-table.ts';
import {SharedStickTable} from '../../src/stick/shared-stick-table.ts';
import {answering, Client, startServer, waitFor} from './engine.ts';

/** What every scenario has; `log` is only needed so that lines are made. */
export const DEFAULTS = `
global
    log 127.0.0.1:9 local0
defaults
    mode http
    log global
    option httplog
    timeout connect 2s
    timeout client 5s
    timeout server 5s
`;

export interface TestProxy {
	readonly configuration: Configuration;
	readonly core: WorkerCore;
	readonly table: SharedTable;
	/** As the main thread sees it. */
	stickTable(name: string): SharedStickTable;
	/** Log lines so far, with severity. */
	readonly lines: readonly {readonly severity: number; readonly text: string}[];
	/** Of a frontend's first bind. */
	port(frontend: string): number;
	/** Connects to the first frontend, or to the named one. */
	connect(frontend?: string): Client;
	/** Waits for line `count` and returns it, times and dates replaced by `T`, ports of clients by `P`. */
	line(count?: number): Promise<string>;
	/** Marks a server up or down, as a check would. */
	setServer(backend: string, server: string, isUp: boolean): void;
}

/** Starts `text` (beside the usual defaults) and ends it with the test. `bind 127.0.0.1:1` takes a free port. */
export async function startProxy(
	t: ExecutionContext,
	text: string,
	errorFiles: Readonly<Record<string, Uint8Array>> = {},
): Promise<TestProxy> {
	const configuration = readConfiguration(DEFAULTS + text, errorFiles);
	const table = SharedTable.create(configuration, 1);
	const stickTables = configuration.stickTables.map(one => SharedStickTable.create(one, 1, 1));
	const lines: {severity: number; text: string}[] = [];
	const core = await startWorkerCore(
		{
			configuration,
			table: table.buffer,
			stickTables: stickTables.map(({buffer}) => buffer),
			workerIndex: 0,
			errorFiles,
			reusePort: false,
		},
		({severity, text: line}) => lines.push({severity, text: line}),
	);
	const clients: Client[] = [];
	t.teardown(async () => {
		for (const client of clients) client.socket.destroy();
		core.stop('hard');
		await core.stopped;
	});
	const port = (name: string): number => {
		const index = configuration.frontends.findIndex(frontend => frontend.name === name);
		return core.ports.find(bound => bound.frontend === index)!.port;
	};
	return {
		configuration,
		core,
		table,
		stickTable: name => stickTables.find(one => one.table.name === name)!,
		lines,
		port,
		connect(name = configuration.frontends[0]!.name) {
			const client = new Client(port(name));
			clients.push(client);
			return client;
		},
		async line(count = 1) {
			await waitFor(() => lines.length >= count);
			return maskLine(lines[count - 1]!.text);
		},
		setServer(backend, server, isUp) {
			const index = configuration.backends.findIndex(({name}) => name === backend);
			const found = configuration.backends[index]!.servers.find(({name}) => name === server)!;
			table.setServer(index, found.index, isUp ? ServerState.up : ServerState.down, found.weight);
		},
	};
}

/** Reads a configuration that must be right; ports 1 to 9 stand for any free one. */
export function readConfiguration(text: string, files: Readonly<Record<string, Uint8Array>> = {}): Configuration {
	const {configuration, diagnostics} = parseConfiguration([{name: 'test.cfg', text}], {
		environment: {},
		readFile: path => (files[path] === undefined ? undefined : Buffer.from(files[path]).toString()),
	});
	if (configuration === undefined) throw new Error(diagnostics.map(({message}) => message).join('\n'));
	const frontends = configuration.frontends.map(frontend => ({
		...frontend,
		binds: frontend.binds.map(bind =>
			bind.address.kind === 'ip' && bind.address.port < 10 ? {...bind, address: {...bind.address, port: 0}} : bind,
		),
	}));
	return {...configuration, frontends};
}

/** Ports, dates and times that differ from run to run; -1 and 0-or-more stay apart. */
export function maskLine(line: string): string {
	return line
		.replace(/^([0-9.]+):[0-9]+ \[[^\]]+\]/, '$1:P [T]')
		.replace(/ ((?:\+?-?[0-9]+\/){2,4}\+?-?[0-9]+) (?=\+?-?[0-9]+ )/, times =>
			times.replace(/(?<![-0-9])[0-9]+/g, 'T'),
		);
}

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
export const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** A server for the length of the test; without `serve` it answers every request with `OK`. Returns its port. */
export async function serve(
	t: ExecutionContext,
	onConnection: (socket: net.Socket) => void = answering(() => OK),
): Promise<number> {
	const server = await startServer(onConnection);
	t.teardown(() => server.close());
	return server.port;
}

/** A server that answers each head with itself as the body. Returns its port. */
export function serveEcho(t: ExecutionContext): Promise<number> {
	return serve(
		t,
		answering(head => `HTTP/1.1 200 OK\r\nContent-Length: ${head.length}\r\n\r\n${head}`),
	);
}

/** A frontend `in` that leads to a backend `out` with one server `s1`. */
export function simple(port: number, {frontend = '', backend = ''} = {}): string {
	return `
frontend in
    bind 127.0.0.1:1
    default_backend out
    ${frontend}
backend out
    ${backend}
    server s1 127.0.0.1:${port}
`;
}

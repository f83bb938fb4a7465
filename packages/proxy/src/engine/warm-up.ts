/**
 * A few requests to itself, so that the first client of a standby that has just become master is not the first request of the thread's life.
 *
 * Decides what is practised: the thread's own configuration, rules and all, in a second engine of its own whose table, stick tables and patterns
 * nobody else sees, which logs nothing, listens on a loopback port of the kernel's choice for a moment and has one server inside. Measured on a
 * quiet thread: the first four requests take 15, 8, 5 and 1.5 ms, each later one 0.5. What goes wrong here matters to nobody: it is given up.
 */
import {type AddressInfo, connect, createServer, type Server as NetServer} from 'node:net';
import type {Backend, Configuration, Frontend, Server, SocketAddress} from '@hapair/config';
import {SharedTable} from '../shared-table.ts';
import {SharedStickTable} from '../stick/shared-stick-table.ts';
import type {WorkerSetup} from '../worker-messages.ts';
import {startWorkerCore, type WorkerCore} from './worker-core.ts';

/** Frontends that are practised, and connections to each: the first ask twice. */
const mostFrontends = 4;
const connections = 6;
const answerLimitMs = 500;
/** However long a rule makes a request wait. */
const wholeLimitMs = 3000;
const stickTableSize = 64;
const request = 'GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: hapair\r\nAccept: */*\r\n';
const answer = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok';
const loopback = '127.0.0.1';

/** Resolves with the count of answers when it is done or given up; never rejects. */
export async function warmUp(setup: WorkerSetup): Promise<number> {
	const server = await startServer();
	if (server === undefined) return 0;
	let answers = 0;
	let core: WorkerCore | undefined;
	const endMs = performance.now() + wholeLimitMs;
	try {
		core = await startWorkerCore(practiceSetup(setup, (server.address() as AddressInfo).port), () => {});
		for (const {port} of core.ports) {
			for (let round = 0; round < connections && performance.now() < endMs; round++) answers += await ask(port);
		}
	} catch {
		// A configuration that cannot be practised is served all the same.
	} finally {
		core?.stop('hard');
		server.close();
	}
	return answers;
}

/** The same rules under other sockets. */
function practiceSetup(setup: WorkerSetup, serverPort: number): WorkerSetup {
	const configuration = practiceConfiguration(setup.configuration, serverPort);
	return {
		configuration,
		table: SharedTable.create(configuration, 1).buffer,
		workerIndex: 0,
		stickTables: configuration.stickTables.map(table => SharedStickTable.create(table, 1, 1).buffer),
		errorFiles: setup.errorFiles,
		reusePort: false,
	};
}

function practiceConfiguration(given: Configuration, serverPort: number): Configuration {
	const chosen = new Set(given.frontends.filter(({disabled}) => !disabled).slice(0, mostFrontends));
	const address: SocketAddress = {kind: 'ip', host: loopback, port: serverPort};
	return {
		...given,
		stickTables: given.stickTables.map(table => ({...table, size: Math.min(table.size, stickTableSize)})),
		frontends: given.frontends.map(frontend => practiceFrontend(frontend, chosen.has(frontend))),
		backends: given.backends.map((backend): Backend => {
			return {...backend, servers: backend.servers.map(server => practiceServer(server, address))};
		}),
	};
}

function practiceFrontend(frontend: Frontend, isChosen: boolean): Frontend {
	const [bind] = frontend.binds;
	if (!isChosen || bind === undefined) return {...frontend, binds: [], disabled: true};
	const {position} = bind;
	const address: SocketAddress = {kind: 'ip', host: loopback, port: 0};
	const practised = {address, text: `${loopback}:0`, v6only: false, transparent: false, position};
	return {...frontend, binds: [practised], logTargets: []};
}

/** Only what concerns the way to it is other; its cookie, weight and limits stay. */
function practiceServer(server: Server, address: SocketAddress): Server {
	const {
		source: _source,
		sourceAddress: _from,
		target: _target,
		sendProxy: _proxy,
		check: _check,
		agent: _agent,
		...rest
	} = server;
	const {portOffset: _offset, ...kept} = rest;
	return {...kept, address, disabled: false};
}

function startServer(): Promise<NetServer | undefined> {
	return new Promise(resolve => {
		const server = createServer(socket => {
			socket.on('error', () => socket.destroy());
			socket.on('data', () => socket.write(answer));
		});
		server.once('error', () => resolve(undefined));
		server.listen(0, loopback, () => resolve(server));
		server.unref();
	});
}

/** Two requests on one connection, each after the answer to the one before. Resolves in the end, whatever comes, with how many came. */
function ask(port: number): Promise<number> {
	return new Promise(resolve => {
		const socket = connect(port, loopback);
		const limit = setTimeout(() => socket.destroy(), answerLimitMs);
		let answers = 0;
		socket.on('connect', () => socket.write(`${request}\r\n`));
		socket.on('data', () => {
			answers += 1;
			if (answers === 1) socket.write(`${request}Connection: close\r\n\r\n`);
			else socket.destroy();
		});
		socket.on('error', () => socket.destroy());
		socket.on('close', () => {
			clearTimeout(limit);
			resolve(answers);
		});
	});
}

/**
 * A worker thread: one `WorkerCore` between its parent port and its setup.
 *
 * Decides how the thread begins and ends. It never mends itself: an error that nobody expected ends the thread, and the
 * supervisor starts another.
 */
import {parentPort, workerData} from 'node:worker_threads';
import {BindError} from './engine/door.ts';
import {PageOrders} from './engine/page-orders.ts';
import {rawLoop} from './engine/raw-loop.ts';
import {warmUp} from './engine/warm-up.ts';
import {startWorkerCore, type WorkerCore} from './engine/worker-core.ts';
import {LogSender} from './log/log-sender.ts';
import type {LookupsSnapshot} from './patterns/lookups.ts';
import type {FromWorker, ToWorker, WorkerData, WorkerLogLine} from './worker-messages.ts';
import {keepGivingSigns} from './workers/sign-of-life.ts';

const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker thread only.');
const {log, descriptors, warmsUp, ...setup} = workerData as WorkerData;
const {frontends} = setup.configuration;
const loop = rawLoop();
if (loop !== undefined) loop.journal = new Int32Array(descriptors);
const sender = new LogSender(log);

function post(message: FromWorker): void {
	port?.postMessage(message);
}

function sendLine({frontend, severity, text, structuredData}: WorkerLogLine): void {
	const {logTargets = [], log: {tag} = {}} = frontends[frontend] ?? {};
	sender.send(logTargets, severity, text, {tag, structuredData});
}

const pageOrders = new PageOrders((requestId, order) => post({type: 'order', requestId, order}));

/** Nothing else is said before the thread listens. */
function fetchLookups(): Promise<LookupsSnapshot> {
	return new Promise(resolve => {
		port?.once('message', (message: ToWorker) => {
			if (message.type === 'lookups') resolve(message.snapshot);
		});
		post({type: 'wantLookups'});
	});
}

/** Either loop has looked at its sockets then, this thread's own and Node's. */
const turnsToAccept = 3;

function afterTurns(count: number, done: () => void): void {
	if (count === 0) done();
	else setImmediate(afterTurns, count - 1, done);
}

function obey(core: WorkerCore, message: ToWorker): void {
	switch (message.type) {
		case 'drain':
			core.drain(message.on);
			break;
		case 'closeIdle':
			core.closeIdle();
			afterTurns(turnsToAccept, () => post({type: 'obeyed', requestId: message.requestId, ok: true}));
			break;
		case 'endAt':
			core.endAt(message.addresses);
			break;
		case 'stop':
			core.stop(message.mode);
			break;
		case 'hold':
			core.hold(message.on, message.binds);
			post({type: 'obeyed', requestId: message.requestId, ok: true});
			break;
		case 'listen':
			void core.listen(message.on).catch(() => {});
			break;
		case 'endSessions':
			core.endSessions(message.server, message.cause);
			break;
		case 'endSession': {
			const {requestId, session} = message;
			post({type: 'obeyed', requestId, ok: core.endSession(session)});
			break;
		}
		case 'obeyBoard': {
			const {requestId} = message;
			void core.obeyBoard().then(
				() => post({type: 'obeyed', requestId, ok: true}),
				() => post({type: 'obeyed', requestId, ok: false}),
			);
			break;
		}
		case 'setServers':
			core.setServers(message.backend, message.servers);
			post({type: 'obeyed', requestId: message.requestId, ok: true});
			break;
		case 'inspect': {
			const {sessions, badMessages} = core;
			post({type: 'inspected', requestId: message.requestId, sessions, badMessages});
			break;
		}
		case 'ordered':
			pageOrders.settle(message.requestId, message.outcome);
			break;
	}
}

try {
	const core = await startWorkerCore(
		setup,
		sendLine,
		(server, lastError) => post({type: 'trafficErrors', server, lastError}),
		order => pageOrders.place(order),
		fetchLookups,
	);
	if (loop !== undefined) loop.deadlines = core.deadlines;
	port.on('message', (message: ToWorker) => obey(core, message));
	keepGivingSigns();
	post({type: 'listening', ports: core.ports});
	if (warmsUp) void warmUp(setup);
	void core.stopped.then(() => {
		sender.close();
		post({type: 'stopped'});
		port.close();
	});
} catch (error) {
	if (!(error instanceof BindError)) throw error;
	post({type: 'bindFailed', frontend: error.frontend, bind: error.bind.text, code: error.code});
	port.close();
}

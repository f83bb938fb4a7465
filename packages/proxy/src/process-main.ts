/**
 * Entry of the proxy process, a child of the daemon: turns the messages of `messages.ts` into calls of the engine.
 *
 * Its life is the channel: the daemon says when to stop, and when the daemon is gone the proxy is too. INT and TERM that reach the
 * whole process group (a terminal's Ctrl-C, a service manager) are left to the daemon, which drains first. Leaves the two sides of a
 * reload to `reload/`.
 */
import type {Configuration} from '@hapair/config';
import {type Engine, type EngineOptions, type PreparedEngine, prepareEngine, StartError} from './engine.ts';
import type {FromProxy, ProxyOptions, ToProxy} from './messages.ts';
import {switchInProcess} from './privileges.ts';
import {Predecessor} from './reload/predecessor.ts';
import {Successor} from './reload/successor.ts';
import {keepSpareMemoryLow} from './system/spare-memory.ts';

type Start = Extract<ToProxy, {type: 'start'}>;

/** Transitions that come together (a dead switch takes many servers down) go out as one snapshot. */
const gatherMs = 5;
/** A planned failover waits for the snapshot that says that connections have had their turn. */
const drainingIntervalMs = 20;
/** With the door shut clients wait for it; that lasts for 400 ms at most, so that a large configuration pays no more for it. */
const shutIntervalMs = 5;

let engine: Engine | undefined;
let starting = false;
let gathering: NodeJS.Timeout | undefined;
let interval: NodeJS.Timeout | undefined;
let intervalMs = 250;
const successor = new Successor(send);
let predecessor: Predecessor | undefined;

/** `sent` is called in any case; `handle` is a socket that goes along. */
function send(message: FromProxy, sent?: () => void, handle?: unknown): void {
	if (!process.connected) {
		sent?.();
		return;
	}
	process.send?.(message, handle as undefined, {}, () => sent?.());
}

function sendSnapshot(): void {
	clearTimeout(gathering);
	gathering = undefined;
	if (engine) send({type: 'snapshot', snapshot: engine.snapshot()});
}

async function start({configuration, options, follows}: Start): Promise<void> {
	if (starting) return;
	starting = true;
	let prepared: PreparedEngine | undefined;
	try {
		const takenOver = follows === true ? await successor.receiveSockets(configuration) : undefined;
		prepared = await prepareEngine(configuration, engineOptions(configuration, options, takenOver));
		if (follows === true) await successor.receiveStates(prepared);
		engine = await prepared.begin();
		keepSpareMemoryLow();
		if (options.rootDirectory !== undefined) await engine.confine(options.rootDirectory);
		if (options.switchTo) switchInProcess(options.switchTo);
	} catch (error) {
		fail(error);
		return;
	}
	predecessor = new Predecessor(engine, send);
	send({type: 'ready', workers: engine.workerCount});
	sendSnapshot();
	intervalMs = Math.max(50, options.snapshotIntervalMs);
	repeatSnapshots(intervalMs);
}

function engineOptions(
	configuration: Configuration,
	options: ProxyOptions,
	takenOver: EngineOptions['takenOver'],
): EngineOptions {
	return {
		errorFiles: options.errorFiles,
		logTag: options.logTag,
		logPid: options.logPid,
		warmsUp: configuration.pair !== undefined,
		...(takenOver === undefined ? {} : {takenOver}),
		resolvesNames: options.rootDirectory !== undefined,
		onLog: (level, message, fields) => send({type: 'log', level, message, ...(fields ? {fields} : {})}),
		onChange() {
			gathering ??= setTimeout(sendSnapshot, gatherMs);
		},
	};
}

function fail(error: unknown): void {
	const message = error instanceof Error ? error.message : String(error);
	const hint = error instanceof StartError ? error.hint : undefined;
	// The exit waits for the message, but not for ever: a parent that reads nothing must not keep this process.
	setTimeout(() => process.exit(1), 1000);
	send({type: 'failed', message, ...(hint ? {hint} : {})}, () => process.exit(1));
}

function repeatSnapshots(everyMs: number): void {
	clearInterval(interval);
	interval = setInterval(sendSnapshot, everyMs);
}

async function stop(mode: 'soft' | 'hard', graceMs: number): Promise<void> {
	await engine?.stop(mode, graceMs);
	await end();
}

/** Ends with the last connection; until then the daemon hears of it, and what is counted, now and then. */
async function retire(): Promise<void> {
	repeatSnapshots(retiredIntervalMs);
	await predecessor?.retire();
	await end();
}

const retiredIntervalMs = 1000;

async function end(): Promise<void> {
	clearInterval(interval);
	sendSnapshot();
	// What is still in the channel would be lost.
	await new Promise<void>(resolve => {
		setTimeout(resolve, 1000);
		if (predecessor === undefined) resolve();
		else predecessor.tellCounted(resolve);
	});
	process.exit(0);
}

process.on('message', (message: ToProxy, handle: unknown) => {
	if (successor.hear(message, handle) || predecessor?.hear(message) === true) return;
	switch (message.type) {
		case 'start':
			void start(message);
			break;
		case 'inherit':
			engine?.take(message.state);
			break;
		case 'settleNews':
			void engine?.settle();
			break;
		case 'drain':
			engine?.drain(message.on);
			sendSnapshot();
			if (interval !== undefined) repeatSnapshots(message.on ? drainingIntervalMs : intervalMs);
			break;
		case 'closeIdle':
			void engine?.closeIdle().then(sendSnapshot);
			if (interval !== undefined) repeatSnapshots(shutIntervalMs);
			break;
		case 'endAt':
			engine?.endAt(message.addresses);
			break;
		case 'retire':
			void retire();
			break;
		case 'stop':
			void stop(message.mode, message.graceMs);
			break;
		case 'figures':
			if (engine) send({type: 'figures', requestId: message.requestId, figures: engine.figures()});
			break;
		case 'server': {
			const {backend, server, admin, requestId} = message;
			const result = engine?.setServer(backend, server, admin) ?? {ok: false, message: 'The proxy is not started yet.'};
			send({type: 'result', requestId, ...result});
			break;
		}
	}
});
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

if (process.send === undefined) {
	process.stderr.write(
		'This program is started by "hapair run"; to run the engine alone use "hapair proxy -f FILE".\n',
	);
	process.exit(2);
}

/**
 * Entry of the proxy process, a child of the daemon: turns the messages of `messages.ts` into calls of the engine.
 *
 * Its life is the channel: the daemon says when to stop, and when the daemon is gone the proxy is too. INT and TERM that reach the
 * whole process group (a terminal's Ctrl-C, a service manager) are left to the daemon, which drains first.
 */
import {type Engine, StartError, startEngine} from './engine.ts';
import type {FromProxy, ToProxy} from './messages.ts';
import {switchInProcess} from './privileges.ts';
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

function send(message: FromProxy, sent?: () => void): void {
	if (!process.connected) return;
	process.send?.(message, undefined, {}, () => sent?.());
}

function sendSnapshot(): void {
	clearTimeout(gathering);
	gathering = undefined;
	if (engine) send({type: 'snapshot', snapshot: engine.snapshot()});
}

async function start({configuration, options}: Start): Promise<void> {
	if (starting) return;
	starting = true;
	try {
		engine = await startEngine(configuration, {
			errorFiles: options.errorFiles,
			logTag: options.logTag,
			logPid: options.logPid,
			warmsUp: configuration.pair !== undefined,
			resolvesNames: options.rootDirectory !== undefined,
			onLog: (level, message, fields) => send({type: 'log', level, message, ...(fields ? {fields} : {})}),
			onChange() {
				gathering ??= setTimeout(sendSnapshot, gatherMs);
			},
		});
		keepSpareMemoryLow();
		if (options.rootDirectory !== undefined) await engine.confine(options.rootDirectory);
		if (options.switchTo) switchInProcess(options.switchTo);
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		const hint = error instanceof StartError ? error.hint : undefined;
		// The exit waits for the message, but not for ever: a parent that reads nothing must not keep this process.
		setTimeout(() => process.exit(1), 1000);
		send({type: 'failed', message, ...(hint ? {hint} : {})}, () => process.exit(1));
		return;
	}
	send({type: 'ready', workers: engine.workerCount});
	sendSnapshot();
	intervalMs = Math.max(50, options.snapshotIntervalMs);
	repeatSnapshots(intervalMs);
}

function repeatSnapshots(everyMs: number): void {
	clearInterval(interval);
	interval = setInterval(sendSnapshot, everyMs);
}

async function stop(mode: 'soft' | 'hard', graceMs: number): Promise<void> {
	await engine?.stop(mode, graceMs);
	clearInterval(interval);
	sendSnapshot();
	process.exit(0);
}

process.on('message', (message: ToProxy) => {
	switch (message.type) {
		case 'start':
			void start(message);
			break;
		case 'drain':
			engine?.drain(message.on);
			sendSnapshot();
			if (interval !== undefined) repeatSnapshots(message.on ? drainingIntervalMs : intervalMs);
			break;
		case 'closeIdle':
			engine?.closeIdle();
			if (interval !== undefined) repeatSnapshots(shutIntervalMs);
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

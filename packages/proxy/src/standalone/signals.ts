/**
 * haproxy's signals for an engine that runs alone: TERM and INT end it, USR1 lets it finish, TTOU and TTIN pause and resume
 * listening, HUP shows the servers' states, USR2 (and HUP) reload in master-worker mode.
 */
import type {Engine} from '../engine.ts';
import type {ProxySnapshot} from '../messages.ts';
import {readMemoryUsage} from '../system/memory-usage.ts';

export interface ServeOptions {
	readonly io: {err(text: string): void};
	/** Starts an engine from what the files say now; undefined when reloading is not on or the files are refused. */
	reload(): Promise<Engine | undefined>;
	readonly early: EarlySignals;
}

/** Signals that came before there was an engine. */
export interface EarlySignals {
	/** In the order in which they came. */
	readonly seen: readonly NodeJS.Signals[];
	/** Others listen now. */
	release(): void;
}

/**
 * Until the engine is there, signals that would not end it must not end, suspend or debug the program either (USR1 is Node's own
 * debugger signal): they are kept for `serveUntilSignal`.
 */
export function holdEarlySignals(): EarlySignals {
	const seen: NodeJS.Signals[] = [];
	const names = ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGTTOU', 'SIGTTIN'] as const;
	const note = (signal: NodeJS.Signals) => void seen.push(signal);
	const leave = () => process.exit(0);
	const endings = ['SIGTERM', 'SIGINT'] as const;
	for (const name of names) process.on(name, note);
	// There is nothing to finish yet.
	for (const name of endings) process.on(name, leave);
	return {
		seen,
		release() {
			for (const name of names) process.off(name, note);
			for (const name of endings) process.off(name, leave);
		},
	};
}

/** Resolves when the engine has ended because a signal said so. */
export function serveUntilSignal(first: Engine, options: ServeOptions): Promise<void> {
	let engine = first;
	let reloading = false;
	const retired = new Set<Promise<void>>();
	const {err} = options.io;

	return new Promise(resolve => {
		const handlers: Partial<Record<NodeJS.Signals, () => void>> = {};
		const finish = async (mode: 'soft' | 'hard') => {
			// A second, harder signal is heard while the first one's soft end is under way.
			await engine.stop(mode, Number.POSITIVE_INFINITY);
			if (mode === 'soft') await Promise.all(retired);
			for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
			clearInterval(alive);
			resolve();
		};
		const reload = async () => {
			if (reloading) return;
			reloading = true;
			try {
				const next = await options.reload();
				if (!next) return;
				const old = engine;
				engine = next;
				const end = old.stop('soft', Number.POSITIVE_INFINITY);
				retired.add(end);
				void end.then(() => retired.delete(end));
			} catch (error) {
				err(`Not reloaded, the old configuration goes on: ${error instanceof Error ? error.message : String(error)}\n`);
			} finally {
				reloading = false;
			}
		};
		handlers.SIGTERM = () => void finish('hard');
		handlers.SIGINT = () => void finish('hard');
		handlers.SIGUSR1 = () => void finish('soft');
		handlers.SIGTTOU = () => engine.pause(true);
		handlers.SIGTTIN = () => engine.pause(false);
		handlers.SIGUSR2 = () => void reload();
		handlers.SIGHUP = () => {
			err(describeStates(engine.snapshot()));
			void reload();
		};
		handlers.SIGQUIT = () => err(`${JSON.stringify(readMemoryUsage())}\n`);
		for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
		options.early.release();
		for (const signal of options.early.seen) handlers[signal]?.();
		// Worker threads keep the process alive, but not while a single dead one waits for its replacement.
		const alive = setInterval(() => {}, 2 ** 30);
	});
}

/** One line a server and one a proxy, as `kill -HUP` shows them. */
function describeStates({backends, frontends}: ProxySnapshot): string {
	const lines: string[] = [];
	for (const {name, listening, connections, totalConnections} of frontends) {
		lines.push(
			`Frontend ${name} is ${listening ? 'OPEN' : 'STOP'}, connections: ${connections}, total: ${totalConnections}.`,
		);
	}
	for (const {name, queued, servers} of backends) {
		for (const server of servers) {
			const {connections, queued: pending, status, totalSessions} = server;
			lines.push(
				`Server ${name}/${server.name} is ${status}, connections: ${connections}, pending: ${pending}, total: ${totalSessions}.`,
			);
		}
		lines.push(`Backend ${name}: ${servers.length} servers, queued: ${queued}.`);
	}
	return `${lines.join('\n')}\n`;
}

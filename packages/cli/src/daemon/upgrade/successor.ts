/**
 * The old daemon's side of an upgrade: it starts the program that is installed now, gives it what it asks for, and keeps the last connections.
 *
 * Decides that nothing is lost by a new program that is broken: until it asks to vacate, its end or its silence gives everything back to the
 * processes that are here. Leaves the order of the steps to the new daemon (`take-over.ts`), who may speak to the heartbeats and the kernel.
 * The new daemon is started by way of a shell that ends at once: it is then a child of the machine's first process, as its service manager
 * expects of a service's main process (sd_notify(3), MAINPID), and survives this one.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import type {Bequest, Fitness} from '@hapair/heartbeat';
import {type ExitCode, exitCodes} from '../../exit-codes.ts';
import type {Log} from '../../logging.ts';
import {formatDuration} from '../../terminal.ts';
import type {HeartbeatChild} from '../heartbeat-child.ts';
import {closeHandle} from '../proxy-replacement.ts';
import type {ProxySuccession} from '../proxy-succession.ts';
import {endsWithin} from '../within.ts';
import {type Estate, type FromSuccessor, handoverVersion, successorVariable, type ToSuccessor} from './messages.ts';

export interface UpgradeOutcome {
	readonly code: ExitCode;
	readonly message: string;
	readonly durationMs: number;
}

export interface UpgradePorts {
	/** Program and arguments, absolute path first. */
	readonly argv: readonly string[];
	readonly estate: () => Estate;
	/** Absent without a pair section. */
	readonly heartbeat:
		| Pick<HeartbeatChild, 'bequeath' | 'inherit' | 'resume' | 'leave' | 'restart' | 'shareFitness'>
		| undefined;
	readonly proxy: Pick<
		ProxySuccession,
		'meetHeir' | 'passOn' | 'dismissHeir' | 'retired' | 'drain' | 'closeIdle' | 'endAt' | 'stop'
	>;
	/** The heartbeat is the new daemon's from now on, or this one's again. */
	readonly onHeartbeat: (isOurs: boolean) => void;
	/** Closes what only one daemon can have; resolves with the rest of a maintenance that ends by itself. */
	readonly vacate: () => Promise<number | undefined>;
	/** This process is the main one of its service no longer. */
	readonly namesMain: (pid: number) => void;
	readonly log: Log;
	readonly progress: (message: string) => void;
}

/** From its start to its asking for the first thing: it reads the files, starts its processes and lets its tracks look once. */
const silenceLimitMs = 90_000;
/** The advertisement after which a heartbeat falls silent comes within one interval, of 40 s at most. */
const bequeathLimitMs = 45_000;
const resumeLimitMs = 5000;

export class Successor {
	readonly #ports: UpgradePorts;
	readonly #child: ChildProcess;
	readonly #startedMs = performance.now();
	readonly #outcome = Promise.withResolvers<UpgradeOutcome>();
	readonly #gone = Promise.withResolvers<void>();
	#patience: NodeJS.Timeout | undefined;
	#isUnderstood = false;
	#who = {version: 'unknown', pid: 0};
	/** The new heartbeat has what this one left. */
	#heartbeatGiven = false;
	#vacated = false;
	#over = false;

	constructor(ports: UpgradePorts) {
		this.#ports = ports;
		ports.progress('starting the program that is installed now beside this one');
		this.#child = spawn('/bin/sh', ['-c', '"$0" "$@" </dev/null &', ...ports.argv], {
			detached: true,
			stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
			env: {...process.env, [successorVariable]: '1'},
			serialization: 'advanced',
		});
		this.#child.on('message', (message, handle) => {
			closeHandle(handle);
			this.#hear(message as FromSuccessor);
		});
		this.#child.once('disconnect', () =>
			this.#lost('the new program ended before it had taken over; the log says more'),
		);
		this.#child.once('error', error => this.#lost(`the new program could not be started: ${error.message}`));
		this.#wait();
		ports.proxy.meetHeir({
			exchange: (message, socket, sent) => this.#send({type: 'proxy', message}, socket, sent),
			down: detail => this.#send({type: 'proxyDown', detail}),
			retiredChanged: () => this.#send({type: 'retired', retired: ports.proxy.retired}),
		});
		ports.heartbeat?.shareFitness(fitness => this.#shareFitness(fitness));
	}

	/** Resolves when the new program has taken over, or when all is as before. */
	get outcome(): Promise<UpgradeOutcome> {
		return this.#outcome.promise;
	}

	/** There is no way back. */
	get hasEverything(): boolean {
		return this.#vacated;
	}

	/** Resolves when the new daemon is gone. */
	get gone(): Promise<void> {
		return this.#gone.promise;
	}

	/** Gives it up, unless it is done. Resolves when all is as before, or after a while. */
	async abandon(why: string): Promise<void> {
		if (this.#over || this.#vacated) return;
		this.#send({type: 'abort'});
		this.#fail(why);
		await endsWithin(this.#gone.promise, resumeLimitMs);
	}

	/** Before it has said which handover it understands, nothing else is heard. */
	#hear(message: FromSuccessor): void {
		if (!this.#isUnderstood && message?.type !== 'hello' && message?.type !== 'failed') return;
		if (this.#over) {
			this.#hearLater(message);
			return;
		}
		this.#wait();
		const {heartbeat, proxy, progress, onHeartbeat} = this.#ports;
		switch (message.type) {
			case 'hello':
				this.#greet(message);
				break;
			case 'failed':
				this.#fail(message.message, message.refused ? exitCodes.refused : exitCodes.failed);
				break;
			case 'progress':
				progress(message.message);
				break;
			case 'proxy':
				proxy.passOn(message.message);
				break;
			case 'bequeath':
				void this.#bequeath();
				break;
			case 'begun':
				this.#heartbeatGiven = true;
				onHeartbeat(false);
				break;
			case 'declined':
				heartbeat?.resume();
				break;
			case 'giveBack':
				void this.#takeBack(message.bequest);
				break;
			case 'vacate':
				void this.#vacate();
				break;
			case 'serving':
				this.#succeed();
				break;
			default:
		}
	}

	#greet({handover, version, pid}: Extract<FromSuccessor, {type: 'hello'}>): void {
		this.#who = {version, pid};
		if (handover === handoverVersion) {
			this.#isUnderstood = true;
			this.#send({type: 'estate', estate: this.#ports.estate()});
			return;
		}
		this.#fail(
			`hapair ${version} cannot take over from this one while it runs (handover ${handover}, here ${handoverVersion}): restart the service, which hands the address over first`,
			exitCodes.refused,
		);
	}

	async #bequeath(): Promise<void> {
		const {heartbeat} = this.#ports;
		const answer = (await heartbeat?.bequeath(bequeathLimitMs)) ?? 'there is no heartbeat';
		if (typeof answer === 'string') this.#send({type: 'bequest', why: answer});
		else this.#send({type: 'bequest', bequest: answer, why: ''});
	}

	async #takeBack(bequest: Bequest): Promise<void> {
		const why = (await this.#ports.heartbeat?.inherit(bequest, resumeLimitMs)) ?? '';
		if (why === '') {
			this.#heartbeatGiven = false;
			this.#ports.onHeartbeat(true);
		}
		this.#send({type: 'back', why});
	}

	async #vacate(): Promise<void> {
		this.#vacated = true;
		this.#ports.heartbeat?.leave();
		const maintenanceLeftMs = await this.#ports.vacate();
		this.#send({type: 'vacated', ...(maintenanceLeftMs === undefined ? {} : {maintenanceLeftMs})});
	}

	#succeed(): void {
		this.#end();
		const {version, pid} = this.#who;
		this.#ports.namesMain(pid);
		this.#outcome.resolve({
			code: exitCodes.ok,
			message: `hapair ${version} has taken over (pid ${pid}, before ${process.pid})`,
			durationMs: Math.round(performance.now() - this.#startedMs),
		});
	}

	/** Orders to the proxy processes that are left here. */
	#hearLater(message: FromSuccessor): void {
		const {proxy} = this.#ports;
		if (message.type === 'drain') proxy.drain(message.on);
		else if (message.type === 'closeIdle') proxy.closeIdle();
		else if (message.type === 'endAt') proxy.endAt(message.addresses);
		else if (message.type === 'end') void proxy.stop(message.graceMs, new AbortController().signal);
	}

	#shareFitness(fitness: Fitness): void {
		this.#send({type: 'fitness', fitness});
	}

	/** It must go on asking for things. */
	#wait(): void {
		clearTimeout(this.#patience);
		if (this.#over) return;
		const why = `the new program did not go on within ${formatDuration(silenceLimitMs)}`;
		this.#patience = setTimeout(() => {
			this.#send({type: 'abort'});
			this.#fail(why);
		}, silenceLimitMs);
	}

	#lost(why: string): void {
		this.#gone.resolve();
		if (!this.#over) this.#fail(why);
	}

	/** All is as before, unless this daemon has given up what it cannot take back. */
	#fail(why: string, code: ExitCode = exitCodes.failed): void {
		if (this.#over) return;
		this.#end();
		const {heartbeat, proxy} = this.#ports;
		if (this.#child.connected) this.#child.disconnect();
		const durationMs = Math.round(performance.now() - this.#startedMs);
		if (this.#vacated) {
			const message = `${why}; this daemon had left everything to it, and ends`;
			this.#outcome.resolve({code: exitCodes.failed, message, durationMs});
			return;
		}
		proxy.dismissHeir();
		// The end of a heartbeat that had begun releases the address in order; what this one knew is over.
		if (this.#heartbeatGiven) {
			heartbeat?.restart();
			this.#ports.onHeartbeat(true);
		} else heartbeat?.resume();
		this.#outcome.resolve({code, message: `nothing was changed: ${why}`, durationMs});
	}

	#end(): void {
		this.#over = true;
		clearTimeout(this.#patience);
		this.#ports.heartbeat?.shareFitness(undefined);
	}

	#send(message: ToSuccessor, handle?: unknown, sent?: () => void): void {
		if (!this.#child.connected) {
			sent?.();
			return;
		}
		this.#child.send(message, handle as undefined, {}, () => sent?.());
	}
}

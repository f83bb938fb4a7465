/**
 * One heartbeat process in a namespace, spoken to like the daemon does.
 *
 * Decides how it is forked and what of its messages is kept. Leaves the wires to `test/lab/network.ts`.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import type {Pair} from '@hapair/config';
import {type FromHeartbeat, type HeartbeatStatus, heartbeatProcessPath, type ToHeartbeat} from '@hapair/heartbeat';
import {samplePair} from '../../packages/heartbeat/test/helpers/sample-pair.ts';
import {killAllIn} from '../lab/namespaces.ts';
import {addresses, type NodeRole, virtualAddress} from '../lab/network.ts';
import {findTool} from '../lab/tools.ts';
import {waitFor} from '../lab/wait.ts';

const {position} = samplePair;

/** The pair of the lab's wires. */
export function labPair(changes: Partial<Pair> = {}): Pair {
	return {
		...samplePair,
		name: 'lab',
		nodes: [
			{name: 'lb1', address: addresses.lb1, priority: 150, position},
			{name: 'lb2', address: addresses.lb2, priority: 100, position},
		],
		virtualAddresses: [{address: virtualAddress, prefixLength: 24, family: 4, interface: 'eth0', position}],
		secretFiles: [],
		...changes,
	};
}

export class HeartbeatNode {
	readonly namespace: string;
	readonly messages: FromHeartbeat[] = [];
	readonly #child: ChildProcess;
	#exitCode: number | null | undefined;

	/** @param follows Another process of this node has the address yet. */
	constructor(
		namespace: string,
		node: NodeRole,
		pair: Pair = labPair(),
		tools?: {ip?: string; nft?: string; arping?: string},
		follows = false,
	) {
		this.namespace = namespace;
		const argv = ['netns', 'exec', namespace, process.execPath, heartbeatProcessPath];
		this.#child = spawn(findTool('ip'), argv, {
			stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
			serialization: 'advanced',
			detached: true,
		});
		this.#child.on('message', message => this.messages.push(message as FromHeartbeat));
		this.#child.on('error', () => {});
		this.#child.once('exit', code => {
			this.#exitCode = code;
		});
		this.send({
			type: 'start',
			follows,
			setup: {
				pair,
				nodeName: node,
				keys: [{id: 7, secret: Buffer.alloc(32, 7)}],
				configDigest: 'ab'.repeat(16),
				tools: {ip: findTool('ip'), ...(tools ?? {nft: findTool('nft'), arping: findTool('arping')})},
				version: '0.1.0',
			},
		});
		this.send({type: 'fitness', fitness: {eligible: true, health: 255, reasons: []}});
	}

	get pid(): number {
		return this.#child.pid ?? 0;
	}

	/** Undefined while it runs; null when a signal ended it. */
	get exitCode(): number | null | undefined {
		return this.#exitCode;
	}

	get status(): HeartbeatStatus | undefined {
		return this.messages.findLast(message => message.type === 'status')?.status;
	}

	/** Waits for a message of this kind beyond the first `after`, and gives it. */
	hear<Kind extends FromHeartbeat['type']>(kind: Kind, after = 0): Promise<Extract<FromHeartbeat, {type: Kind}>> {
		const isKind = (message: FromHeartbeat): message is Extract<FromHeartbeat, {type: Kind}> => message.type === kind;
		return waitFor(`${this.namespace} to say ${kind}`, () => this.messages.filter(isKind)[after]);
	}

	/** Reasons of the events of one kind. */
	events(kind: string): string[] {
		return this.messages.flatMap(message =>
			message.type === 'event' && message.event.kind === kind ? [message.event.reason] : [],
		);
	}

	counter(name: string): number {
		return this.status?.counters[name] ?? 0;
	}

	send(message: ToHeartbeat): void {
		if (this.#child.connected) this.#child.send(message);
	}

	signal(signal: NodeJS.Signals): void {
		if (this.#exitCode === undefined) this.#child.kill(signal);
	}

	/** What the daemon's death does: the channel closes. */
	disconnect(): void {
		this.#child.disconnect();
	}

	waitFor(state: HeartbeatStatus['state'], deadlineMs = 8000): Promise<HeartbeatStatus> {
		return waitFor(`${this.namespace} to be ${state}`, () => (this.status?.state === state ? this.status : undefined), {
			deadlineMs,
		});
	}

	async waitForExit(): Promise<number | null> {
		await waitFor(`the heartbeat in ${this.namespace} to end`, () => this.#exitCode !== undefined);
		return this.#exitCode ?? null;
	}

	/** Kills it and everything else in its namespace. */
	destroy(): void {
		killAllIn(this.namespace);
	}
}

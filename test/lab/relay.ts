/**
 * Starts the relay that delays, overtakes and doubles the nodes' advertisements, and ends it.
 *
 * Decides when the switch stops passing them itself: once the relay takes them, so that none is lost and for a moment some come twice.
 * Cuts and losses of `network.ts` do not reach what the relay carries; a cable that is pulled does.
 */
import type {ChildProcess} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {killPid, spawnIn} from './namespaces.ts';
import type {Network} from './network.ts';
import type {Impairment, RelayCounts} from './relay-plan.ts';

export type RelayOrder =
	| {readonly kind: 'start'; readonly ports: readonly [string, string]; readonly impairment: Impairment}
	| {readonly kind: 'stop'};
export type RelayWord =
	| {readonly kind: 'ready'}
	| {readonly kind: 'started'}
	| {readonly kind: 'counts'; readonly counts: RelayCounts};

const program = fileURLToPath(new URL('relay-program.ts', import.meta.url));
const stopDeadlineMs = 5000;

export class Relay {
	readonly #network: Network;
	readonly #child: ChildProcess;
	readonly #counts: Promise<RelayCounts>;

	private constructor(network: Network, child: ChildProcess, counts: Promise<RelayCounts>) {
		this.#network = network;
		this.#child = child;
		this.#counts = counts;
	}

	/** Resolves when every advertisement between the nodes goes through the relay. */
	static async start(network: Network, impairment: Impairment): Promise<Relay> {
		const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
		const child = spawnIn(network.namespaceOf('switch'), [process.execPath, program], {stdio: [...stdio]});
		const started = Promise.withResolvers<void>();
		const counts = Promise.withResolvers<RelayCounts>();
		counts.promise.catch(() => {});
		child.on('message', (word: RelayWord) => {
			if (word.kind === 'ready') child.send({kind: 'start', ports: ['lb1', 'lb2'], impairment} satisfies RelayOrder);
			else if (word.kind === 'started') started.resolve();
			else counts.resolve(word.counts);
		});
		child.once('exit', code => {
			const error = new Error(`The relay ended with code ${code} before its report`);
			started.reject(error);
			counts.reject(error);
		});
		await started.promise;
		network.detourAdvertisements();
		return new Relay(network, child, counts.promise);
	}

	/** The switch passes advertisements itself again; tells what the relay has done. */
	async stop(): Promise<RelayCounts> {
		this.#network.endDetour();
		this.#child.send({kind: 'stop'} satisfies RelayOrder);
		const timer = setTimeout(() => killPid(this.#child.pid ?? 0, 'SIGKILL'), stopDeadlineMs);
		try {
			return await this.#counts;
		} finally {
			clearTimeout(timer);
		}
	}
}

/**
 * hapair on the nodes of a lab, with the verbs of `stack.ts`.
 *
 * Decides what the pair section has beside the addresses: the proxy's frontend is tracked.
 */
import {blockLoop} from '../../test/lab/block-loop.ts';
import type {Lab} from '../../test/lab/lab.ts';
import {killPid} from '../../test/lab/namespaces.ts';
import {waitFor} from '../../test/lab/wait.ts';
import type {PairSettings, Stack} from './stack.ts';

export class HapairStack implements Stack {
	readonly lab: Lab;

	constructor(lab: Lab) {
		this.lab = lab;
	}

	start({interval, preempt, witness}: PairSettings): Promise<void> {
		const lines = ['track frontend http-in', ...(preempt === true ? ['preempt on'] : [])];
		return this.lab.startPair({advertise: interval, lines, ...(witness === true ? {witness} : {})});
	}

	waitForHolder(node: 'lb1' | 'lb2'): Promise<void> {
		return this.lab.waitForMaster(node, 60_000);
	}

	signalElection(signal: NodeJS.Signals): void {
		for (const pid of this.electionPids()) killPid(pid, signal);
	}

	signalProxy(signal: NodeJS.Signals): void {
		killPid(this.#proxyPid(), signal);
	}

	blockProxy(durationMs: number): Promise<void> {
		return blockLoop(this.lab.network.namespaceOf('lb1'), this.#proxyPid(), 'main', durationMs);
	}

	stop(): Promise<unknown> {
		return this.lab.daemon('lb1').stop();
	}

	async failover(to: 'lb1' | 'lb2' = 'lb2'): Promise<void> {
		const {code, stderr} = await this.lab.daemon(to === 'lb2' ? 'lb1' : 'lb2').command(['failover', '--json']);
		if (code !== 0) throw new Error(`failover ended with ${code}: ${stderr}`);
		await waitFor('the move', async () => (await this.lab.readStatus(to)).self.holdsAddress);
	}

	async boot(): Promise<void> {
		this.lab.restorePower('lb1');
	}

	electionPids(): number[] {
		const {heartbeat} = this.lab.daemon('lb1').findPids();
		if (heartbeat === undefined) throw new Error('the heartbeat of lb1 was not found');
		return [heartbeat];
	}

	#proxyPid(): number {
		const {proxy} = this.lab.daemon('lb1').findPids();
		if (proxy === undefined) throw new Error('the proxy of lb1 was not found');
		return proxy;
	}
}

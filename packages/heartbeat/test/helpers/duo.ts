/**
 * Two nodes with a perfect line of 1 ms between them and a driver that takes 5 ms, in virtual time: for stories that need both.
 */
import {
	createElection,
	type Effect,
	type ElectionEvent,
	type ElectionSettings,
	type ElectionState,
	nextDeadlineMs,
	step,
} from '../../src/index.ts';
import {ownBoot, peerBoot, sampleSettings} from './samples.ts';

export type Name = 'lb1' | 'lb2';

interface Plan {
	readonly atMs: number;
	readonly run: () => void;
}

const lineMs = 1;
const driverMs = 5;

export class Duo {
	nowMs = 0;
	readonly states: Record<Name, ElectionState>;
	/** Everything each node asked for, with the time. */
	readonly log: {readonly atMs: number; readonly node: Name; readonly effect: Effect}[] = [];
	/** What the daemon of a node does when it is asked to drain. */
	onDrain: (node: Name) => ElectionEvent | undefined = () => ({type: 'failover', requestId: 0, force: false});
	/** Nodes whose takeovers fail. */
	readonly failing = new Set<Name>();
	/** Nodes whose datagrams are lost. */
	readonly cut = new Set<Name>();
	/** Is this datagram of a node lost? */
	isLost: (node: Name) => boolean = () => false;
	#plans: Plan[] = [];

	constructor(settings: Partial<ElectionSettings> = {}) {
		const lb1 = {...sampleSettings, ...settings};
		const {address, peerAddress, priority, peerPriority} = lb1;
		const lb2 = {...lb1, nodeName: 'lb2', peerName: 'lb1', bootId: peerBoot};
		const turned = {address: peerAddress, peerAddress: address, priority: peerPriority, peerPriority: priority};
		this.states = {
			lb1: createElection({...lb1, bootId: ownBoot}, 0),
			lb2: createElection({...lb2, ...turned}, 0),
		};
		for (const node of ['lb1', 'lb2'] as const) {
			this.step(node, {type: 'tick'});
			this.step(node, {type: 'fitness', fitness: {eligible: true, health: 255, note: ''}});
		}
	}

	step(node: Name, event: ElectionEvent): void {
		const {state, effects} = step(this.states[node], event, this.nowMs);
		this.states[node] = state;
		for (const effect of effects) {
			this.log.push({atMs: this.nowMs, node, effect});
			this.#carryOut(node, effect);
		}
	}

	run(forMs: number): this {
		const endMs = this.nowMs + forMs;
		for (;;) {
			const ticks = (['lb1', 'lb2'] as const).map(
				(node): Plan => ({
					atMs: nextDeadlineMs(this.states[node]) ?? Number.POSITIVE_INFINITY,
					run: () => this.step(node, {type: 'tick'}),
				}),
			);
			const [next] = [...this.#plans, ...ticks].sort((a, b) => a.atMs - b.atMs);
			if (next === undefined || next.atMs > endMs) break;
			this.#plans = this.#plans.filter(plan => plan !== next);
			this.nowMs = Math.max(this.nowMs, next.atMs);
			next.run();
		}
		this.nowMs = endMs;
		return this;
	}

	get master(): Name | undefined {
		return (['lb1', 'lb2'] as const).find(node => this.states[node].node === 'master');
	}

	/** Results of the requests at a node, as `ok message`. */
	results(node: Name): string[] {
		return this.log.flatMap(({node: at, effect}) =>
			at === node && effect.type === 'result' ? [`${effect.ok ? 'ok' : 'no'} ${effect.message}`] : [],
		);
	}

	/** The order in which something happened at both nodes: `lb1 release`, `lb2 claim`. */
	story(...types: readonly Effect['type'][]): string[] {
		return this.log.filter(({effect}) => types.includes(effect.type)).map(({node, effect}) => `${node} ${effect.type}`);
	}

	#carryOut(node: Name, effect: Effect): void {
		const other = node === 'lb1' ? 'lb2' : 'lb1';
		if (effect.type === 'sendAdvertisement' && !this.cut.has(node) && !this.isLost(node)) {
			this.#plan(lineMs, () => this.step(other, {type: 'advertisement', advertisement: effect.advertisement}));
		}
		if (effect.type === 'claim') {
			const {term} = effect;
			const failed = {type: 'claimFailed', term, reason: 'ip exited with 2'} as const;
			this.#plan(driverMs, () => this.step(node, this.failing.has(node) ? failed : {type: 'claimSucceeded', term}));
		}
		if (effect.type === 'release') this.#plan(driverMs, () => this.step(node, {type: 'released'}));
		if (effect.type === 'handoverRequested') {
			this.#plan(driverMs, () => {
				const event = this.onDrain(node);
				if (event) this.step(node, event);
			});
		}
	}

	#plan(afterMs: number, run: () => void): void {
		this.#plans.push({atMs: this.nowMs + afterMs, run});
	}
}

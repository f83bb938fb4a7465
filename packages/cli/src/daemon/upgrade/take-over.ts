/**
 * The new daemon's side of an upgrade: in which order it takes what the running one has.
 *
 * Everything is made ready first, beside the old processes: the new heartbeat's tools, the new proxy with the old one's sockets and tables, one
 * result of every track. Then, in this order, what only one can have:
 *
 *   heartbeat   the old one falls silent after an advertisement, the new one has an interval to take the port; else the old one takes it back
 *   proxy       the switch of a reload
 *   the rest    control socket, peer channel, admin address, hooks, schedules
 *
 * Decides that a step that fails gives back what was taken. From `vacate` on there is no way back, and an end is a daemon's end.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import {UserError} from '../../exit-codes.ts';
import type {HeartbeatChild} from '../heartbeat-child.ts';
import type {ReplaceFailure} from '../proxy-replacement.ts';
import type {Predecessor} from './predecessor.ts';

export interface TakeOverPorts {
	readonly predecessor: Pick<Predecessor, 'tell' | 'bequeath' | 'giveBack' | 'vacate'>;
	/** `ProxySuccession.succeed`, with the old daemon's process. */
	readonly succeedProxy: (
		progress: (message: string) => void,
		beforeSwitch: () => Promise<void>,
	) => Promise<ReplaceFailure | undefined>;
	/** Absent without a pair section. */
	readonly heartbeat: Pick<HeartbeatChild, 'prepare' | 'inherit' | 'bequeath' | 'resume'> | undefined;
	/** Resolves when every track has a result, or after a while. */
	readonly tracksKnown: () => Promise<void>;
	/** From now on this daemon judges what its heartbeat is told. */
	readonly judge: () => Promise<void>;
	/** The old daemon has closed what only one can have. */
	readonly moveIn: (maintenanceLeftMs: number | undefined) => Promise<void>;
	/** Aborted when the old daemon gives it up. */
	readonly aborted: AbortSignal;
}

/** A heartbeat forks four tools. */
const prepareLimitMs = 10_000;
/** On a busy machine the bequest may take longer than the interval that it is good for; and what moves is over soon. */
const attempts = 8;
const betweenMs = 250;
const inheritLimitMs = 5000;

/** Rejects with a `UserError` when everything is as before. */
export async function takeOver(ports: TakeOverPorts): Promise<void> {
	const {predecessor, heartbeat} = ports;
	const progress = (message: string): void => predecessor.tell({type: 'progress', message});
	if (heartbeat !== undefined) {
		const why = await heartbeat.prepare(prepareLimitMs);
		if (why !== '') throw new UserError(`the new heartbeat cannot begin: ${why}`);
	}
	let hasBegun = false;
	const failure = await ports.succeedProxy(progress, async () => {
		if (heartbeat === undefined) return;
		await ports.tracksKnown();
		progress('the new heartbeat takes the place of the old one');
		await inherit(ports, heartbeat);
		hasBegun = true;
	});
	if (failure !== undefined || ports.aborted.aborted) {
		if (hasBegun && heartbeat !== undefined) await giveBack(predecessor, heartbeat);
		const hint = failure?.hint === undefined ? '' : ` ${failure.hint}`;
		throw new UserError(`${failure?.message ?? 'the running daemon gave it up'}${hint}`);
	}
	await ports.judge();
	progress('heartbeat and proxy are those of the new program; the rest follows');
	const {maintenanceLeftMs} = await predecessor.vacate();
	await ports.moveIn(maintenanceLeftMs);
}

type Heartbeat = NonNullable<TakeOverPorts['heartbeat']>;

async function inherit({predecessor, aborted}: TakeOverPorts, heartbeat: Heartbeat): Promise<void> {
	let why = '';
	for (let attempt = 0; attempt < attempts; attempt++) {
		if (attempt > 0) await sleep(betweenMs);
		if (aborted.aborted) throw new UserError('the running daemon gave it up');
		const bequest = await predecessor.bequeath();
		if (typeof bequest === 'string') {
			why = bequest;
			continue;
		}
		why = await heartbeat.inherit(bequest, inheritLimitMs);
		if (why === '') return predecessor.tell({type: 'begun'});
		predecessor.tell({type: 'declined'});
	}
	throw new UserError(`the heartbeat could not be replaced: ${why}`);
}

/** The old heartbeat is still there, silent. When it cannot have its own again, its daemon starts another one. */
async function giveBack(predecessor: TakeOverPorts['predecessor'], heartbeat: Heartbeat): Promise<void> {
	for (let attempt = 0; attempt < attempts; attempt++) {
		const bequest = await heartbeat.bequeath(inheritLimitMs);
		if (typeof bequest === 'string') await sleep(betweenMs);
		else if ((await predecessor.giveBack(bequest).catch(() => 'no answer')) === '') return;
		else heartbeat.resume();
	}
}

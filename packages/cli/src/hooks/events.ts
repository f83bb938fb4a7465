/**
 * What a hook is told: one event with everything a script or a webhook receiver needs.
 *
 * Decides which hooks an event concerns and how it is spelled for programs (keepalived's four arguments, `HAPAIR_*`
 * variables) and for webhooks (JSON). Pure. Leaves running to the queue.
 */

import type {Hook, HookEvent} from '@hapair/config';
import type {NodeState, PairEvent, Transition} from '@hapair/heartbeat';

export interface HookOccasion {
	/** Unique over both nodes and restarts; the same for every hook and every retry. */
	readonly eventId: string;
	readonly event: Exclude<HookEvent, 'change'>;
	/** True for changes of state: hooks on `change` want them, and a newer one replaces one that still waits. */
	readonly isState: boolean;
	readonly pair: string;
	readonly node: string;
	readonly peer: string;
	readonly oldState: NodeState;
	readonly newState: NodeState;
	/** The fencing token: a hook that acts on the outside world refuses a term lower than one it has seen. */
	readonly term: number;
	readonly reason: string;
	readonly priority: number;
	readonly virtualAddresses: readonly string[];
	readonly interfaces: readonly string[];
	/** When it happened, for people; no decision rests on it. RFC 3339. */
	readonly time: string;
}

/** What stays the same between the occasions of a node. */
export type HookSubject = Pick<HookOccasion, 'pair' | 'node' | 'peer' | 'priority' | 'virtualAddresses' | 'interfaces'>;

/** The occasion of a change of state, or `undefined`: nobody is told of `initialize`, which precedes every first state. */
export function occasionOfTransition(
	subject: HookSubject,
	transition: Transition,
	time: string,
): HookOccasion | undefined {
	const event = stateEvents[transition.to];
	if (event === undefined) return undefined;
	const {id, from, to, term, reason} = transition;
	return {...subject, eventId: id, event, isState: true, oldState: from, newState: to, term, reason, time};
}

/** The occasion of `solo`, `drift`, `flap` or `witness`, or `undefined` for what only the log is told. */
export function occasionOfPairEvent(
	subject: HookSubject,
	happened: PairEvent,
	state: NodeState,
	time: string,
): HookOccasion | undefined {
	const {kind} = happened;
	if (kind !== 'solo' && kind !== 'drift' && kind !== 'flap' && kind !== 'witness') return undefined;
	return {
		...subject,
		eventId: happened.id,
		event: kind,
		isState: false,
		oldState: state,
		newState: state,
		term: happened.term,
		reason: happened.reason,
		time,
	};
}

const stateEvents: Readonly<Partial<Record<NodeState, HookOccasion['event']>>> = {
	master: 'master',
	backup: 'backup',
	fault: 'fault',
	stopped: 'stop',
};

/** `on change` means every change of state; every other word means itself. */
export function concerns(hook: Hook, occasion: HookOccasion): boolean {
	return hook.on === occasion.event || (hook.on === 'change' && occasion.isState);
}

/** keepalived's `notify` arguments: `INSTANCE name MASTER|BACKUP|FAULT|STOP priority`. */
export function keepalivedArguments(occasion: HookOccasion): [string, string, string, string] {
	return ['INSTANCE', occasion.pair, keepalivedWords[occasion.newState], String(occasion.priority)];
}

const keepalivedWords: Readonly<Record<NodeState, string>> = {
	initialize: 'BACKUP',
	backup: 'BACKUP',
	master: 'MASTER',
	fault: 'FAULT',
	stopped: 'STOP',
};

/** The `HAPAIR_*` variables. `deadline` is when the program will be stopped, RFC 3339. */
export function hookEnvironment(occasion: HookOccasion, deadline: string): Record<string, string> {
	return {
		HAPAIR_EVENT: occasion.event,
		HAPAIR_EVENT_ID: occasion.eventId,
		HAPAIR_TERM: String(occasion.term),
		HAPAIR_PAIR: occasion.pair,
		HAPAIR_NODE: occasion.node,
		HAPAIR_PEER: occasion.peer,
		HAPAIR_OLD_STATE: occasion.oldState,
		HAPAIR_NEW_STATE: occasion.newState,
		HAPAIR_REASON: oneLine(occasion.reason),
		HAPAIR_VIRTUAL_IPS: occasion.virtualAddresses.join(' '),
		HAPAIR_INTERFACE: occasion.interfaces.join(' '),
		HAPAIR_PRIORITY: String(occasion.priority),
		HAPAIR_TIME: occasion.time,
		HAPAIR_DEADLINE: deadline,
	};
}

/** A reason may quote a peer's or a program's words; a script that prints it must not print a second line. */
function oneLine(text: string): string {
	return text.replace(/[\x00-\x1f\x7f]+/g, ' ').trim();
}

/** The webhook's body. Fields are only ever added. */
export function webhookBody(occasion: HookOccasion): string {
	return JSON.stringify({
		version: 1,
		event: occasion.event,
		eventId: occasion.eventId,
		time: occasion.time,
		pair: occasion.pair,
		node: occasion.node,
		peer: occasion.peer,
		oldState: occasion.oldState,
		newState: occasion.newState,
		term: occasion.term,
		reason: occasion.reason,
		priority: occasion.priority,
		virtualAddresses: occasion.virtualAddresses,
		interfaces: occasion.interfaces,
	});
}

/**
 * What a hook is told: one event with everything a script or a webhook receiver needs.
 *
 * Decides which hooks an event concerns and how it is spelled for programs (keepalived's four arguments, `HAPAIR_*`
 * variables) and for webhooks (JSON). Pure. Leaves running to the queue, and other people's spellings to `forms.ts`.
 */

import type {Hook, HookEvent} from '@hapair/config';
import type {NodeState, PairEvent, Transition} from '@hapair/heartbeat';

export type OccasionEvent = Exclude<HookEvent, 'change' | 'any'>;

export interface HookOccasion {
	/** Unique over both nodes and restarts; the same for every hook and every retry. */
	readonly eventId: string;
	readonly event: OccasionEvent;
	/** True for states: hooks on `change` want them. */
	readonly isState: boolean;
	/** What it is about, for filters: the state before, `BACKEND/SERVER`, a backend, a certificate's path, how a drill ended; else empty. */
	readonly about: string;
	/** Nothing has happened: `hapair hooks test` made it. */
	readonly test?: true;
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

const STATE_EVENTS: readonly OccasionEvent[] = ['master', 'backup', 'fault', 'stop'];

/** Every event that something can be told of. */
export const occasionEvents: readonly OccasionEvent[] = [
	...STATE_EVENTS,
	'solo',
	'paired',
	'drift',
	'agreed',
	'flap',
	'witness',
	'drill',
	'server-down',
	'server-up',
	'backend-down',
	'backend-up',
	'cert-expiry',
];

export function isStateEvent(event: OccasionEvent): boolean {
	return STATE_EVENTS.includes(event);
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
	return {...subject, eventId: id, event, isState: true, about: from, oldState: from, newState: to, term, reason, time};
}

/** What happened beside a change of state. */
export interface Happening {
	readonly id: string;
	readonly event: OccasionEvent;
	readonly about: string;
	readonly reason: string;
	readonly term: number;
}

export function occasionOf(subject: HookSubject, happened: Happening, state: NodeState, time: string): HookOccasion {
	const {id, event, about, reason, term} = happened;
	const states = {oldState: state, newState: state};
	return {...subject, eventId: id, event, isState: false, about, ...states, term, reason, time};
}

/**
 * The occasion of an event of the pair, or `undefined` for what only the log is told. After two masters the one that stays
 * is told `master` again, though its state has not changed: the other one's hooks may have taken away what this one's gave.
 */
export function occasionOfPairEvent(
	subject: HookSubject,
	happened: PairEvent,
	state: NodeState,
	time: string,
): HookOccasion | undefined {
	const {id, kind, reason, term} = happened;
	if (kind === 'soleSpeaker') {
		const occasion = occasionOf(subject, {id, event: 'master', about: 'master', reason, term}, 'master', time);
		return state === 'master' ? {...occasion, isState: true} : undefined;
	}
	// Files so different that the nodes do not even hear each other.
	if (kind === 'contradiction' || kind === 'foreignKey')
		return occasionOf(subject, {id, event: 'drift', about: '', reason, term}, state, time);
	return isTold(kind) ? occasionOf(subject, {id, event: kind, about: '', reason, term}, state, time) : undefined;
}

type ToldKind = 'solo' | 'paired' | 'drift' | 'agreed' | 'flap' | 'witness';

function isTold(kind: PairEvent['kind']): kind is ToldKind {
	return ['solo', 'paired', 'drift', 'agreed', 'flap', 'witness'].includes(kind);
}

const stateEvents: Readonly<Partial<Record<NodeState, OccasionEvent>>> = {
	master: 'master',
	backup: 'backup',
	fault: 'fault',
	stopped: 'stop',
};

/** `on change` means every change of state, `any` everything; every other word means itself. Then the filters. */
export function concerns(hook: Hook, occasion: HookOccasion): boolean {
	if (hook.on !== occasion.event && hook.on !== 'any' && !(hook.on === 'change' && occasion.isState)) return false;
	const {only, unless, whileState} = hook;
	if (whileState !== undefined && occasion.newState !== whileState) return false;
	if (only !== undefined && !only.some(pattern => matches(pattern, occasion.about))) return false;
	return !(unless ?? []).some(pattern => matches(pattern, occasion.about));
}

/** `*` stands for any text. The work is bounded by the two lengths, whatever the pattern. */
function matches(pattern: string, text: string): boolean {
	const [first = '', ...others] = pattern.split('*');
	if (others.length === 0) return text === pattern;
	if (!text.startsWith(first)) return false;
	const last = others.pop() ?? '';
	let at = first.length;
	for (const part of others) {
		const found = text.indexOf(part, at);
		if (found === -1) return false;
		at = found + part.length;
	}
	return text.length - last.length >= at && text.endsWith(last);
}

/** Of two occasions with one topic the newer one makes the older one old news. */
export function topicOf({event, isState, about}: HookOccasion): string {
	if (isState) return 'state';
	if (event === 'solo' || event === 'paired') return 'solo';
	if (event === 'drift' || event === 'agreed') return 'drift';
	if (event === 'drill') return event;
	return about === '' ? event : `${event.replace(/-(up|down)$/, '')} ${about}`;
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
		HAPAIR_ABOUT: oneLine(occasion.about),
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
		...(occasion.test === true ? {HAPAIR_TEST: '1'} : {}),
	};
}

/** A reason may quote a peer's or a program's words; a script that prints it must not print a second line. */
export function oneLine(text: string): string {
	return text.replace(/[\x00-\x1f\x7f]+/g, ' ').trim();
}

/** The webhook's body. Fields are only ever added. */
export function webhookBody(occasion: HookOccasion): string {
	return JSON.stringify({
		version: 1,
		event: occasion.event,
		eventId: occasion.eventId,
		about: occasion.about,
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
		...(occasion.test === true ? {test: true} : {}),
	});
}

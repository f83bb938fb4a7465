/**
 * One event in words, for mail, chats and pagers.
 *
 * Decides the headline, the facts behind it, how grave it is, and which event ends which. Pure. Leaves layouts to `forms.ts` and `mail.ts`.
 */
import {type HookOccasion, oneLine, topicOf} from './events.ts';

export type Severity = 'critical' | 'error' | 'warning' | 'info';

/** One line: "oslo: lb1 is master". */
export function headlineOf(occasion: HookOccasion): string {
	const mark = occasion.test === true ? '[test] ' : '';
	return oneLine(`${mark}${occasion.pair}: ${sentenceOf(occasion)}`);
}

function sentenceOf({event, node, peer, about}: HookOccasion): string {
	switch (event) {
		case 'master':
		case 'backup':
			return `${node} is ${event}`;
		case 'fault':
			return `${node} is in fault`;
		case 'stop':
			return `${node} is being stopped`;
		case 'solo':
			return `${node} serves alone, ${peer} is silent`;
		case 'paired':
			return `${node} hears ${peer} again`;
		case 'drift':
			return `the configurations of ${node} and ${peer} differ`;
		case 'agreed':
			return `the configurations of ${node} and ${peer} agree again`;
		case 'flap':
			return `${peer} fails again and again`;
		case 'witness':
			return `word of the witness on ${node}`;
		case 'drill':
			return about === '' ? `a drill on ${node}` : `drill ${about} on ${node}`;
		case 'server-down':
			return `server ${about} is DOWN on ${node}`;
		case 'server-up':
			return `server ${about} is UP on ${node}`;
		case 'backend-down':
			return `backend ${about} has no server left on ${node}`;
		case 'backend-up':
			return `backend ${about} has servers again on ${node}`;
		case 'cert-expiry':
			return `certificate ${about} on ${node}`;
	}
}

/** Name and value, in the order in which they matter. */
export function factsOf(occasion: HookOccasion): readonly (readonly [string, string])[] {
	const {oldState, newState, event, node, peer, term, virtualAddresses, interfaces, time, eventId} = occasion;
	const state = oldState === newState ? newState : `${oldState} -> ${newState}`;
	return [
		['Reason', oneLine(occasion.reason)],
		['Event', event],
		['Node', `${node} (peer ${peer})`],
		['State', `${state}, term ${term}`],
		['Address', `${virtualAddresses.join(' ')} on ${interfaces.join(' ')}`],
		['Time', time],
		['Id', eventId],
	];
}

export function severityOf(occasion: HookOccasion): Severity {
	if (endsTrouble(occasion)) return 'info';
	if (occasion.event === 'drill' && occasion.about !== '') return 'warning';
	switch (occasion.event) {
		case 'backend-down':
			return 'critical';
		case 'fault':
		case 'server-down':
			return 'error';
		case 'solo':
		case 'drift':
		case 'flap':
		case 'witness':
		case 'cert-expiry':
			return 'warning';
		default:
			return 'info';
	}
}

/** It ends what an event with the same `troubleOf` began. */
export function endsTrouble({event, about, reason}: HookOccasion): boolean {
	switch (event) {
		case 'master':
		case 'backup':
		case 'stop':
		case 'paired':
		case 'agreed':
		case 'server-up':
		case 'backend-up':
			return true;
		case 'drill':
			return about === 'passed';
		case 'witness':
			return reason.startsWith('the witness answers');
		default:
			return false;
	}
}

/** Names one trouble of one node from its beginning to its end. */
export function troubleOf(occasion: HookOccasion): string {
	return `hapair ${occasion.pair} ${occasion.node} ${topicOf(occasion)}`;
}

/**
 * What keys do in a live `hapair watch`: f moves the address, m begins or ends maintenance of this node, q ends the watch. Pure.
 *
 * Decides that nothing moves without a y to a question that says what would happen, and that the y counts only while that is still what would
 * happen. One order at a time. Leaves carrying it out to `watch.ts`.
 */
import type {ControlRequest} from '../daemon/control-protocol.ts';
import type {PairReport} from '../daemon/status-report.ts';

export type KeyState =
	| {readonly kind: 'idle'; readonly said?: string}
	| {readonly kind: 'asking'; readonly question: Question}
	| {readonly kind: 'working'; readonly said: string};

export interface Question {
	readonly text: string;
	readonly request: Extract<ControlRequest, {command: 'failover' | 'maintenance'}>;
}

export interface KeyOutcome {
	readonly state: KeyState;
	/** To be sent to the daemon now. */
	readonly order?: Question['request'];
	readonly quit?: true;
}

/** `pair`: as the screen shows it at this moment; absent without a pair section. */
export function pressKey(state: KeyState, key: string, pair: PairReport | undefined): KeyOutcome {
	// In raw mode Ctrl-C and Ctrl-D are keys.
	if (key === 'q' || key === '\x03' || key === '\x04') return {state, quit: true};
	if (state.kind === 'working') return {state};
	if (state.kind === 'asking') return answer(state.question, key, pair);
	const question = ask(key, pair);
	if (question === undefined) return {state: {kind: 'idle'}};
	return {state: typeof question === 'string' ? {kind: 'idle', said: question} : {kind: 'asking', question}};
}

function answer(question: Question, key: string, pair: PairReport | undefined): KeyOutcome {
	if (key !== 'y' && key !== 'Y') return {state: {kind: 'idle', said: 'nothing was done'}};
	const now = ask(question.request.command === 'failover' ? 'f' : 'm', pair);
	if (typeof now !== 'object' || now.text !== question.text)
		return {state: {kind: 'idle', said: 'the pair has changed since the question; nothing was done'}};
	return {state: {kind: 'working', said: '…'}, order: question.request};
}

/** A sentence instead of a question where there is nothing to ask; `undefined` for a key without a meaning. */
function ask(key: string, pair: PairReport | undefined): Question | string | undefined {
	if (key !== 'f' && key !== 'm') return undefined;
	if (pair === undefined) return 'there is no pair section, so there is no address to move';
	const [own, peer] = pair.nodes;
	if (key === 'f') {
		const [from, to] = own.holdsAddress ? [own, peer] : [peer, own];
		if (!from.holdsAddress) return 'no node is known to hold the address';
		const request = {command: 'failover', force: false, timeoutMs: 15_000} as const;
		return {text: `move the address from ${from.name} to ${to.name}?`, request};
	}
	const request = {command: 'maintenance', on: !own.maintenance, force: false} as const;
	if (own.maintenance) return {text: `end the maintenance of ${own.name} (this node)?`, request};
	const first = own.holdsAddress ? ` It hands the address over to ${peer.name} first.` : '';
	return {text: `begin maintenance of ${own.name} (this node)?${first}`, request};
}

/** The last lines of the screen: what was said, then what can be pressed. */
export function describeKeys(state: KeyState): {readonly said: string; readonly keys: string} {
	if (state.kind === 'asking') return {said: state.question.text, keys: 'y yes  any other key no'};
	return {said: state.said ?? '', keys: state.kind === 'working' ? 'q quit' : 'f failover  m maintenance  q quit'};
}

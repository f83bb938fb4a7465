/**
 * `track-sc0`, `sc-inc-gpc0` and `sc-set-gpt0`, wherever they stand.
 *
 * Decides which counter an action moves. Leaves conditions and keys to the rules.
 */
import type {CounterAction, SampleExpression} from '@hapair/config';
import {toInteger} from '../rules/sample.ts';
import type {KeySample} from './stick-key.ts';
import type {TrackedCounters, TrackScope} from './tracked-counters.ts';

export function isCounterAction(rule: {readonly kind: string}): rule is CounterAction {
	return rule.kind === 'track' || rule.kind === 'sc-inc' || rule.kind === 'sc-set';
}

/** What an action needs of its source: a key to track, or the value of a tag. */
export function sampleOf(action: CounterAction): SampleExpression | undefined {
	if (action.kind === 'track') return action.key;
	return action.kind === 'sc-set' && typeof action.tag === 'object' ? action.tag : undefined;
}

/** `request`: the action stands in a rule for requests; a status: in one for responses. */
export function runCounterAction(
	action: CounterAction,
	counters: TrackedCounters | undefined,
	sample: KeySample | undefined,
	scope: TrackScope | 'request' | {readonly status: number},
): void {
	if (counters === undefined) return;
	if (action.kind === 'sc-inc') counters.increase(action.counter, action.column, action.isElement === true);
	else if (action.kind === 'sc-set') {
		const tag = typeof action.tag === 'number' ? action.tag : sample === undefined ? undefined : toInteger(sample);
		if (tag !== undefined) counters.setTag(action.counter, action.column, tag >>> 0, action.isElement === true);
	} else if (typeof scope === 'object') counters.trackResponse(action.counter, action.table, sample, scope.status);
	else if (scope === 'request') counters.trackRequest(action.counter, action.table, sample);
	else counters.track(action.counter, action.table, sample, scope);
}

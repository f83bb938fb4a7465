/**
 * `track-sc0`, `sc-inc-gpc0` and `sc-set-gpt0`, wherever they stand.
 *
 * Decides which counter an action moves. Leaves conditions and keys to the rules.
 */
import type {CounterAction} from '@hapair/config';
import type {KeySample} from './stick-key.ts';
import type {TrackedCounters, TrackScope} from './tracked-counters.ts';

export function isCounterAction(rule: {readonly kind: string}): rule is CounterAction {
	return rule.kind === 'track' || rule.kind === 'sc-inc' || rule.kind === 'sc-set';
}

/** `request`: the action stands in a rule for requests. */
export function runCounterAction(
	action: CounterAction,
	counters: TrackedCounters | undefined,
	sample: KeySample | undefined,
	scope: TrackScope | 'request',
): void {
	if (counters === undefined) return;
	if (action.kind === 'sc-inc') counters.increase(action.counter, action.column);
	else if (action.kind === 'sc-set') counters.setTag(action.counter, action.column, action.tag);
	else if (scope === 'request') counters.trackRequest(action.counter, action.table, sample);
	else counters.track(action.counter, action.table, sample, scope);
}

/**
 * Do `stick` and `tcp-request` lines name what exists, and can their rules be met?
 *
 * Decides on keys and tables. Leaves tables in samples to `validate-tables`.
 */
import {modeOf} from './build.ts';
import type {Reporter} from './diagnostics.ts';
import type {ProxyDraft} from './drafts.ts';
import {FETCHES} from './samples/fetches.ts';
import {checkSample, type KnownNames} from './validate-rules.ts';
import {checkTable} from './validate-tables.ts';

/** `stick` and `tcp-request` lines of a section. */
export function checkStickRules(draft: ProxyDraft, names: KnownNames, reporter: Reporter): void {
	for (const {key, table, place} of draft.stickRules) {
		checkSample(draft, key, place, names, reporter);
		checkTable(table?.name ?? draft.name, table?.place ?? place, names.tables, reporter);
		if (modeOf(draft) === 'tcp' && ['request', 'response'].includes(FETCHES.get(key.fetch)?.available ?? ''))
			reporter.warn(place, `'${key.fetch}' is never there: ${draft.kind} '${draft.name}' is in mode tcp`);
	}
	for (const {action, place} of draft.tcpRules) {
		if ('sample' in action) checkSample(draft, action.sample, place, names, reporter);
		if (action.kind !== 'track') continue;
		checkSample(draft, action.key, place, names, reporter);
		checkTable(action.table, place, names.tables, reporter);
	}
	for (const {action, place} of draft.tcpResponseRules)
		if ('sample' in action) checkSample(draft, action.sample, place, names, reporter);
	if (draft.responseDelayMs !== undefined && draft.tcpResponseRules.length === 0)
		reporter.warn(draft.place, `'tcp-response inspect-delay' of '${draft.name}' has no content rule to wait for`);
	if (draft.inspectDelayMs !== undefined && !draft.tcpRules.some(({stage}) => stage === 'content')) {
		reporter.warn(draft.place, `'tcp-request inspect-delay' of '${draft.name}' has no content rule to wait for`);
	}
}

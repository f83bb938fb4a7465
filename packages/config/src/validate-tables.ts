/**
 * Do rules and samples name stick tables that exist?
 *
 * Decides on names only. HAProxy manual, `stick-table`.
 */
import type {Place, Reporter} from './diagnostics.ts';
import type {ProxyDraft} from './drafts.ts';
import type {SampleExpression, StickTable} from './model.ts';
import {CONVERTERS} from './samples/converters.ts';
import {FETCHES} from './samples/fetches.ts';
import {didYouMean} from './suggestions.ts';

export type StickTablesByName = ReadonlyMap<string, StickTable>;

/** The table, or an error. */
export function checkTable(
	name: string,
	place: Place,
	tables: StickTablesByName,
	reporter: Reporter,
): StickTable | undefined {
	const table = tables.get(name);
	if (table !== undefined) return table;
	const hint = didYouMean(name, tables.keys()) ?? `add a line to it: stick-table type ip size 100k expire 30m`;
	reporter.error(place, `section '${name}' has no stick table`, hint);
	return undefined;
}

/** Tables that fetches and converters of an expression name. `src_…` without a name is about the section's own. */
export function checkSampleTables(
	draft: ProxyDraft,
	{fetch, arguments: given, converters}: SampleExpression,
	place: Place,
	tables: StickTablesByName,
	reporter: Reporter,
): void {
	const parameters = FETCHES.get(fetch)?.parameters ?? [];
	const at = parameters.findIndex(({kind}) => kind === 'table');
	if (at >= 0) {
		const needsTable = /^(src|table)_/.test(fetch);
		const name = given[at] ?? (needsTable ? draft.name : undefined);
		if (name !== undefined && name !== '') checkTable(name, place, tables, reporter);
	}
	for (const converter of converters) {
		const tableAt = CONVERTERS.get(converter.name)?.parameters.findIndex(({kind}) => kind === 'table') ?? -1;
		if (tableAt >= 0) checkTable(converter.arguments[tableAt]!, place, tables, reporter);
	}
}

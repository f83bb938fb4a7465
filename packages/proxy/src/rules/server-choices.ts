/**
 * `use-server`: the server that a rule names (HAProxy manual, `use-server`).
 *
 * Decides that the first rule whose condition holds and whose server may be used wins. Leaves the state of servers to the caller.
 */
import type {UseServer} from '@hapair/config';
import {type CompiledCondition, compileCondition} from './conditions.ts';
import type {SampleSource} from './sample-source.ts';
import {compileTemplate, type ValueTemplate} from './value-template.ts';

export interface ServerChoice {
	readonly applies: CompiledCondition;
	/** A name, or what makes one. */
	readonly server: string | ValueTemplate;
}

/** Prepares `use-server` lines; throws a `RuleError`. */
export function compileServerChoices(rules: readonly UseServer[]): readonly ServerChoice[] {
	return rules.map(({condition, server, isFormat}) => ({
		applies: compileCondition(condition),
		server: isFormat === true ? compileTemplate(server) : server,
	}));
}

/** What `find` gives for the name of the first server that it knows a place for, or -1. A made name that is none ends the search, as in HAProxy. */
export function chooseServer(
	choices: readonly ServerChoice[],
	source: SampleSource,
	find: (name: string) => number | undefined,
): number {
	for (const {applies, server} of choices) {
		if (!applies(source)) continue;
		const place = find(typeof server === 'string' ? server : server(source));
		if (place === undefined) return -1;
		if (place >= 0) return place;
	}
	return -1;
}

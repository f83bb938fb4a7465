/**
 * `map`, `map_beg`, `map_str_int` and the like: a sample for what stands in a map under it (HAProxy manual, `map`).
 *
 * Decides what becomes of the value found, and of the default.
 */
import {MAP_CONVERTERS, type MapOutput} from '@hapair/config';
import {parseAddress} from '../rules/address.ts';
import {expandReplacement} from '../rules/regex.ts';
import {readLeadingInteger, type Sample} from '../rules/sample.ts';
import type {SampleSource} from '../rules/sample-source.ts';

/** Undefined for names that are no map converters. */
export function compileMapConverter(
	name: string,
	[file = '', otherwise]: readonly string[],
): ((sample: Sample, source: SampleSource) => Sample | undefined) | undefined {
	const map = MAP_CONVERTERS.get(name);
	if (map === undefined) return undefined;
	const {match, output} = map;
	const fallback = otherwise === undefined ? undefined : toOutput(otherwise, output);
	return (sample, source) => {
		const found = source.proxies.lookups.findInFile(file, match, false, sample);
		if (found === undefined) return fallback;
		const {value} = found.entry;
		return toOutput(match === 'regm' ? expandReplacement(value, found.groups ?? []) : value, output);
	};
}

function toOutput(text: string, output: MapOutput): Sample | undefined {
	if (output === 'int') return readLeadingInteger(text);
	return output === 'ip' ? parseAddress(text) : text;
}

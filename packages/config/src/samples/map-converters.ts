/**
 * Converters that look a sample up in a map: `map`, `map_beg`, `map_str_int` and the like.
 *
 * Decides their names, and how each compares and what it gives. HAProxy manual, `map`.
 */
import type {MapOutput, PatternMatch} from '../model.ts';

export interface MapConverter {
	readonly match: PatternMatch;
	readonly output: MapOutput;
}

const MATCHES: readonly PatternMatch[] = ['str', 'beg', 'end', 'sub', 'dir', 'dom', 'reg', 'ip', 'int'];
const OUTPUTS: readonly MapOutput[] = ['str', 'int', 'ip'];

/** By name. */
export const MAP_CONVERTERS: ReadonlyMap<string, MapConverter> = new Map<string, MapConverter>([
	['map', {match: 'str', output: 'str'}],
	['map_regm', {match: 'regm', output: 'str'}],
	...MATCHES.flatMap(match => [
		[`map_${match}`, {match, output: 'str'}] as const,
		...OUTPUTS.map(output => [`map_${match}_${output}`, {match, output}] as const),
	]),
]);

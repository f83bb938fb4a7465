/**
 * Changes of what rules look up, as threads tell them to each other.
 *
 * Pure. Decides their shapes and what each does.
 */
import type {Sample} from '../rules/sample.ts';
import type {PatternList} from './pattern-list.ts';

/** `list` is a place in `Configuration.patternLists`; `wanted` a key or the number of an entry. */
export type Change =
	| {
			readonly kind: 'add';
			readonly list: number;
			readonly key: string;
			readonly value: string;
			readonly version?: number;
	  }
	| {readonly kind: 'put'; readonly list: number; readonly key: string; readonly value: string}
	| {readonly kind: 'set'; readonly list: number; readonly wanted: string | number; readonly value: string}
	| {readonly kind: 'remove'; readonly list: number; readonly wanted: string | number}
	| {readonly kind: 'clear' | 'commit'; readonly list: number; readonly version?: number}
	| {readonly kind: 'prepare'; readonly list: number}
	| {readonly kind: 'variable'; readonly name: string; readonly value: Sample | undefined};

export function applyChange(change: Change, lists: readonly PatternList[], variables: Map<string, Sample>): void {
	if (change.kind === 'variable') {
		if (change.value === undefined) variables.delete(change.name);
		else variables.set(change.name, change.value);
		return;
	}
	const list = lists[change.list];
	switch (change.kind) {
		case 'add':
			list?.add(change.key, change.value, change.version);
			break;
		case 'put':
			list?.put(change.key, change.value);
			break;
		case 'set':
			list?.set(change.wanted, change.value);
			break;
		case 'remove':
			list?.remove(change.wanted);
			break;
		case 'clear':
			list?.clear(change.version);
			break;
		case 'prepare':
			list?.prepare();
			break;
		case 'commit':
			list?.commit(change.version ?? 0);
	}
}

/**
 * Maps and lists of patterns as they were changed while the proxy runs, for the standby.
 *
 * Decides that a list is known by its place and by what the file says of it: where the two nodes' files differ, each keeps its own. What is told is
 * the whole list, whenever it has changed; a large one now and then only, since rules may change it with each request. The other side makes as few
 * changes of it as it can. Versions that are being prepared are not told. Leaves how threads hear of a change to `patterns/`.
 */
import {createHash} from 'node:crypto';
import type {Change} from '../patterns/changes.ts';
import type {Lookups} from '../patterns/lookups.ts';
import type {PatternList} from '../patterns/pattern-list.ts';
import type {CarriedPatterns} from './carried-state.ts';

/** From so many entries on a list is large. */
export const LARGE_LIST = 5000;
/** What is taken of one list; no configuration of a pair has more. */
const MOST_ENTRIES = 1_000_000;

type Entry = readonly [key: string, value: string];

/** The giving side: which lists have been told, and as what. */
export class PatternReport {
	readonly #lookups: Lookups;
	#told: (number | undefined)[] = [];

	constructor(lookups: Lookups) {
		this.#lookups = lookups;
	}

	/** What has changed since it was told last; large lists only when `withLarge`. With `anew` nothing counts as told. */
	*next(anew: boolean, withLarge: boolean): Generator<CarriedPatterns> {
		if (anew) this.#told = [];
		this.#lookups.catchUp();
		for (const [place, list] of this.#lookups.lists.entries()) {
			const {revision} = list;
			if (this.#told[place] === revision || (list.size > LARGE_LIST && !withLarge)) continue;
			this.#told[place] = revision;
			yield* describeList(nameOf(list, place), list);
		}
	}
}

function* describeList(list: string, changed: PatternList): Generator<CarriedPatterns> {
	const entries = changed.hasChanged ? (changed.entries() ?? []) : [];
	for (let begin = 0; begin === 0 || begin < entries.length; begin += LARGE_LIST) {
		const end = begin + LARGE_LIST;
		const part = entries.slice(begin, end).map(({key, value}): Entry => [key, value]);
		yield {list, isAsInFile: !changed.hasChanged, entries: part, goesOn: end < entries.length};
	}
}

const names = new WeakMap<PatternList, string>();

/** The same on both nodes when their files are, wherever these lie. */
function nameOf(list: PatternList, place: number): string {
	const known = names.get(list);
	if (known !== undefined) return known;
	const hash = createHash('sha256').update(String(list.declared.isMap));
	for (const {key, value} of list.declared.entries) hash.update(`\n${key.length} ${value.length} ${key} ${value}`);
	const name = `${place} ${hash.digest('hex').slice(0, 32)}`;
	names.set(list, name);
	return name;
}

/** The receiving side. */
export class PatternCollector {
	readonly #lookups: Lookups;
	readonly #parts = new Map<string, Entry[]>();

	constructor(lookups: Lookups) {
		this.#lookups = lookups;
	}

	/** Changes the list when all of it is here. */
	take({list: name, isAsInFile, entries, goesOn}: CarriedPatterns): void {
		const collected = this.#parts.get(name) ?? [];
		collected.push(...entries);
		if (goesOn && collected.length <= MOST_ENTRIES) {
			this.#parts.set(name, collected);
			return;
		}
		this.#parts.delete(name);
		const place = Number.parseInt(name, 10);
		const list = this.#lookups.lists[place];
		if (list === undefined || goesOn || nameOf(list, place) !== name) return;
		const wanted = isAsInFile ? list.declared.entries.map(({key, value}): Entry => [key, value]) : collected;
		this.#lookups.change(() => findChanges(place, list, wanted));
	}
}

/** What makes the list's entries `wanted`, in this order; few changes where few entries differ. */
export function findChanges(place: number, list: PatternList, wanted: readonly Entry[]): readonly Change[] {
	const entries = list.entries() ?? [];
	const isWanted = (at: number): boolean =>
		entries[at]?.key === wanted[at]?.[0] && entries[at]?.value === wanted[at]?.[1];
	if (entries.length === wanted.length && entries.every((_, at) => isWanted(at))) return [];
	const anew = [
		{kind: 'clear', list: place} as const,
		...wanted.map(([key, value]) => ({kind: 'add', list: place, key, value}) as const),
	];
	const values = new Map(wanted);
	// What has a key twice is looked up by its first entry: it is not worth telling apart here.
	if (values.size < wanted.length || new Set(entries.map(({key}) => key)).size < entries.length) return anew;
	const kept = entries.filter(({key}) => values.has(key));
	if (!kept.every(({key}, at) => wanted[at]?.[0] === key)) return anew;
	const removed = entries.filter(({key}) => !values.has(key));
	return [
		...removed.map(({ref}) => ({kind: 'remove', list: place, wanted: ref}) as const),
		...kept.flatMap(({ref, key, value}) => {
			const next = values.get(key)!;
			return next === value ? [] : [{kind: 'set', list: place, wanted: ref, value: next} as const];
		}),
		...wanted.slice(kept.length).map(([key, value]) => ({kind: 'add', list: place, key, value}) as const),
	];
}

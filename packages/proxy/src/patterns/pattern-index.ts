/**
 * How the entries of a list are looked up, one index for each way of matching (HAProxy manual, "Matching strings", `map`).
 *
 * Pure. Decides what an index finds when several entries match: in trees the most specific one (the longest beginning, the smallest
 * network), in lists the first. Leaves the entries themselves to `pattern-list.ts`.
 */
import {type PatternMatch, parseNetwork, readIntegerRange, toRegexSource} from '@hapair/config';
import {compileNetwork, parseAddress} from '../rules/address.ts';
import {compileRegex, matchRegex} from '../rules/regex.ts';
import {type Sample, toAddress, toBoolean, toInteger, toText} from '../rules/sample.ts';
import {compileTextTest} from '../rules/text-match.ts';

export interface PatternEntryView {
	readonly ref: number;
	readonly key: string;
	readonly value: string;
}

export interface Found {
	readonly entry: PatternEntryView;
	/** Of a regular expression. */
	readonly groups?: readonly (string | undefined)[];
}

export interface PatternIndex {
	readonly style: 'tree' | 'list';
	add(entry: PatternEntryView): void;
	remove(entry: PatternEntryView): void;
	find(sample: Sample): Found | undefined;
}

export function createIndex(match: PatternMatch, ignoreCase: boolean): PatternIndex {
	if (match === 'str') return new ExactIndex(ignoreCase);
	if (match === 'beg' && !ignoreCase) return new PrefixIndex();
	if (match === 'ip') return new NetworkIndex();
	return new ListIndex(match, ignoreCase);
}

/** Entries by some key, each key with those that have it, the oldest first. */
class Shelves {
	readonly #byKey = new Map<string, PatternEntryView[]>();

	add(key: string, entry: PatternEntryView): void {
		const shelf = this.#byKey.get(key);
		if (shelf === undefined) this.#byKey.set(key, [entry]);
		else shelf.push(entry);
	}

	/** True when nothing is left under the key. */
	remove(key: string, {ref}: PatternEntryView): boolean {
		const left = (this.#byKey.get(key) ?? []).filter(entry => entry.ref !== ref);
		if (left.length > 0) this.#byKey.set(key, left);
		else this.#byKey.delete(key);
		return left.length === 0;
	}

	first(key: string): PatternEntryView | undefined {
		return this.#byKey.get(key)?.[0];
	}
}

class ExactIndex implements PatternIndex {
	readonly style: 'tree' | 'list';
	readonly #shelves = new Shelves();
	readonly #fold: (text: string) => string;

	constructor(ignoreCase: boolean) {
		this.style = ignoreCase ? 'list' : 'tree';
		this.#fold = ignoreCase ? text => text.toLowerCase() : text => text;
	}

	add(entry: PatternEntryView): void {
		this.#shelves.add(this.#fold(entry.key), entry);
	}

	remove(entry: PatternEntryView): void {
		this.#shelves.remove(this.#fold(entry.key), entry);
	}

	find(sample: Sample): Found | undefined {
		const entry = this.#shelves.first(this.#fold(toText(sample)));
		return entry && {entry};
	}
}

/** Counts of something that entries have, the largest first. */
class Sizes {
	readonly #counts = new Map<number, number>();
	descending: readonly number[] = [];

	change(size: number, delta: 1 | -1): void {
		const count = (this.#counts.get(size) ?? 0) + delta;
		if (count > 0) this.#counts.set(size, count);
		else this.#counts.delete(size);
		if (count === 0 || (count === 1 && delta === 1)) this.descending = [...this.#counts.keys()].sort((a, b) => b - a);
	}
}

class PrefixIndex implements PatternIndex {
	readonly style = 'tree';
	readonly #shelves = new Shelves();
	readonly #lengths = new Sizes();

	add(entry: PatternEntryView): void {
		this.#shelves.add(entry.key, entry);
		this.#lengths.change(entry.key.length, 1);
	}

	remove(entry: PatternEntryView): void {
		this.#shelves.remove(entry.key, entry);
		this.#lengths.change(entry.key.length, -1);
	}

	find(sample: Sample): Found | undefined {
		const text = toText(sample);
		for (const length of this.#lengths.descending) {
			if (length > text.length) continue;
			const entry = this.#shelves.first(text.slice(0, length));
			if (entry !== undefined) return {entry};
		}
		return undefined;
	}
}

/** By the number of bits that count; IPv4 lies in IPv6's space as `::ffff:0:0/96`. */
class NetworkIndex implements PatternIndex {
	readonly style = 'tree';
	readonly #shelves = new Shelves();
	readonly #bits = new Sizes();

	add(entry: PatternEntryView): void {
		const place = placeOfNetwork(entry.key);
		if (place === undefined) return;
		this.#shelves.add(place.key, entry);
		this.#bits.change(place.bits, 1);
	}

	remove(entry: PatternEntryView): void {
		const place = placeOfNetwork(entry.key);
		if (place === undefined) return;
		this.#shelves.remove(place.key, entry);
		this.#bits.change(place.bits, -1);
	}

	find(sample: Sample): Found | undefined {
		const address = toAddress(sample);
		if (address === undefined) return undefined;
		for (const bits of this.#bits.descending) {
			const network = compileNetwork({
				address: address.text,
				bits: inFamily(bits, address.family),
				family: address.family,
			});
			const entry = network && this.#shelves.first(`${bits} ${network.words.join('.')}`);
			if (entry !== undefined) return {entry};
		}
		return undefined;
	}
}

function inFamily(bits: number, family: 4 | 6): number {
	return family === 4 ? Math.max(0, bits - 96) : bits;
}

function placeOfNetwork(text: string): {readonly key: string; readonly bits: number} | undefined {
	const network = parseNetwork(text);
	const compiled = network && compileNetwork(network);
	if (network === undefined || compiled === undefined) return undefined;
	const bits = network.family === 4 ? network.bits + 96 : network.bits;
	return {key: `${bits} ${compiled.words.join('.')}`, bits};
}

type Test = (sample: Sample) => Found | boolean;

class ListIndex implements PatternIndex {
	readonly style = 'list';
	readonly #compile: (entry: PatternEntryView) => Test;
	#tests: {readonly entry: PatternEntryView; readonly test: Test}[] = [];

	constructor(match: Exclude<PatternMatch, 'str' | 'ip'>, ignoreCase: boolean) {
		this.#compile = entry => compileTest(match, ignoreCase, entry);
	}

	add(entry: PatternEntryView): void {
		this.#tests.push({entry, test: this.#compile(entry)});
	}

	remove({ref}: PatternEntryView): void {
		this.#tests = this.#tests.filter(({entry}) => entry.ref !== ref);
	}

	find(sample: Sample): Found | undefined {
		for (const {entry, test} of this.#tests) {
			const found = test(sample);
			if (found !== false) return found === true ? {entry} : found;
		}
		return undefined;
	}
}

/** A pattern that cannot be used matches nothing; it is refused where it comes from. */
function compileTest(match: Exclude<PatternMatch, 'str' | 'ip'>, ignoreCase: boolean, entry: PatternEntryView): Test {
	switch (match) {
		case 'found':
			return () => true;
		case 'bool':
			return sample => toBoolean(sample) === (entry.key === '1');
		case 'int':
		case 'len': {
			const range = readIntegerRange(entry.key);
			if (range === undefined) return () => false;
			const size = match === 'int' ? toInteger : (sample: Sample) => toText(sample).length;
			return sample => size(sample) >= range.min && size(sample) <= range.max;
		}
		case 'reg':
		case 'regm': {
			const source = toRegexSource(entry.key);
			if (typeof source !== 'string') return () => false;
			const regex = compileRegex(source, ignoreCase);
			return sample => {
				const groups = matchRegex(regex, toText(sample));
				return groups !== null && {entry, groups};
			};
		}
		default: {
			const test = compileTextTest(match, [{kind: 'text', text: entry.key}], ignoreCase);
			return sample => test(toText(sample));
		}
	}
}

/** Whether a text could be what an index of this kind is asked for. */
export function canBeAsked(match: PatternMatch, text: string): boolean {
	return match !== 'ip' || parseAddress(text) !== undefined;
}

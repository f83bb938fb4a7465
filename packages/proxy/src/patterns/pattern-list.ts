/**
 * One list of patterns or map in one thread: its entries, and the versions of it that are being prepared.
 *
 * Pure. Decides what each change does to the entries. Every thread makes the same changes in the same order, so numbers of entries agree.
 * HAProxy manual, `add map`, `prepare map`, `commit map`.
 */
import type {PatternList as Declared, PatternMatch, PatternUse} from '@hapair/config';
import type {Sample} from '../rules/sample.ts';
import {createIndex, type Found, type PatternEntryView, type PatternIndex} from './pattern-index.ts';

/** What a new thread needs to know of a list that has changed. */
export interface ListSnapshot {
	readonly entries: readonly PatternEntryView[];
	readonly nextRef: number;
	readonly current: number;
	readonly next: number;
	readonly prepared: readonly (readonly [number, readonly PatternEntryView[]])[];
}

export class PatternList {
	readonly declared: Declared;
	/** Grows with each change, in this thread; 0 as long as it is what the configuration says. */
	revision = 0;
	currentVersion = 0;
	nextVersion = 0;
	#nextRef = 1;
	#entries = new Map<number, PatternEntryView>();
	readonly #prepared = new Map<number, Map<number, PatternEntryView>>();
	#indexes = new Map<string, PatternIndex>();

	constructor(declared: Declared) {
		this.declared = declared;
		for (const {key, value} of declared.entries) this.#insert(this.#entries, key, value);
	}

	get hasChanged(): boolean {
		return this.revision > 0;
	}

	get size(): number {
		return this.#entries.size;
	}

	/** Undefined when there is no such version. */
	entries(version = this.currentVersion): readonly PatternEntryView[] | undefined {
		if (version === this.currentVersion) return [...this.#entries.values()];
		const prepared = this.#prepared.get(version);
		return prepared && [...prepared.values()];
	}

	find(match: PatternMatch, ignoreCase: boolean, sample: Sample): Found | undefined {
		return this.index({match, ignoreCase}).find(sample);
	}

	index({match, ignoreCase}: Pick<PatternUse, 'match' | 'ignoreCase'>): PatternIndex {
		const name = `${match} ${ignoreCase}`;
		let index = this.#indexes.get(name);
		if (index === undefined) {
			index = createIndex(match, ignoreCase);
			for (const entry of this.#entries.values()) index.add(entry);
			this.#indexes.set(name, index);
		}
		return index;
	}

	#insert(into: Map<number, PatternEntryView>, key: string, value: string): PatternEntryView {
		const entry = {ref: this.#nextRef++, key, value};
		into.set(entry.ref, entry);
		return entry;
	}

	/** `version` is the current one or one that was prepared. */
	add(key: string, value: string, version = this.currentVersion): void {
		this.revision += 1;
		if (version !== this.currentVersion) {
			const prepared = this.#prepared.get(version);
			if (prepared !== undefined) this.#insert(prepared, key, value);
			return;
		}
		const entry = this.#insert(this.#entries, key, value);
		for (const index of this.#indexes.values()) index.add(entry);
	}

	/** Entries with this key, or the one with this number. */
	matching(wanted: string | number): readonly PatternEntryView[] {
		if (typeof wanted === 'number') {
			const entry = this.#entries.get(wanted);
			return entry === undefined ? [] : [entry];
		}
		// A list that is looked up by whole keys has them sorted already.
		const exact = this.declared.uses.find(({match, ignoreCase}) => match === 'str' && !ignoreCase);
		if (exact !== undefined && this.index(exact).find(wanted) === undefined) return [];
		return [...this.#entries.values()].filter(({key}) => key === wanted);
	}

	remove(wanted: string | number): void {
		this.revision += 1;
		for (const entry of this.matching(wanted)) {
			this.#entries.delete(entry.ref);
			for (const index of this.#indexes.values()) index.remove(entry);
		}
	}

	/** Writes the value; the entry keeps its place. */
	set(wanted: string | number, value: string): void {
		this.revision += 1;
		for (const entry of this.matching(wanted)) this.#entries.set(entry.ref, {...entry, value});
		this.#indexes = new Map();
	}

	/** What rules do: writes the entry, or makes it. */
	put(key: string, value: string): void {
		const [found] = this.matching(key);
		if (found === undefined) this.add(key, value);
		else if (found.value !== value) this.set(key, value);
	}

	clear(version = this.currentVersion): void {
		this.revision += 1;
		if (version !== this.currentVersion) {
			this.#prepared.get(version)?.clear();
			return;
		}
		this.#entries = new Map();
		this.#indexes = new Map();
	}

	/** The number of a new, empty version. */
	prepare(): number {
		this.revision += 1;
		this.nextVersion += 1;
		this.#prepared.set(this.nextVersion, new Map());
		return this.nextVersion;
	}

	/** That version and those before it are prepared no longer: it is what counts. */
	commit(version: number): void {
		this.revision += 1;
		this.#entries = this.#prepared.get(version) ?? new Map();
		for (const older of [...this.#prepared.keys()]) if (older <= version) this.#prepared.delete(older);
		this.currentVersion = version;
		this.#indexes = new Map();
	}

	snapshot(): ListSnapshot | undefined {
		if (!this.hasChanged) return undefined;
		return {
			entries: [...this.#entries.values()],
			nextRef: this.#nextRef,
			current: this.currentVersion,
			next: this.nextVersion,
			prepared: [...this.#prepared].map(([version, entries]) => [version, [...entries.values()]]),
		};
	}

	restore({entries, nextRef, current, next, prepared}: ListSnapshot): void {
		const byRef = (list: readonly PatternEntryView[]) => new Map(list.map(entry => [entry.ref, entry]));
		this.revision += 1;
		this.#entries = byRef(entries);
		this.#nextRef = nextRef;
		this.currentVersion = current;
		this.nextVersion = next;
		this.#prepared.clear();
		for (const [version, list] of prepared) this.#prepared.set(version, byRef(list));
		this.#indexes = new Map();
	}
}

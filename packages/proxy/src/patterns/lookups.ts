/**
 * Everything that rules look up and that may change while the proxy runs, as one thread has it: lists of patterns, maps, variables of
 * the process.
 *
 * Decides when other threads' changes are taken in: before every look. Leaves their order to `change-feed.ts`.
 */
import type {Configuration, PatternMatch} from '@hapair/config';
import type {Sample} from '../rules/sample.ts';
import {ChangeFeed, type SharedFeed} from './change-feed.ts';
import {applyChange, type Change} from './changes.ts';
import type {Found} from './pattern-index.ts';
import {type ListSnapshot, PatternList} from './pattern-list.ts';

/** For a thread that starts when something has changed already. */
export interface LookupsSnapshot {
	readonly seen: number;
	readonly lists: readonly (ListSnapshot | undefined)[];
	readonly variables: readonly (readonly [string, Sample])[];
}

export class Lookups {
	readonly lists: readonly PatternList[];
	readonly #variables = new Map<string, Sample>();
	readonly #byFile: ReadonlyMap<string, number>;
	readonly #feed: ChangeFeed | undefined;
	/** Some list is no longer what the configuration says. */
	#hasChanged = false;

	/** Without `shared` this thread is alone. */
	constructor({patternLists}: Pick<Configuration, 'patternLists'>, shared?: SharedFeed, holder = 0) {
		this.lists = patternLists.map(declared => new PatternList(declared));
		this.#byFile = new Map(patternLists.flatMap(({file}, place) => (file === undefined ? [] : [[file, place]])));
		this.#feed = shared && new ChangeFeed(shared, holder, changes => this.#make(changes));
	}

	/** Changes were made before this thread began to listen: it needs a snapshot. */
	get isBehind(): boolean {
		return this.#feed !== undefined && this.#feed.count !== this.#feed.seen;
	}

	#make(changes: readonly Change[]): void {
		for (const change of changes) {
			applyChange(change, this.lists, this.#variables);
			this.#hasChanged ||= change.kind !== 'variable';
		}
	}

	/** `decide` sees the newest state. Throws what it throws, and then nothing has changed. */
	change(decide: () => readonly Change[]): void {
		if (this.#feed !== undefined) this.#feed.change(decide);
		else this.#make(decide());
	}

	/** Place of a file's list, undefined when nothing looks anything up in it. */
	placeOf(file: string): number | undefined {
		return this.#byFile.get(file);
	}

	/** No list has changed since the start, as far as this thread knows: `catchUp` at each message keeps that new. */
	get isPristine(): boolean {
		return !this.#hasChanged;
	}

	/** Are the patterns on an ACL's own line still those? */
	isUntouched(place: number): boolean {
		return !this.#hasChanged || this.lists[place]?.hasChanged !== true;
	}

	find(place: number, match: PatternMatch, ignoreCase: boolean, sample: Sample): Found | undefined {
		this.#feed?.catchUp();
		return this.lists[place]?.find(match, ignoreCase, sample);
	}

	findInFile(file: string, match: PatternMatch, ignoreCase: boolean, sample: Sample): Found | undefined {
		const place = this.#byFile.get(file);
		return place === undefined ? undefined : this.find(place, match, ignoreCase, sample);
	}

	variable(name: string): Sample | undefined {
		this.#feed?.catchUp();
		return this.#variables.get(name);
	}

	setVariable(name: string, value: Sample | undefined): void {
		this.change(() => [{kind: 'variable', name, value}]);
	}

	/** The first values, before any thread runs. */
	presetVariable(name: string, value: Sample): void {
		this.#variables.set(name, value);
	}

	/** Makes what other threads have done visible: for whoever reads `lists` directly. */
	catchUp(): void {
		this.#feed?.catchUp();
	}

	snapshot(): LookupsSnapshot {
		this.#feed?.catchUp();
		return {
			seen: this.#feed?.seen ?? 0,
			lists: this.lists.map(list => list.snapshot()),
			variables: [...this.#variables],
		};
	}

	restore({seen, lists, variables}: LookupsSnapshot): void {
		for (const [place, list] of lists.entries()) {
			if (list === undefined) continue;
			this.lists[place]?.restore(list);
			this.#hasChanged = true;
		}
		this.#variables.clear();
		for (const [name, value] of variables) this.#variables.set(name, value);
		this.#feed?.skipTo(seen);
	}

	reclaim(holder: number): void {
		this.#feed?.reclaim(holder);
	}

	close(): void {
		this.#feed?.close();
	}
}

/**
 * A stick table: keys, and what is stored of each, in one SharedArrayBuffer that all threads of the process see.
 *
 * Decides creation, expiry and purging (HAProxy manual, `stick-table`). One lock guards the whole table, as in HAProxy: a lock for each
 * bucket would leave the order by age and the exact size to a second, global lock that every access needs anyway, and what is done under
 * it takes about half a microsecond, a hundredth of what the request around it costs. Chains find a key, a list by age finds what to expire:
 * every touch puts the entry last, and since all entries live equally long, the list is in the order of expiry. So expiry and purging
 * look at the head only, a few entries at each access, never at the table.
 *
 * An entry that a session tracks (`use`) stays. Each thread counts in cells of its own what it holds, so that `reclaim` can give back
 * what a dead worker held; when it died with the lock, the table may be torn, and is emptied. It is longer than other files because every
 * access works on the same layout under that lock.
 */
import type {StickColumnName, StickTable} from '@hapair/config';
import {hashKey} from './key-hash.ts';
import {type Column, ENTRY, HEADER, type Layout, planLayout} from './layout.ts';
import {addEvents, readRate, setRate} from './sliding-rate.ts';
import {TableLock} from './table-lock.ts';

/** A key in the form of the table; `length` bytes of `bytes` count. Shorter `binary` and address keys are filled with zeros. */
export interface StickKey {
	readonly bytes: Uint8Array;
	readonly length: number;
}

/** An entry that is tracked: it stays until `letGo`. */
export interface Hold {
	readonly slot: number;
	readonly epoch: number;
}

/** A copy of an entry, for `show table`. */
export interface EntryView {
	/** Unique in the table as long as the entry lives. */
	readonly slot: number;
	readonly key: Uint8Array;
	/** How many sessions track it. */
	readonly use: number;
	/** Until it expires; 0 when it never does. */
	readonly expiresMs: number;
	readonly values: readonly number[];
}

/** An entry as another process can take it on. */
export interface KeptEntry {
	readonly key: Uint8Array;
	/** As in `EntryView.expiresMs`. */
	readonly leftMs: number;
	/** Column by column: a count; of a rate the age of its period, its events and those of the period before; 0 for what is held. */
	readonly cells: readonly number[];
}

/** Entries that one access expires at most; it creates no more than one. */
const EXPIRED_AT_ONCE = 4;
/** Tracked entries that are passed over when room is needed. */
const PASSED_OVER = 64;
/** Entries that are copied under one hold of the lock. */
const LISTED_AT_ONCE = 128;
/** How long the main thread waits for the lock. */
const MAIN_PATIENCE_MS = 200;
const NONE = -1;

/** The lock could not be had: its holder has died and is being replaced. */
export class TableBusyError extends Error {}

export class SharedStickTable {
	readonly table: StickTable;
	readonly buffer: SharedArrayBuffer;
	readonly layout: Layout;
	readonly #lock: TableLock;
	readonly #patienceMs: number;
	readonly #holder: number;
	readonly #expireMs: number;
	readonly #words: Int32Array;
	readonly #keys: Uint8Array;
	readonly #cells: Float64Array;
	readonly #columns: ReadonlyMap<StickColumnName, Column>;

	/** `workerIndex` -1 in the main thread. */
	constructor(table: StickTable, buffer: SharedArrayBuffer, workerCount: number, workerIndex: number) {
		const layout = planLayout(table, workerCount);
		this.table = table;
		this.buffer = buffer;
		this.layout = layout;
		this.#holder = workerIndex < 0 ? workerCount : workerIndex;
		this.#patienceMs = workerIndex < 0 ? MAIN_PATIENCE_MS : Number.POSITIVE_INFINITY;
		this.#expireMs = table.expireMs ?? 0;
		this.#words = new Int32Array(buffer, 0, layout.keysAtBytes / 4);
		this.#keys = new Uint8Array(buffer, layout.keysAtBytes, layout.size * layout.keyStride);
		this.#cells = new Float64Array(buffer, layout.rowsAtBytes, layout.size * layout.rowCells);
		this.#columns = new Map(layout.columns.map(column => [column.name, column]));
		this.#lock = new TableLock(this.#words, this.#holder);
	}

	/** Made once by the main thread; `seed` is any 32-bit number. */
	static create(table: StickTable, workerCount: number, seed: number): SharedStickTable {
		const buffer = new SharedArrayBuffer(planLayout(table, workerCount).totalBytes);
		const made = new SharedStickTable(table, buffer, workerCount, -1);
		made.#words[HEADER.seed] = seed;
		return made;
	}

	/** Undefined when the table does not store it. */
	column(name: StickColumnName): Column | undefined {
		return this.#columns.get(name);
	}

	// --- Tracked entries ----------------------------------------------------------------------------------------------

	/** Finds or creates the entry and keeps it; undefined when the table is full of what may not be purged. */
	hold(key: StickKey, nowMs: number): Hold | undefined {
		return this.#locked(nowMs, () => {
			const slot = this.#findOrCreate(key, nowMs);
			if (slot === NONE) return undefined;
			this.#words[this.#useAt(slot)]! += 1;
			return {slot, epoch: this.#words[HEADER.epoch]!};
		});
	}

	/** Its time to live begins now. */
	letGo(hold: Hold, nowMs: number): void {
		this.#locked(nowMs, () => {
			if (!this.#isCurrent(hold)) return;
			this.#words[this.#useAt(hold.slot)]! -= 1;
			this.#touch(hold.slot, nowMs);
		});
	}

	/** Adds `count` to each of the columns; those that are not stored are undefined. */
	add(hold: Hold, columns: readonly (Column | undefined)[], count: number, nowMs: number): void {
		this.#locked(nowMs, () => {
			if (!this.#isCurrent(hold)) return;
			for (const column of columns) {
				if (column !== undefined) this.#addTo(hold.slot, column, count, nowMs);
			}
		});
	}

	set(hold: Hold, column: Column, value: number, nowMs: number): void {
		this.#locked(nowMs, () => {
			if (this.#isCurrent(hold)) this.#setTo(hold.slot, column, value, nowMs);
		});
	}

	/** The value of a tracked entry; 0 after the table was emptied. */
	read(hold: Hold, column: Column, nowMs: number): number {
		return this.#locked(nowMs, () => (this.#isCurrent(hold) ? this.#valueOf(hold.slot, column, nowMs) : 0));
	}

	// --- Entries by key -----------------------------------------------------------------------------------------------

	has(key: StickKey, nowMs: number): boolean {
		return this.#locked(nowMs, () => this.#find(key, nowMs) !== NONE);
	}

	/** Undefined without an entry. Looking does not prolong its life. */
	valueByKey(key: StickKey, column: Column, nowMs: number): number | undefined {
		return this.#locked(nowMs, () => {
			const slot = this.#find(key, nowMs);
			return slot === NONE ? undefined : this.#valueOf(slot, column, nowMs);
		});
	}

	/** Adds to the columns of the entry, which is created if there is none; gives the first column's value, undefined when the table is full. */
	addByKey(key: StickKey, columns: readonly (Column | undefined)[], count: number, nowMs: number): number | undefined {
		return this.#locked(nowMs, () => {
			const slot = this.#findOrCreate(key, nowMs);
			if (slot === NONE) return undefined;
			for (const column of columns) {
				if (column !== undefined) this.#addTo(slot, column, count, nowMs);
			}
			const first = columns[0];
			return first === undefined ? undefined : this.#valueOf(slot, first, nowMs);
		});
	}

	/** Sets columns of the entry, which is created if there is none; false when the table is full. */
	setByKey(key: StickKey, values: readonly (readonly [Column, number])[], nowMs: number): boolean {
		return this.#locked(nowMs, () => {
			const slot = this.#findOrCreate(key, nowMs);
			if (slot === NONE) return false;
			for (const [column, value] of values) this.#setTo(slot, column, value, nowMs);
			return true;
		});
	}

	/** A use of the entry: gives the column's value and lets it live anew. Undefined without an entry. */
	useByKey(key: StickKey, column: Column, nowMs: number): number | undefined {
		return this.#locked(nowMs, () => {
			const slot = this.#find(key, nowMs);
			if (slot === NONE) return undefined;
			this.#touch(slot, nowMs);
			return this.#valueOf(slot, column, nowMs);
		});
	}

	/** `none`: there is no such entry, `busy`: a session tracks it. */
	removeByKey(key: StickKey, nowMs: number): 'removed' | 'none' | 'busy' {
		return this.#locked(nowMs, () => {
			const slot = this.#find(key, nowMs);
			return slot === NONE ? 'none' : this.#removeUnused(slot);
		});
	}

	// --- The table as a whole -----------------------------------------------------------------------------------------

	/** Entries, those that have expired since the last access included. */
	get used(): number {
		return Atomics.load(this.#words, HEADER.used);
	}

	/** Everything that has expired goes, in steps that leave the lock to others between them. */
	expireAll(nowMs: number): void {
		while (this.#locked(nowMs, () => this.#expire(LISTED_AT_ONCE, nowMs)));
	}

	/** Copies of all entries. The lock is left to others between steps: entries that come and go meanwhile may be missing. */
	list(nowMs: number): Generator<EntryView> {
		return this.#walk(nowMs, slot => this.#view(slot, nowMs));
	}

	/** The same for another process, of those used since; where entries never expire nobody knows when they were used, and all come. */
	keep(nowMs: number, usedSinceMs: number): Generator<KeptEntry> {
		const sinceMs = this.#expireMs === 0 ? Number.NEGATIVE_INFINITY : usedSinceMs + this.#expireMs;
		return this.#walk(nowMs, slot => this.#keepOne(slot, nowMs), sinceMs);
	}

	*#walk<Copy>(nowMs: number, copy: (slot: number) => Copy, expiresFromMs = Number.NEGATIVE_INFINITY): Generator<Copy> {
		for (let from = 0; from < this.layout.size; from += LISTED_AT_ONCE) {
			const copies = this.#locked(nowMs, () => {
				const end = Math.min(this.#words[HEADER.fresh]!, from + LISTED_AT_ONCE);
				const some: Copy[] = [];
				for (let slot = from; slot < end; slot++) {
					if (this.#cells[this.#rowAt(slot)]! >= expiresFromMs && this.#isLive(slot, nowMs)) some.push(copy(slot));
				}
				return end <= from ? undefined : some;
			});
			if (copies === undefined) return;
			yield* copies;
		}
	}

	/**
	 * Up to `limit` entries of another process, those that expire first in front; each in place of what is here under its key, while there is
	 * room. False when there are no more.
	 */
	restore(entries: Iterator<KeptEntry>, limit: number, nowMs: number): boolean {
		return this.#locked(nowMs, () => {
			for (let count = 0; count < limit; count++) {
				const {done, value} = entries.next();
				if (done === true) return false;
				this.#restoreOne(value, nowMs);
			}
			return true;
		});
	}

	/** The copy of one entry. */
	viewByKey(key: StickKey, nowMs: number): EntryView | undefined {
		return this.#locked(nowMs, () => {
			const slot = this.#find(key, nowMs);
			return slot === NONE ? undefined : this.#view(slot, nowMs);
		});
	}

	/** Gives back what the worker held. It must be dead. */
	reclaim(worker: number): void {
		const words = this.#words;
		if (this.#lock.isHeldBy(worker)) {
			this.#empty();
			this.#lock.release();
			return;
		}
		const held = this.#columns.get('conn_cur');
		this.#locked(0, () => {
			for (let slot = 0; slot < words[HEADER.fresh]!; slot++) {
				words[this.#entryAt(slot) + ENTRY.isTaken + 1 + worker] = 0;
				if (held !== undefined) this.#cells[this.#rowAt(slot) + held.at + worker] = 0;
			}
		});
	}

	#empty(): void {
		const words = this.#words;
		const {seed, epoch, lock, waiting} = HEADER;
		const kept = [seed, epoch, lock, waiting].map(at => [at, words[at]!] as const);
		words.fill(0);
		for (const [at, value] of kept) words[at] = value;
		words[HEADER.epoch]! += 1;
		this.#cells.fill(0);
	}

	// --- Under the lock -----------------------------------------------------------------------------------------------

	#locked<Result>(nowMs: number, act: () => Result): Result {
		if (!this.#lock.acquire(this.#patienceMs)) throw new TableBusyError('The table is being repaired.');
		try {
			this.#expire(EXPIRED_AT_ONCE, nowMs);
			return act();
		} finally {
			this.#lock.release();
		}
	}

	#entryAt(slot: number): number {
		return this.layout.entriesAt + slot * this.layout.entryWords;
	}

	#rowAt(slot: number): number {
		return slot * this.layout.rowCells;
	}

	#useAt(slot: number): number {
		return this.#entryAt(slot) + ENTRY.isTaken + 1 + this.#holder;
	}

	#useOf(slot: number): number {
		const from = this.#entryAt(slot) + ENTRY.isTaken + 1;
		let use = 0;
		for (let holder = 0; holder < this.layout.holders; holder++) use += this.#words[from + holder]!;
		return use;
	}

	#isCurrent({epoch}: Hold): boolean {
		return epoch === this.#words[HEADER.epoch];
	}

	#isLive(slot: number, nowMs: number): boolean {
		if (this.#words[this.#entryAt(slot) + ENTRY.isTaken] === 0) return false;
		const expiresMs = this.#cells[this.#rowAt(slot)]!;
		return expiresMs === 0 || expiresMs > nowMs || this.#useOf(slot) > 0;
	}

	#find(key: StickKey, nowMs: number): number {
		const words = this.#words;
		const hash = hashKey(key.bytes, key.length, words[HEADER.seed]!) | 0;
		let link = words[this.#bucketOf(hash)]!;
		while (link !== 0) {
			const at = this.#entryAt(link - 1);
			if (words[at + ENTRY.hash] === hash && this.#hasKey(link - 1, key)) {
				if (this.#isLive(link - 1, nowMs)) return link - 1;
				this.#removeUnused(link - 1);
				return NONE;
			}
			link = words[at + ENTRY.chain]!;
		}
		return NONE;
	}

	#bucketOf(hash: number): number {
		return this.layout.bucketsAt + ((hash >>> 0) & (this.layout.buckets - 1));
	}

	#hasKey(slot: number, {bytes, length}: StickKey): boolean {
		if (this.#words[this.#entryAt(slot) + ENTRY.keyLength] !== length) return false;
		const from = slot * this.layout.keyStride;
		for (let at = 0; at < length; at++) if (this.#keys[from + at] !== bytes[at]) return false;
		return true;
	}

	/** The entry, touched; `NONE` when there is no room. */
	#findOrCreate(key: StickKey, nowMs: number): number {
		const found = this.#find(key, nowMs);
		if (found !== NONE) {
			this.#touch(found, nowMs);
			return found;
		}
		const slot = this.#takeSlot(nowMs);
		if (slot === NONE) return NONE;
		const words = this.#words;
		const at = this.#entryAt(slot);
		const hash = hashKey(key.bytes, key.length, words[HEADER.seed]!) | 0;
		const bucket = this.#bucketOf(hash);
		words.fill(0, at, at + this.layout.entryWords);
		words[at + ENTRY.hash] = hash;
		words[at + ENTRY.keyLength] = key.length;
		words[at + ENTRY.isTaken] = 1;
		words[at + ENTRY.chain] = words[bucket]!;
		words[bucket] = slot + 1;
		const from = slot * this.layout.keyStride;
		for (let index = 0; index < key.length; index++) this.#keys[from + index] = key.bytes[index]!;
		this.#cells.fill(0, this.#rowAt(slot), this.#rowAt(slot) + this.layout.rowCells);
		this.#append(slot, nowMs);
		words[HEADER.used]! += 1;
		return slot;
	}

	#takeSlot(nowMs: number): number {
		const words = this.#words;
		if (words[HEADER.free] === 0 && words[HEADER.fresh] === this.layout.size) {
			const hasRoom = this.#expire(1, nowMs) || (!this.table.nopurge && this.#purgeOldest(nowMs));
			if (!hasRoom) return NONE;
		}
		const free = words[HEADER.free]!;
		if (free === 0) {
			words[HEADER.fresh]! += 1;
			return words[HEADER.fresh]! - 1;
		}
		words[HEADER.free] = words[this.#entryAt(free - 1) + ENTRY.chain]!;
		return free - 1;
	}

	// --- Age ----------------------------------------------------------------------------------------------------------

	#touch(slot: number, nowMs: number): void {
		this.#unlinkAge(slot);
		this.#append(slot, nowMs);
	}

	#append(slot: number, nowMs: number): void {
		const words = this.#words;
		const at = this.#entryAt(slot);
		const newest = words[HEADER.newest]!;
		words[at + ENTRY.older] = newest;
		words[at + ENTRY.newer] = 0;
		if (newest === 0) words[HEADER.oldest] = slot + 1;
		else words[this.#entryAt(newest - 1) + ENTRY.newer] = slot + 1;
		words[HEADER.newest] = slot + 1;
		this.#cells[this.#rowAt(slot)] = this.#expireMs === 0 ? 0 : nowMs + this.#expireMs;
	}

	#unlinkAge(slot: number): void {
		const words = this.#words;
		const at = this.#entryAt(slot);
		const older = words[at + ENTRY.older]!;
		const newer = words[at + ENTRY.newer]!;
		if (older === 0) words[HEADER.oldest] = newer;
		else words[this.#entryAt(older - 1) + ENTRY.newer] = newer;
		if (newer === 0) words[HEADER.newest] = older;
		else words[this.#entryAt(newer - 1) + ENTRY.older] = older;
	}

	/** Removes up to `limit` entries whose time is over; false when none was. One that is tracked begins anew. */
	#expire(limit: number, nowMs: number): boolean {
		if (this.#expireMs === 0) return false;
		let removed = 0;
		for (let tries = 0; tries < limit; tries++) {
			const oldest = this.#words[HEADER.oldest]!;
			if (oldest === 0 || this.#cells[this.#rowAt(oldest - 1)]! > nowMs) break;
			if (this.#removeUnused(oldest - 1) === 'removed') removed++;
			else this.#touch(oldest - 1, nowMs);
		}
		return removed > 0;
	}

	/** Makes room by the entry that was used longest ago. */
	#purgeOldest(nowMs: number): boolean {
		for (let tries = 0; tries < PASSED_OVER; tries++) {
			const oldest = this.#words[HEADER.oldest]!;
			if (oldest === 0) return false;
			if (this.#removeUnused(oldest - 1) === 'removed') return true;
			this.#touch(oldest - 1, nowMs);
		}
		return false;
	}

	#removeUnused(slot: number): 'removed' | 'busy' {
		if (this.#useOf(slot) > 0) return 'busy';
		const words = this.#words;
		const at = this.#entryAt(slot);
		let place = this.#bucketOf(words[at + ENTRY.hash]!);
		while (words[place] !== slot + 1) place = this.#entryAt(words[place]! - 1) + ENTRY.chain;
		words[place] = words[at + ENTRY.chain]!;
		this.#unlinkAge(slot);
		words[at + ENTRY.isTaken] = 0;
		words[at + ENTRY.chain] = words[HEADER.free]!;
		words[HEADER.free] = slot + 1;
		words[HEADER.used]! -= 1;
		return 'removed';
	}

	// --- Values -------------------------------------------------------------------------------------------------------

	#addTo(slot: number, column: Column, count: number, nowMs: number): void {
		const at = this.#rowAt(slot) + column.at;
		if (column.kind === 'rate') addEvents(this.#cells, at, column.periodMs, nowMs, count);
		else this.#cells[column.kind === 'held' ? at + this.#holder : at]! += count;
	}

	#setTo(slot: number, column: Column, value: number, nowMs: number): void {
		const at = this.#rowAt(slot) + column.at;
		if (column.kind === 'rate') setRate(this.#cells, at, nowMs, value);
		else if (column.kind === 'count') this.#cells[at] = value;
		// What others hold stays; the difference is the main thread's.
		else this.#cells[at + this.#holder]! += value - this.#valueOf(slot, column, nowMs);
	}

	#valueOf(slot: number, column: Column, nowMs: number): number {
		const at = this.#rowAt(slot) + column.at;
		if (column.kind === 'count') return this.#cells[at]!;
		if (column.kind === 'rate') return readRate(this.#cells, at, column.periodMs, nowMs);
		let sum = 0;
		for (let holder = 0; holder < this.layout.holders; holder++) sum += this.#cells[at + holder]!;
		return sum;
	}

	#keepOne(slot: number, nowMs: number): KeptEntry {
		const {key, expiresMs} = this.#view(slot, nowMs);
		const leftMs = this.#expireMs === 0 ? 0 : Math.max(1, expiresMs);
		const cells = this.layout.columns.flatMap(({kind, at}) => {
			const cell = this.#rowAt(slot) + at;
			if (kind === 'held') return 0;
			if (kind === 'count') return this.#cells[cell]!;
			return [nowMs - this.#cells[cell]!, this.#cells[cell + 1]!, this.#cells[cell + 2]!];
		});
		return {key, leftMs, cells};
	}

	#restoreOne({key, leftMs, cells}: KeptEntry, nowMs: number): void {
		const slot = this.#findOrCreate({bytes: key, length: key.length}, nowMs);
		if (slot === NONE) return;
		// Later touches put others behind it, so that the list stays in the order of expiry.
		if (this.#expireMs > 0 && leftMs > 0) this.#cells[this.#rowAt(slot)] = nowMs + Math.min(leftMs, this.#expireMs);
		let from = 0;
		for (const {kind, at} of this.layout.columns) {
			const cell = this.#rowAt(slot) + at;
			if (kind === 'count') this.#cells[cell] = cells[from]!;
			if (kind === 'rate') {
				this.#cells[cell] = nowMs - cells[from]!;
				this.#cells[cell + 1] = cells[from + 1]!;
				this.#cells[cell + 2] = cells[from + 2]!;
			}
			from += kind === 'rate' ? 3 : 1;
		}
	}

	#view(slot: number, nowMs: number): EntryView {
		const from = slot * this.layout.keyStride;
		const length = this.#words[this.#entryAt(slot) + ENTRY.keyLength]!;
		const expires = this.#cells[this.#rowAt(slot)]!;
		return {
			slot,
			key: this.#keys.slice(from, from + length),
			use: this.#useOf(slot),
			expiresMs: expires === 0 ? 0 : Math.max(0, Math.round(expires - nowMs)),
			values: this.layout.columns.map(column => this.#valueOf(slot, column, nowMs)),
		};
	}
}

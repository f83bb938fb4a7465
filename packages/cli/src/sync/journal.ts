/**
 * The one transaction of a node, on the disk: what a crash between its phases leaves is settled from here.
 *
 * Decides that a record is whole or absent, and what a start does with it: files whose renaming was decided are renamed before the
 * configuration is read; what the deciding node had not decided is dropped; what waits for the other node's word waits on. Two-phase commit with presumed abort.
 */
import {createHash} from 'node:crypto';
import {closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {UserError} from '../exit-codes.ts';
import {applyChanges, type Change, discardChanges, finishChanges, revertChanges} from './changes.ts';

export interface SyncRecord {
	readonly id: string;
	/** `coordinator` decides, `participant` asks it. */
	readonly role: 'coordinator' | 'participant';
	/** `prepared` may go either way; `committed` is decided and perhaps not done; `reverting` likewise. */
	readonly state: 'prepared' | 'committed' | 'reverting' | 'done' | 'aborted';
	/** Empty on the node whose files are taken. */
	readonly changes: readonly Change[];
	/** Of earlier syncs that were decided, newest last: the other node may ask for one long after it. */
	readonly committed?: readonly string[];
}

const mostRemembered = 50;

export class SyncJournal {
	readonly #path: string;
	#record: SyncRecord | undefined;
	#committed: readonly string[];

	/** One for each configuration of a state directory. */
	constructor(stateDirectory: string, files: readonly string[]) {
		const name = createHash('sha256')
			.update(resolve(files[0] ?? ''))
			.digest('hex')
			.slice(0, 12);
		this.#path = join(stateDirectory, `sync-${name}.json`);
		this.#record = readRecord(this.#path);
		this.#committed = this.#record?.committed ?? [];
	}

	/** What another daemon of this node has written meanwhile. */
	readAgain(): void {
		this.#record = readRecord(this.#path);
		this.#committed = this.#record?.committed ?? [];
	}

	get record(): SyncRecord | undefined {
		return this.#record;
	}

	/** This sync was decided here and not taken back. */
	wasCommitted(id: string): boolean {
		return this.#committed.includes(id);
	}

	/** On the disk when it returns. Throws what the file system says. */
	write(next: SyncRecord): void {
		const {id, state} = next;
		const others = this.#committed.filter(one => one !== id);
		const isDecided = state === 'committed' || state === 'done';
		this.#committed = isDecided ? [...others, id].slice(-mostRemembered) : others;
		const record = {...next, committed: this.#committed};
		const descriptor = openSync(`${this.#path}.new`, 'w', 0o600);
		try {
			writeSync(descriptor, `${JSON.stringify(record)}\n`);
			fsyncSync(descriptor);
		} finally {
			closeSync(descriptor);
		}
		renameSync(`${this.#path}.new`, this.#path);
		this.#record = record;
	}

	/** To be called before the configuration is read. Says what it did, if anything. Throws a `UserError`. */
	settle(): string | undefined {
		try {
			return this.#settle();
		} catch (error) {
			const why = error instanceof Error ? error.message : String(error);
			throw new UserError(`a sync that a crash interrupted cannot be settled: ${why}`, {hint: `see ${this.#path}`});
		}
	}

	#settle(): string | undefined {
		const record = this.#record;
		if (record === undefined) return undefined;
		if (record.state === 'committed') {
			applyChanges(record.changes);
			finishChanges(record.changes);
			this.write({...record, state: 'done'});
			return 'a sync that was decided is finished';
		}
		if (record.state === 'reverting') {
			revertChanges(record.changes);
			this.write({...record, state: 'aborted'});
			return 'a sync that failed is taken back';
		}
		if (record.state === 'prepared' && record.role === 'coordinator') {
			discardChanges(record.changes);
			this.write({...record, state: 'aborted'});
			return 'a sync that was not decided is dropped';
		}
		return undefined;
	}
}

function readRecord(path: string): SyncRecord | undefined {
	try {
		const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
		return isRecord(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

function isRecord(value: unknown): value is SyncRecord {
	if (typeof value !== 'object' || value === null) return false;
	const {id, role, state, changes} = value as Record<string, unknown>;
	return typeof id === 'string' && typeof role === 'string' && typeof state === 'string' && Array.isArray(changes);
}

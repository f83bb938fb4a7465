/**
 * This node's half of a sync: prepared, then committed or aborted, each step on the disk before it counts.
 *
 * Decides that there is one at a time, that files which would be the same are not written, and that a node which cannot run the new files
 * goes back to the old ones by itself. Leaves who decides to `coordinator.ts` and `participant.ts`.
 */
import {readFileSync} from 'node:fs';
import {exitCodes, UserError} from '../exit-codes.ts';
import type {Log} from '../logging.ts';
import {type Activate, describeActivation} from './activate.ts';
import {applyChanges, type Change, discardChanges, finishChanges, revertChanges, stageChange} from './changes.ts';
import {type FileSet, readFileSet, type SyncFile} from './file-set.ts';
import type {SyncJournal, SyncRecord} from './journal.ts';
import {confine, placeFile} from './placement.ts';
import {type Validation, type ValidationPorts, validateFiles} from './validate.ts';
import {describeFile, type Manifest} from './wire.ts';

export interface LocalSyncPorts extends ValidationPorts {
	/** The node's name in the running pair. */
	readonly own: string;
	/** Of the running configuration. */
	readonly runningDigest: () => string;
	/** Keys and tokens of this node, which no sync writes. */
	readonly secrets: () => readonly string[];
	readonly journal: SyncJournal;
	readonly activate: Activate;
	readonly log: Log;
}

export interface Prepared {
	/** Paths that will be written. */
	readonly written: readonly string[];
	readonly warnings: string;
}

export class LocalSync {
	readonly #ports: LocalSyncPorts;

	constructor(ports: LocalSyncPorts) {
		this.#ports = ports;
	}

	/** Of the last sync; absent when there was none. */
	get record(): SyncRecord | undefined {
		return this.#ports.journal.record;
	}

	readSet(): FileSet {
		return readFileSet(this.#ports.files, this.#ports.syntax);
	}

	describe(set: FileSet): Manifest {
		const {runningDigest} = this.#ports;
		const entries = set.files.map(describeFile);
		return {entries, running: runningDigest(), ...(set.digest === undefined ? {} : {digest: set.digest})};
	}

	/** This node is to have these files. Throws a `UserError`; then nothing has changed. */
	prepareTarget(id: string, role: SyncRecord['role'], files: readonly SyncFile[], expected: string): Prepared {
		this.#refuseSecond();
		const {places, digest, warnings} = validateFiles(files, this.#ports);
		if (digest !== expected) {
			throw new UserError('the files make another configuration here; are these two versions of hapair?');
		}
		const confinement = confine(
			this.readSet().files.map(({path}) => path),
			this.#ports.secrets(),
			this.#ports.uid,
		);
		const placed = places
			.filter(({path, file}) => !holds(path, file.bytes))
			.map(({path, file}) => ({target: placeFile(path, confinement), file}));
		const changes: Change[] = [];
		try {
			for (const {target, file} of placed) changes.push(stageChange(target, file, id));
			this.#ports.journal.write({id, role, state: 'prepared', changes});
		} catch (error) {
			discardChanges(changes);
			throw describeFailure(error, this.#ports.uid);
		}
		return {written: changes.map(({target}) => target), warnings};
	}

	/** This node has the files; it checks them itself and promises to run them. Throws a `UserError`. */
	prepareSource(id: string, role: SyncRecord['role'], expected: string): Prepared {
		this.#refuseSecond();
		const {digest, warnings} = this.#validateOwn();
		if (digest !== expected) throw new UserError('the files changed while they were read; try again');
		this.#ports.journal.write({id, role, state: 'prepared', changes: []});
		return {written: [], warnings};
	}

	/** Throws a `UserError` with the findings. */
	#validateOwn(): Validation {
		try {
			return validateFiles(this.readSet().files, this.#ports);
		} catch (error) {
			const {own} = this.#ports;
			throw error instanceof UserError ? new UserError(`${own} has errors in its own files:\n${error.message}`) : error;
		}
	}

	/** From here on the decision stands, over a crash too. */
	decide(id: string): SyncRecord {
		const record = this.#expect(id, 'prepared');
		const decided: SyncRecord = {...record, state: 'committed'};
		this.#ports.journal.write(decided);
		return decided;
	}

	/** Puts the files into place and has them run; says how. What cannot be run is taken back, and this rejects. */
	async carryOut(id: string): Promise<string> {
		const {changes} = this.#expect(id, 'committed');
		try {
			applyChanges(changes);
			const runsThem = changes.length === 0 && this.readSet().digest === this.#ports.runningDigest();
			if (runsThem) return describeActivation(this.#ports.own, 'running');
			return describeActivation(this.#ports.own, await this.#ports.activate());
		} catch (error) {
			const why = error instanceof Error ? error.message : String(error);
			await this.revert(id);
			throw new UserError(`${this.#ports.own} cannot run the new files and keeps the old ones: ${why}`);
		}
	}

	/** The files before it stay as `.previous`. */
	finish(id: string): void {
		const record = this.#expect(id, 'committed');
		finishChanges(record.changes);
		this.#ports.journal.write({...record, state: 'done'});
		const files = record.changes.map(({target}) => target);
		this.#ports.log.info({id, files}, 'configuration files are in step with the other node');
	}

	async revert(id: string): Promise<void> {
		const record = this.#expect(id, 'committed');
		this.#ports.journal.write({...record, state: 'reverting'});
		revertChanges(record.changes);
		this.#ports.journal.write({...record, state: 'aborted'});
		this.#ports.log.warn({id}, 'a sync was taken back');
		// What ran before did run; when even that fails the daemon's own log has the reason.
		await this.#ports.activate().catch(() => {});
	}

	/** Drops what was prepared; nothing happens when there is no such thing. */
	abort(id: string): void {
		const {record} = this;
		if (record?.id !== id || record.state !== 'prepared') return;
		discardChanges(record.changes);
		this.#ports.journal.write({...record, state: 'aborted'});
	}

	/** For a participant that asks its coordinator. What is not known was never decided. */
	outcome(id: string): 'committed' | 'aborted' | 'pending' {
		if (this.#ports.journal.wasCommitted(id)) return 'committed';
		return this.record?.id === id && this.record.state === 'prepared' ? 'pending' : 'aborted';
	}

	#refuseSecond(): void {
		const {record} = this;
		if (record === undefined || record.state === 'done' || record.state === 'aborted') return;
		throw new UserError(`${this.#ports.own}: another sync is under way (${record.state})`, {
			hint: 'it waits for the word of the other node; is hapair running there?',
			exitCode: exitCodes.refused,
		});
	}

	#expect(id: string, state: SyncRecord['state']): SyncRecord {
		const {record} = this;
		if (record?.id === id && record.state === state) return record;
		throw new UserError(`${this.#ports.own}: there is no sync ${id} that is ${state}`);
	}
}

function holds(path: string, bytes: Buffer): boolean {
	try {
		return readFileSync(path).equals(bytes);
	} catch {
		return false;
	}
}

/** The package leaves the configuration to root and runs the daemon as another user. */
function describeFailure(error: unknown, uid: number): UserError {
	const message = `nothing was written: ${error instanceof Error ? error.message : String(error)}`;
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') return new UserError(message);
	return new UserError(message, {
		hint: `the daemon there runs as user id ${uid}: give it the directory and the files (chown), and ReadWritePaths= in its unit`,
	});
}

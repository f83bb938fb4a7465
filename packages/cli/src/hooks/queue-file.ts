/**
 * Which hooks still have to run, on the disk: a kill -9 of the daemon forgets none.
 *
 * Decides when a line is written and flushed to the disk: at once, in the background. No hook waits for it, since what has run needs
 * no memory. A full or slow disk costs the memory, with one warning: the hooks run all the same, and as soon as the disk takes bytes
 * again the file is written anew, whole. Appended to, and replaced by what is left when it has grown; so its size is bounded.
 */
import {readFileSync, statSync} from 'node:fs';
import {open, rename} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {Log} from '../logging.ts';
import type {HookOccasion} from './events.ts';

/** A run that has not ended: which hook (see `nameHooks`), and what it is told. */
export interface StoredRun {
	readonly hook: string;
	readonly occasion: HookOccasion;
}

/** Beyond it, and beyond twice what is left, the file is replaced. */
const MOST_BYTES = 262_144;
/** A file that is longer was not written by this daemon. */
const MOST_READ_BYTES = 16_777_216;
/** Lines that wait for a disk that does not answer; beyond it the file is written whole when it does. */
const MOST_UNWRITTEN = 2000;
/** How often a disk that refused is tried again. */
const RETRY_MS = 5000;
const notKept = 'hooks that wait are not kept over a crash of the daemon';

export class QueueFile {
	readonly #path: string | undefined;
	readonly #log: Log;
	readonly #live = new Map<string, StoredRun>();
	readonly #retryMs: number;
	#unwritten: string[] = [];
	#writing: Promise<void> | undefined;
	#bytes = 0;
	/** The size after the last replacement. */
	#baseBytes = 0;
	/** The file does not say what is live: the next write replaces it. */
	#stale = true;
	#isRead = false;
	#trouble: string | undefined;
	#retry: NodeJS.Timeout | undefined;

	/** @param path Nothing: runs live in memory only. */
	constructor(path: string | undefined, log: Log, retryMs = RETRY_MS) {
		this.#path = path;
		this.#log = log;
		this.#retryMs = retryMs;
	}

	/** Not before it is needed: until then another daemon of this node may write it. */
	#restore(): void {
		if (this.#isRead) return;
		this.#isRead = true;
		for (const run of this.#path === undefined ? [] : this.#read(this.#path)) this.#live.set(keyOf(run), run);
	}

	/** What had not ended when the last daemon did, oldest first. */
	get runs(): readonly StoredRun[] {
		this.#restore();
		return [...this.#live.values()];
	}

	/** Why the disk does not have what waits, as a sentence; nothing when it has. */
	get trouble(): string | undefined {
		return this.#trouble === undefined ? undefined : `${notKept}: ${this.#trouble}`;
	}

	add(run: StoredRun): void {
		this.#restore();
		const key = keyOf(run);
		this.#live.set(key, run);
		this.#note(JSON.stringify({add: key, ...run}));
	}

	/** It has run, or will not any more. */
	remove(run: StoredRun): void {
		this.#restore();
		const key = keyOf(run);
		if (this.#live.delete(key)) this.#note(JSON.stringify({done: key}));
	}

	/** Resolves when everything is on the disk, or the disk has refused. */
	async flushed(): Promise<void> {
		while (this.#writing !== undefined) await this.#writing;
	}

	#note(line: string): void {
		if (this.#path === undefined) return;
		// While the disk refuses nothing is collected: what is live is known, and written whole.
		if (!this.#stale) this.#unwritten.push(line);
		if (this.#unwritten.length > MOST_UNWRITTEN) {
			this.#unwritten = [];
			this.#stale = true;
		}
		if (this.#trouble === undefined) this.#start(this.#path);
	}

	#start(path: string): void {
		this.#writing ??= this.#write(path).finally(() => {
			this.#writing = undefined;
			if (this.#trouble === undefined && (this.#stale || this.#unwritten.length > 0)) this.#start(path);
		});
	}

	async #write(path: string): Promise<void> {
		try {
			if (this.#stale || this.#bytes > Math.max(MOST_BYTES, 2 * this.#baseBytes)) await this.#replace(path);
			else await this.#append(path);
			if (this.#trouble !== undefined) this.#log.info({path}, 'the queue of hooks is kept again');
			this.#trouble = undefined;
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			if (this.#trouble === undefined) this.#log.warn({path}, `${notKept}: ${message}`);
			this.#trouble = message;
			this.#stale = true;
			this.#unwritten = [];
			this.#retry ??= setTimeout(() => {
				this.#retry = undefined;
				this.#start(path);
			}, this.#retryMs).unref();
		}
	}

	async #append(path: string): Promise<void> {
		const text = `${this.#unwritten.splice(0).join('\n')}\n`;
		const file = await open(path, 'a', 0o600);
		try {
			await file.appendFile(text);
			await file.datasync();
		} finally {
			await file.close();
		}
		this.#bytes += Buffer.byteLength(text);
	}

	/** The new file is complete on the disk before it takes the old one's name. */
	async #replace(path: string): Promise<void> {
		this.#unwritten = [];
		this.#stale = false;
		let text = '';
		for (const [key, run] of this.#live) text += `${JSON.stringify({add: key, ...run})}\n`;
		const file = await open(`${path}.new`, 'w', 0o600);
		try {
			await file.writeFile(text);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(`${path}.new`, path);
		const directory = await open(dirname(path), 'r');
		try {
			await directory.sync();
		} finally {
			await directory.close();
		}
		this.#bytes = Buffer.byteLength(text);
		this.#baseBytes = this.#bytes;
	}

	#read(path: string): StoredRun[] {
		try {
			if (statSync(path).size > MOST_READ_BYTES) throw new Error(`it is longer than ${MOST_READ_BYTES} bytes`);
			return readRuns(readFileSync(path, 'utf8'));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
			const message = error instanceof Error ? error.message : String(error);
			this.#log.warn({path}, `hooks that waited when the last daemon ended are lost: ${message}`);
			return [];
		}
	}
}

/** The runs that were added and not ended. A line that is none, half of one after a crash, is left out. */
export function readRuns(text: string): StoredRun[] {
	const runs = new Map<string, StoredRun>();
	for (const line of text.split('\n')) {
		const value = parseLine(line);
		if (typeof value?.done === 'string') runs.delete(value.done);
		else if (typeof value?.add === 'string' && typeof value.hook === 'string' && isOccasion(value.occasion))
			runs.set(value.add, {hook: value.hook, occasion: value.occasion});
	}
	return [...runs.values()];
}

function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}

const TEXTS = ['eventId', 'event', 'about', 'pair', 'node', 'peer', 'oldState', 'newState', 'reason', 'time'] as const;

function isOccasion(value: unknown): value is HookOccasion {
	if (typeof value !== 'object' || value === null) return false;
	const fields = value as Record<string, unknown>;
	if (!TEXTS.every(name => typeof fields[name] === 'string') || typeof fields.isState !== 'boolean') return false;
	if (typeof fields.term !== 'number' || typeof fields.priority !== 'number') return false;
	return [fields.virtualAddresses, fields.interfaces].every(
		list => Array.isArray(list) && list.every(item => typeof item === 'string'),
	);
}

function keyOf({hook, occasion}: StoredRun): string {
	return `${occasion.eventId} ${hook}`;
}

/**
 * What a node answers when the other one syncs, and how it settles what it was left with.
 *
 * Decides that what was prepared waits for the decision however long that takes: when the connection ends without it, and after a restart,
 * the other node is asked until it answers. It changes nothing in the meantime.
 */
import {UserError} from '../exit-codes.ts';
import type {Log} from '../logging.ts';
import type {FrameObject} from '../peer/frames.ts';
import type {Handler, PeerChannel} from '../peer/peer-channel.ts';
import {PeerError, type PeerSession} from '../peer/peer-session.ts';
import type {FileSet, SyncFile} from './file-set.ts';
import type {LocalSync} from './local-sync.ts';
import {type Manifest, readContent, readManifest, readText} from './wire.ts';

/** Files on their way, of one connection. */
interface Incoming {
	readonly id: string;
	readonly manifest: Manifest;
	readonly files: SyncFile[];
}

const askAgainMs = 2000;
const slowestAskMs = 30_000;
const answerLimitMs = 5000;

export class SyncParticipant {
	readonly #local: LocalSync;
	readonly #channel: PeerChannel;
	readonly #log: Log;
	readonly #incoming = new WeakMap<PeerSession, Incoming>();
	/** What was listed is what is read, though the disk goes on. */
	readonly #listed = new WeakMap<PeerSession, FileSet>();
	/** What a decision has set going. */
	#work: Promise<unknown> = Promise.resolve();
	#timer: NodeJS.Timeout | undefined;
	#closed = false;

	constructor(local: LocalSync, channel: PeerChannel, log: Log) {
		this.#local = local;
		this.#channel = channel;
		this.#log = log;
		const handlers: Readonly<Record<string, Handler>> = {
			'sync list': (_, session) => this.#list(session),
			'sync read': (body, session) => this.#read(body, session),
			'sync begin': (body, session) => this.#begin(body, session),
			'sync put': (body, session) => this.#put(body, session),
			'sync prepare': (body, session) => this.#prepare(body, session),
			'sync hold': (body, session) => this.#hold(body, session),
			'sync commit': body => this.#commit(body),
			'sync finish': async body => this.#local.finish(readId(body)) ?? {},
			'sync revert': async body => (await this.#local.revert(readId(body))) ?? {},
			'sync abort': async body => this.#local.abort(readId(body)) ?? {},
			'sync outcome': async body => ({outcome: this.#local.outcome(readId(body))}),
		};
		for (const [ask, handler] of Object.entries(handlers))
			channel.on(ask, (...order) => handler(...order).catch(addHint));
	}

	/** Settles what an earlier life of the daemon was left with. */
	start(): void {
		const {record} = this.#local;
		if (record?.role === 'participant' && record.state === 'prepared') void this.#askOutcome(record.id, askAgainMs);
	}

	close(): void {
		this.#closed = true;
		clearTimeout(this.#timer);
	}

	async #list(session: PeerSession): Promise<object> {
		const set = this.#local.readSet();
		this.#listed.set(session, set);
		return this.#local.describe(set);
	}

	async #read(body: FrameObject, session: PeerSession): Promise<object> {
		const key = readText(body.key, 4096);
		const file = this.#listed.get(session)?.files.find(one => one.key === key);
		if (file === undefined) throw new PeerError(`${key}: was not listed`);
		return {content: file.bytes.toString('base64')};
	}

	async #begin(body: FrameObject, session: PeerSession): Promise<object> {
		await this.#settleOver(session);
		this.#incoming.set(session, {id: readId(body), manifest: readManifest(body), files: []});
		return {};
	}

	async #put(body: FrameObject, session: PeerSession): Promise<object> {
		const incoming = this.#incoming.get(session);
		const entry = incoming?.manifest.entries[incoming.files.length];
		if (incoming === undefined || entry === undefined) throw new PeerError('a file that was not announced');
		incoming.files.push(readContent(body, entry));
		return {};
	}

	async #prepare(body: FrameObject, session: PeerSession): Promise<object> {
		const id = readId(body);
		const incoming = this.#incoming.get(session);
		if (incoming?.id !== id || incoming.files.length !== incoming.manifest.entries.length)
			throw new PeerError('not all files have come');
		const prepared = this.#local.prepareTarget(id, 'participant', incoming.files, incoming.manifest.digest ?? '');
		this.#settleAfter(session, id);
		return prepared;
	}

	async #hold(body: FrameObject, session: PeerSession): Promise<object> {
		const id = readId(body);
		await this.#settleOver(session);
		const prepared = this.#local.prepareSource(id, 'participant', readText(body.digest, 64));
		this.#settleAfter(session, id);
		return prepared;
	}

	async #commit(body: FrameObject): Promise<object> {
		const id = readId(body);
		this.#local.decide(id);
		const work = this.#local.carryOut(id);
		this.#work = work.catch(() => {});
		return {message: await work};
	}

	/** The connection may end between the phases. */
	#settleAfter(session: PeerSession, id: string): void {
		void session.closed.then(async () => {
			await this.#work;
			const {record} = this.#local;
			if (record?.id !== id || this.#closed) return;
			if (record.state === 'committed') this.#local.finish(id);
			else if (record.state === 'prepared') void this.#askOutcome(id, askAgainMs);
		});
	}

	/** The node that comes with a new sync can say what became of the last one. */
	async #settleOver(session: PeerSession): Promise<void> {
		const {record} = this.#local;
		if (record?.role === 'participant' && record.state === 'prepared') await this.#settle(record.id, session);
	}

	async #askOutcome(id: string, pauseMs: number): Promise<void> {
		try {
			await this.#channel.converse(session => this.#settle(id, session));
		} catch (error) {
			this.#log.debug(
				{id},
				`the outcome of a sync is not known yet: ${error instanceof Error ? error.message : error}`,
			);
		}
		const {record} = this.#local;
		if (this.#closed || record?.id !== id || record.state !== 'prepared') return;
		this.#timer = setTimeout(() => void this.#askOutcome(id, Math.min(slowestAskMs, pauseMs * 2)), pauseMs);
		this.#timer.unref();
	}

	/** Nothing happens while the other node has not decided. */
	async #settle(id: string, session: PeerSession): Promise<void> {
		const {outcome} = await session.request('sync outcome', {id}, answerLimitMs);
		const {record} = this.#local;
		if (this.#closed || record?.id !== id || record.state !== 'prepared') return;
		if (outcome === 'committed') {
			this.#local.decide(id);
			this.#log.info({id}, `a sync was decided while this node was away: ${await this.#local.carryOut(id)}`);
			this.#local.finish(id);
		} else if (outcome === 'aborted') {
			this.#local.abort(id);
			this.#log.info({id}, 'a sync was not decided, and is dropped');
		}
	}
}

/** What helps belongs to what is told over there. */
function addHint(error: unknown): never {
	if (!(error instanceof UserError) || error.hint === undefined) throw error;
	throw new Error(`${error.message}; ${error.hint}`);
}

function readId({id}: FrameObject): string {
	if (typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id)) return id;
	throw new PeerError('a sync needs a number');
}

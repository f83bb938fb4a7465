/**
 * A sync as the node runs it on which it was ordered: the difference, and the two phases.
 *
 * Decides the order. Both nodes check and stage first; then the decision is written here, and only then does either change. The node that
 * gets the files goes first: if it cannot run them, both stay as they were. A node that vanishes after the decision finishes it when it is back.
 */
import {randomUUID} from 'node:crypto';
import {UserError} from '../exit-codes.ts';
import type {FrameObject} from '../peer/frames.ts';
import type {PeerChannel} from '../peer/peer-channel.ts';
import {PeerError, PeerRefusal, type PeerSession} from '../peer/peer-session.ts';
import {compareFiles, type FileDifference} from './compare.ts';
import {type FileSet, hashBytes, type SyncFile} from './file-set.ts';
import type {LocalSync} from './local-sync.ts';
import {type Manifest, readContent, readManifest} from './wire.ts';

export interface Difference {
	/** Names of this node and the other. */
	readonly own: string;
	readonly peer: string;
	readonly files: readonly FileDifference[];
	/** Sentences on what a node runs beside what it has. */
	readonly remarks: readonly string[];
}

export interface Parties {
	readonly own: string;
	readonly peer: string;
	readonly local: LocalSync;
	readonly channel: PeerChannel;
}

/** For a list, one file, or the check of all. */
const answerLimitMs = 15_000;
/** A reload starts a process and carries large tables over: its own limits are 60 s each. */
const commitLimitMs = 150_000;

/** Rejects with a `PeerError` when the peer cannot be asked. */
export async function findDifference({own, peer, local, channel}: Parties): Promise<Difference> {
	return channel.converse(async session => {
		const set = local.readSet();
		const mine = local.describe(set);
		const manifest = await listPeer(session);
		const files = compareFiles(set.files, await fetchFiles(session, manifest, set.files));
		const remarks = [
			...set.unreadable.map(why => `${own} does not compare ${why}`),
			...describeRunning(own, mine),
			...describeRunning(peer, manifest),
			...(session.differentVersions === undefined ? [] : [session.differentVersions]),
		];
		return {own, peer, files, remarks};
	});
}

function describeRunning(node: string, {digest, running}: Manifest): string[] {
	if (digest === running) return [];
	return [
		digest === undefined
			? `${node} has files with errors`
			: `${node} has files that it does not run yet: hapair reload there`,
	];
}

/** `push`: the peer gets this node's files. Says what was done, in one sentence. Rejects when nothing was. */
export async function synchronise(
	parties: Parties,
	direction: 'push' | 'pull',
	progress: (message: string) => void,
): Promise<string> {
	return parties.channel.converse(async session => {
		const id = randomUUID();
		const versions = session.differentVersions;
		if (versions !== undefined) progress(versions);
		try {
			const written =
				direction === 'push'
					? await preparePush(parties, session, id, progress)
					: await preparePull(parties, session, id, progress);
			const receiver = direction === 'push' ? parties.peer : parties.own;
			progress(
				written.length === 0 ? `${receiver} has these files already` : `${receiver} will write ${written.join(', ')}`,
			);
		} catch (error) {
			parties.local.abort(id);
			await session.request('sync abort', {id}, answerLimitMs).catch(() => {});
			throw versions === undefined || !(error instanceof UserError) ? error : blameVersions(error, versions);
		}
		parties.local.decide(id);
		return direction === 'push' ? commitPush(parties, session, id) : commitPull(parties, session, id);
	});
}

/** One version may know a keyword that the other does not. */
function blameVersions({message, hint, exitCode}: UserError, versions: string): UserError {
	return new UserError(`${message}\n${versions}`, {hint: hint ?? 'install the same version on both', exitCode});
}

async function preparePush(
	{own, peer, local}: Parties,
	session: PeerSession,
	id: string,
	progress: (message: string) => void,
): Promise<readonly string[]> {
	const set = local.readSet();
	const manifest = local.describe(set);
	const {warnings} = local.prepareSource(id, 'coordinator', manifest.digest ?? '');
	tellWarnings(own, warnings, progress);
	await sendFiles(session, id, set, manifest);
	const prepared = await ask(peer, session, 'sync prepare', {id}, answerLimitMs);
	tellWarnings(peer, prepared.warnings, progress);
	return readPaths(prepared.written);
}

async function preparePull(
	{own, peer, local}: Parties,
	session: PeerSession,
	id: string,
	progress: (message: string) => void,
): Promise<readonly string[]> {
	const manifest = await listPeer(session);
	const {digest} = manifest;
	if (digest === undefined)
		throw new UserError(`${peer} has errors in its own files`, {hint: `hapair check on ${peer} names them`});
	const files = await fetchFiles(session, manifest, local.readSet().files);
	const prepared = local.prepareTarget(id, 'coordinator', files, digest);
	tellWarnings(own, prepared.warnings, progress);
	const held = await ask(peer, session, 'sync hold', {id, digest}, answerLimitMs);
	tellWarnings(peer, held.warnings, progress);
	return prepared.written;
}

async function commitPush({own, peer, local}: Parties, session: PeerSession, id: string): Promise<string> {
	let theirs: string;
	try {
		theirs = String((await ask(peer, session, 'sync commit', {id}, commitLimitMs)).message);
	} catch (error) {
		if (!(error instanceof PeerError)) {
			await local.revert(id);
			throw error;
		}
		const ours = await local.carryOut(id);
		local.finish(id);
		return `${ours}; ${peer} fell silent after the decision and finishes it by itself when it is back`;
	}
	try {
		const ours = await local.carryOut(id);
		local.finish(id);
		await session.request('sync finish', {id}, answerLimitMs).catch(() => {});
		return `${own} and ${peer} have the same files; ${ours}, ${theirs}`;
	} catch (error) {
		await session.request('sync revert', {id}, commitLimitMs);
		throw error;
	}
}

async function commitPull({own, peer, local}: Parties, session: PeerSession, id: string): Promise<string> {
	const ours = await local.carryOut(id);
	try {
		const theirs = String((await ask(peer, session, 'sync commit', {id}, commitLimitMs)).message);
		local.finish(id);
		await session.request('sync finish', {id}, answerLimitMs).catch(() => {});
		return `${own} and ${peer} have the same files; ${ours}, ${theirs}`;
	} catch (error) {
		if (!(error instanceof PeerError)) {
			await local.revert(id);
			throw error;
		}
		local.finish(id);
		return `${ours}; ${peer} fell silent after the decision and finishes it by itself when it is back`;
	}
}

/** What the peer says no to is a `UserError`; that it cannot be reached stays a `PeerError`. */
async function ask(
	peer: string,
	session: PeerSession,
	what: string,
	body: object,
	limitMs: number,
): Promise<FrameObject> {
	try {
		return await session.request(what, body, limitMs);
	} catch (error) {
		throw error instanceof PeerRefusal ? new UserError(`${peer} refuses: ${error.message}`) : error;
	}
}

async function listPeer(session: PeerSession): Promise<Manifest> {
	return readManifest(await session.request('sync list', {}, answerLimitMs));
}

/** What this node has already is not sent again. */
async function fetchFiles(session: PeerSession, {entries}: Manifest, own: readonly SyncFile[]): Promise<SyncFile[]> {
	const files: SyncFile[] = [];
	for (const entry of entries) {
		const known = own.find(({key, bytes}) => key === entry.key && hashBytes(bytes) === entry.sha256);
		const {size: _, sha256: __, ...rest} = entry;
		if (known !== undefined) files.push({...rest, bytes: known.bytes});
		else files.push(readContent(await session.request('sync read', {key: entry.key}, answerLimitMs), entry));
	}
	return files;
}

async function sendFiles(session: PeerSession, id: string, {files}: FileSet, manifest: Manifest): Promise<void> {
	await session.request('sync begin', {id, ...manifest}, answerLimitMs);
	for (const {bytes} of files) {
		await session.request('sync put', {content: bytes.toString('base64')}, answerLimitMs);
	}
}

function tellWarnings(node: string, warnings: unknown, progress: (message: string) => void): void {
	if (typeof warnings === 'string' && warnings !== '') progress(`${node} finds:\n${warnings}`);
}

function readPaths(value: unknown): string[] {
	return Array.isArray(value) ? value.map(String).slice(0, 500) : [];
}

/**
 * One examination: every check once, all at the same time, each within its own deadline.
 *
 * Decides the order of the findings, which is that of the layers: this machine, its links, the network, the peer, providers. A check that
 * does not end, or breaks, is an unknown and takes no other with it.
 */
import {release} from 'node:os';
import type {Driver} from '@hapair/takeover';
import {judgeAgreement, judgeOverheardAgreement} from './checks/agreement.ts';
import {type AnnouncementFacts, judgeAnnouncement} from './checks/announcement.ts';
import {judgeCapabilities, readCapabilities} from './checks/capabilities.ts';
import {judgeClock, probeClock} from './checks/clock.ts';
import {judgeConflicts, probeConflicts} from './checks/conflicts.ts';
import {judgeDuplicates} from './checks/duplicate.ts';
import {judgeKernel} from './checks/kernel.ts';
import {judgeLease, probeLease} from './checks/lease.ts';
import {judgeLink, probeLink} from './checks/link.ts';
import {judgeMtu, type MtuFacts, probeMtu} from './checks/mtu.ts';
import {digestOfPeer, judgeDigests, judgeListened, judgePaths, ofPeer} from './checks/peer.ts';
import {judgePrograms} from './checks/programs.ts';
import {judgeProvider, probeProvider} from './checks/provider.ts';
import {judgeStarvation, probeStarvation} from './checks/starvation.ts';
import {judgeStranger} from './checks/stranger.ts';
import {eavesdrop, type Overheard} from './eavesdrop.ts';
import {type Finding, finding} from './finding.ts';
import {rehearse} from './rehearse.ts';
import {devicesOf, type Subject} from './subject.ts';

/** The slowest check, a provider, may take 10 s itself. */
const checkLimitMs = 15_000;

type Check = readonly [name: string, work: () => Finding | readonly Finding[] | Promise<Finding | readonly Finding[]>];

/** What two checks read, gathered once. */
interface SharedFacts {
	readonly rehearsed: () => Promise<AnnouncementFacts[]>;
	readonly heard: () => Promise<Overheard[] | undefined>;
	readonly sizes: () => Promise<MtuFacts>;
}

export async function examine(subject: Subject, drivers: readonly Driver[]): Promise<Finding[]> {
	const rehearsed = once(() => rehearse(subject));
	const sizes = once(() => probeMtu(subject));
	const heard = once(() => eavesdrop(listeningDevices(subject), subject));
	const groups = await Promise.all(
		listChecks(subject, drivers, {rehearsed, heard, sizes}).map(([name, work]) => bound(name, work)),
	);
	return groups.flat();
}

function listChecks(subject: Subject, drivers: readonly Driver[], {rehearsed, heard, sizes}: SharedFacts): Check[] {
	const {pair, daemon} = subject;
	return [
		['programs', () => judgePrograms(pair, subject.tools)],
		['capabilities', () => judgeCapabilities(readCapabilities(daemon?.pid ?? 'self'), daemon !== undefined)],
		['kernel', () => judgeKernel(release())],
		['lease', async () => judgeLease(await probeLease(subject))],
		['steal', async () => judgeStarvation(await probeStarvation(subject), pair)],
		['clock', async () => judgeClock(await probeClock(subject))],
		['conflicts', () => judgeConflicts(probeConflicts(pair.virtualAddresses))],
		['link', () => devicesOf(pair).map(device => judgeLink(probeLink(device)))],
		['mtu', async () => judgeMtu(await sizes())],
		['announcement', async () => (await rehearsed()).map(judgeAnnouncement)],
		['address', async () => (await rehearsed()).flatMap(judgeStranger)],
		['pair-id', async () => judgeDuplicates(await heard(), pair, subject.keys)],
		['unicast', () => examineUnicast(subject, heard, sizes)],
		['agreement', () => examineAgreement(subject, heard)],
		['digest', async () => judgeDigests(await findDigests(subject, heard), subject.peer.name)],
		...drivers.map((driver): Check => [driver.name, async () => judgeProvider(await probeProvider(driver))]),
	];
}

async function examineUnicast(
	subject: Subject,
	heard: SharedFacts['heard'],
	sizes: SharedFacts['sizes'],
): Promise<Finding | Finding[]> {
	const report = subject.daemon?.pair;
	if (report !== undefined) return judgePaths(report, subject.pair.port);
	const [listened, {small}] = await Promise.all([heard(), sizes()]);
	return judgeListened({heard: listened, ...(small === undefined ? {} : {echo: small})}, subject);
}

async function examineAgreement(subject: Subject, heard: SharedFacts['heard']): Promise<Finding[]> {
	const report = subject.daemon?.pair;
	if (report !== undefined) return judgeAgreement(report);
	const all = await heard();
	return judgeOverheardAgreement(all && ofPeer(all, subject), subject);
}

async function findDigests(subject: Subject, heard: () => Promise<Overheard[] | undefined>) {
	const {daemon, configDigest} = subject;
	const told = daemon?.pair?.nodes[1].configDigest;
	const peer = daemon === undefined ? digestOfPeer(await heard(), subject) : told === '' ? undefined : told;
	return {
		files: configDigest,
		...(daemon === undefined ? {} : {daemon: daemon.configDigest}),
		...(peer === undefined ? {} : {peer}),
	};
}

/** Where the peer and masters of other pairs may be heard. */
function listeningDevices({pair, routes}: Subject): string[] {
	const paths = routes.flatMap(({device}) => (device === undefined || device === 'lo' ? [] : [device]));
	return [...new Set([...devicesOf(pair), ...paths])];
}

async function bound(name: string, work: Check[1]): Promise<readonly Finding[]> {
	const {promise, resolve} = Promise.withResolvers<readonly Finding[]>();
	const limit = setTimeout(
		() => resolve([finding(name, 'unknown', `did not end within ${checkLimitMs / 1000} s`)]),
		checkLimitMs,
	);
	try {
		const done = Promise.resolve(work()).then(found => (Array.isArray(found) ? found : [found as Finding]));
		return await Promise.race([done, promise]);
	} catch (error) {
		return [
			finding(name, 'unknown', `could not be examined: ${error instanceof Error ? error.message : String(error)}`),
		];
	} finally {
		clearTimeout(limit);
	}
}

/** Two checks read the same facts. */
function once<Value>(work: () => Promise<Value>): () => Promise<Value> {
	let running: Promise<Value> | undefined;
	return () => {
		running ??= work();
		return running;
	};
}

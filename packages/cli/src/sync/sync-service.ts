/**
 * The channel to the peer and what runs over it, as one part of the daemon.
 *
 * Decides when there is none: no pair, no key, `peer-channel off`. Leaves the channel to `peer/`, files to the modules beside it.
 */
import type {Pair, PairNode} from '@hapair/config';
import type {SyntaxChoice} from '../configuration/load.ts';
import {findPeer, listLocalAddresses} from '../configuration/own-node.ts';
import type {Key} from '../daemon/keys.ts';
import {exitCodes, UserError} from '../exit-codes.ts';
import type {Log} from '../logging.ts';
import {type ChannelReport, PeerChannel} from '../peer/peer-channel.ts';
import type {Activate} from './activate.ts';
import {type Difference, findDifference, type Parties, synchronise} from './coordinator.ts';
import {SyncJournal} from './journal.ts';
import {LocalSync} from './local-sync.ts';
import {SyncParticipant} from './participant.ts';

export interface SyncSetup {
	readonly pair: Pair;
	readonly own: PairNode;
	readonly keys: readonly Key[];
	readonly version: string;
	/** Of what the daemon runs now. */
	readonly runningDigest: () => string;
	readonly uid: number;
	/** Of the command line. */
	readonly files: readonly string[];
	readonly syntax: SyntaxChoice | undefined;
	readonly nodeName: string | undefined;
	/** Absent: no journal can be kept, so nothing is synced. */
	readonly stateDirectory: string | undefined;
	/** How the daemon comes to run the files. */
	readonly activate: Activate;
}

export class SyncService {
	readonly #channel: PeerChannel;
	#current: Pick<SyncSetup, 'pair' | 'keys'>;
	readonly #parties: Parties | undefined;
	readonly #participant: SyncParticipant | undefined;
	readonly #journal: SyncJournal | undefined;
	#busy = false;

	/** `undefined` where the nodes' daemons do not talk. */
	static create(setup: SyncSetup, log: Log): SyncService | undefined {
		const {pair, keys} = setup;
		return pair.channelPort === undefined || keys.length === 0
			? undefined
			: new SyncService(setup, pair.channelPort, log);
	}

	private constructor(setup: SyncSetup, port: number, log: Log) {
		const {pair, own, version, stateDirectory} = setup;
		this.#current = setup;
		const peer = findPeer(pair, own);
		const ends = {
			own: {pair: pair.name, node: own.name, version, address: own.address},
			peer: {node: peer.name, address: peer.address},
			port,
			keys: () => this.#current.keys,
		};
		this.#channel = new PeerChannel(ends, log);
		if (stateDirectory === undefined) return;
		const journal = new SyncJournal(stateDirectory, setup.files);
		this.#journal = journal;
		const local = new LocalSync({
			own: own.name,
			files: setup.files,
			syntax: setup.syntax,
			nodeName: setup.nodeName,
			uid: setup.uid,
			localAddresses: listLocalAddresses,
			runningDigest: setup.runningDigest,
			secrets: () => listSecrets(this.#current.pair),
			journal,
			activate: setup.activate,
			log,
		});
		this.#parties = {own: own.name, peer: peer.name, local, channel: this.#channel};
		this.#participant = new SyncParticipant(local, this.#channel, log);
	}

	/** For what else runs over it. */
	get channel(): PeerChannel {
		return this.#channel;
	}

	/** A reload brought these; where the channel listens stays. */
	adopt(current: Pick<SyncSetup, 'pair' | 'keys'>): void {
		this.#current = current;
	}

	start(): void {
		this.#journal?.readAgain();
		this.#channel.start();
		this.#participant?.start();
	}

	/** Files of this node are about to be changed. */
	get isBusy(): boolean {
		const state = this.#journal?.record?.state;
		return this.#busy || (state !== undefined && state !== 'done' && state !== 'aborted');
	}

	close(): Promise<void> {
		this.#participant?.close();
		return this.#channel.close();
	}

	report(): ChannelReport {
		return this.#channel.report();
	}

	difference(): Promise<Difference> {
		return findDifference(this.#expectParties());
	}

	/** One at a time. Resolves with a sentence on what was done; rejects when nothing was. */
	async synchronise(direction: 'push' | 'pull', progress: (message: string) => void): Promise<string> {
		const parties = this.#expectParties();
		if (this.#busy) throw new UserError('a sync is already under way', {exitCode: exitCodes.refused});
		this.#busy = true;
		try {
			return await synchronise(parties, direction, progress);
		} finally {
			this.#busy = false;
		}
	}

	#expectParties(): Parties {
		if (this.#parties !== undefined) return this.#parties;
		throw new UserError('there is no state directory, so a sync could not survive a crash', {
			hint: 'name one that can be written with --state-dir',
			exitCode: exitCodes.refused,
		});
	}
}

/** What the pair section names and no sync writes: keys, tokens, and the file that a driver writes itself. */
function listSecrets(pair: Pair): string[] {
	const found: string[] = [...pair.secretFiles];
	const walk = (value: unknown): void => {
		if (typeof value !== 'object' || value === null) return;
		for (const [name, inner] of Object.entries(value)) {
			if (typeof inner === 'string' && /file$/i.test(name) && name !== 'file') found.push(inner);
			else walk(inner);
		}
	};
	walk(pair.hooks);
	walk(pair.drivers);
	return [...found, ...pair.drivers.flatMap(driver => (driver.kind === 'bgp' ? [driver.file] : []))];
}

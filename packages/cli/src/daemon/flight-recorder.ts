/**
 * The flight recorder at work: keeps the heartbeat's ring around each change, shows it to the peer, and has changes investigated.
 *
 * Wires `history/flight-keeper.ts` and `history/investigation.ts` to the channel between the daemons. Without a channel there is
 * only one side of the story, and the evidence in the history's lines is all.
 */

import type {Transition} from '@hapair/heartbeat';
import {masterDownMs} from '@hapair/heartbeat';
import {findPeer} from '../configuration/own-node.ts';
import type {Cause} from '../history/cause.ts';
import {FlightKeeper} from '../history/flight-keeper.ts';
import type {HistoryFile} from '../history/history-file.ts';
import {Investigation, readRecording} from '../history/investigation.ts';
import type {PeerChannel} from '../peer/peer-channel.ts';
import {PeerError} from '../peer/peer-session.ts';
import type {HeartbeatChild} from './heartbeat-child.ts';
import type {PairSetup} from './pair-parts.ts';

/** The heartbeat has better things to do while an address moves, and what comes right after belongs to the story. */
const settleMs = 1000;
const readLimitMs = 1000;
const answerLimitMs = 5000;

export class FlightRecorder {
	readonly #keeper: FlightKeeper;
	readonly #investigation: Investigation | undefined;
	#ended = false;

	constructor(
		{pair, own}: Pick<PairSetup, 'pair' | 'own'>,
		heartbeat: Pick<HeartbeatChild, 'recording'>,
		channel: PeerChannel | undefined,
		file: Pick<HistoryFile, 'append'>,
	) {
		const keeper = new FlightKeeper(() => heartbeat.recording(readLimitMs));
		this.#keeper = keeper;
		if (channel === undefined) return;
		channel.on('recording', async () => {
			const recording = await keeper.recording();
			if (recording === undefined) throw new PeerError(`the heartbeat on ${own.name} has not answered yet`);
			return {recording};
		});
		this.#investigation = new Investigation({
			pair: pair.name,
			node: own.name,
			peer: findPeer(pair, own).name,
			masterDownMs: masterDownMs(pair.advertIntervalMs, false),
			keeper,
			askPeer: () =>
				channel.converse(async session => {
					const {recording} = await session.request('recording', {}, answerLimitMs);
					const read = readRecording(recording);
					if (read === undefined) throw new PeerError('that is no recording');
					return read;
				}),
			append: record => file.append(record),
		});
	}

	noteTransition(transition: Transition, cause: Cause): void {
		this.#later(() => void this.#investigation?.investigate(transition, cause));
	}

	/** What happens to the pair may be asked for later by the peer. */
	noteEvent(): void {
		this.#later(() => {});
	}

	stop(): void {
		this.#ended = true;
		this.#investigation?.stop();
	}

	#later(work: () => void): void {
		setTimeout(() => {
			if (this.#ended) return;
			void this.#keeper.recording();
			work();
		}, settleMs).unref();
	}
}

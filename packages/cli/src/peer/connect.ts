/**
 * A connection to the peer's daemon.
 *
 * Decides that keys are tried in their order, since the peer may know only one of two generations while they change. The source is the
 * node's own address: the peer takes no other.
 */
import {createConnection} from 'node:net';
import {connect as connectTls, type TLSSocket} from 'node:tls';
import type {Key} from '../daemon/keys.ts';
import type {ChannelEnds} from './listener.ts';
import {derivePeerKey, formatIdentity} from './peer-key.ts';
import {type Answerer, PeerError, PeerSession} from './peer-session.ts';
import {pskOptions} from './tls-psk.ts';

/** A session that has greeted. Rejects with a `PeerError` within `limitMs` for each key. */
export async function connectToPeer(ends: ChannelEnds, answer: Answerer, limitMs: number): Promise<PeerSession> {
	for (const key of ends.keys()) {
		const stream = await shakeHands(ends, key, limitMs);
		if (stream === undefined) continue;
		const session = new PeerSession(stream, ends.own, ends.peer.node, answer);
		await session.greeted;
		return session;
	}
	throw new PeerError(`${ends.peer.node} knows none of this node's keys; compare the secret files`);
}

/** `undefined` when the other side does not know the key. */
async function shakeHands({own, peer, port}: ChannelEnds, key: Key, limitMs: number): Promise<TLSSocket | undefined> {
	const {promise, resolve, reject} = Promise.withResolvers<TLSSocket | undefined>();
	const raw = createConnection({host: peer.address, port, localAddress: own.address});
	const where = `${peer.node} (${peer.address} port ${port})`;
	const timer = setTimeout(() => {
		reject(new PeerError(`${where} did not answer within ${limitMs} ms`));
		raw.destroy();
	}, limitMs);
	raw.on('error', (error: NodeJS.ErrnoException) => {
		const closed =
			error.code === 'ECONNREFUSED' ? 'nobody listens: is hapair running there, with this channel?' : error.message;
		reject(new PeerError(`${where} cannot be reached: ${closed}`));
	});
	raw.once('connect', () => {
		const stream = connectTls({
			...pskOptions,
			socket: raw,
			checkServerIdentity: () => undefined,
			pskCallback: () => ({
				psk: derivePeerKey(key, {pair: own.pair, client: own.node, server: peer.node}),
				identity: formatIdentity(key, own.node),
			}),
		});
		stream.once('secureConnect', () => resolve(stream));
		stream.on('error', (error: NodeJS.ErrnoException) => {
			stream.destroy();
			if (error.code?.startsWith('ERR_SSL') === true) resolve(undefined);
			else reject(new PeerError(`${where} hung up: does it know this node as ${own.address}?`));
		});
		stream.once('close', () => resolve(undefined));
	});
	try {
		return await promise;
	} finally {
		clearTimeout(timer);
	}
}

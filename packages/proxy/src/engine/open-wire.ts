/**
 * Decides which wire a connection gets: this thread's own calls for TCP to a numeric address, a socket of Node's for everything else.
 */
import {isIP, type NetConnectOpts} from 'node:net';
import {type LocalSource, nextPort} from './local-source.ts';
import {connectRaw} from './raw-connect.ts';
import {rawLoop} from './raw-loop.ts';
import {SocketWire} from './socket-wire.ts';
import type {Wire, WireUser} from './wire.ts';

/** What Node takes, and a source that only this thread's own calls can have. */
export type ConnectOrder = NetConnectOpts & {readonly from?: LocalSource};

/** Begins to connect; `onConnect` follows, or the user's `onWireClose`; neither before this returns. */
export function connectWire(options: ConnectOrder, user: WireUser, onConnect: () => void): Wire {
	const loop = rawLoop();
	if (loop !== undefined && 'port' in options && isIP(options.host ?? '') > 0) {
		const {localAddress: address} = options;
		const from = options.from ?? (address === undefined ? undefined : {address});
		return connectRaw(loop, options.host ?? '', options.port, from, options.keepAlive === true, user, onConnect);
	}
	if (options.from !== undefined) return SocketWire.connect(withSource(options, options.from), user, onConnect);
	return SocketWire.connect(options, user, onConnect);
}

/** Node binds to an address and port of this machine and to nothing else: a foreign one makes it fail, as the manual wants it to. */
function withSource(options: NetConnectOpts, from: LocalSource): NetConnectOpts {
	const port = nextPort(from);
	return {
		...options,
		...(from.address === undefined ? {} : {localAddress: from.address}),
		...(port === 0 ? {} : {localPort: port}),
	} as NetConnectOpts;
}

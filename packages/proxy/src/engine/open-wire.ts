/**
 * Decides which wire a connection gets: this thread's own calls for TCP to a numeric address, a socket of Node's for everything else.
 */
import {isIP, type NetConnectOpts} from 'node:net';
import {connectRaw} from './raw-connect.ts';
import {rawLoop} from './raw-loop.ts';
import {SocketWire} from './socket-wire.ts';
import type {Wire, WireUser} from './wire.ts';

/** Begins to connect; `onConnect` follows, or the user's `onWireClose`; neither before this returns. */
export function connectWire(options: NetConnectOpts, user: WireUser, onConnect: () => void): Wire {
	const loop = rawLoop();
	if (loop !== undefined && 'port' in options && isIP(options.host ?? '') > 0) {
		return connectRaw(loop, options.host ?? '', options.port, options.localAddress, user, onConnect);
	}
	return SocketWire.connect(options, user, onConnect);
}

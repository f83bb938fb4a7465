/** A daemon as far as the control socket can tell: answers each request with the given replies. */
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import type {ControlReply, ControlRequest} from '../../src/daemon/control-protocol.ts';
import {type ControlConnection, openControlSocket} from '../../src/daemon/control-socket.ts';
import {recordLog} from './record-log.ts';
import {makeTempDirectory} from './temp-directory.ts';

export interface ControlServer {
	readonly path: string;
	readonly requests: ControlRequest[];
	readonly connections: ControlConnection[];
	/** Also of what is connected. */
	readonly close: () => Promise<void>;
}

/** Without replies it says nothing by itself; the test speaks through `connections`. */
export async function startControlServer(
	t: ExecutionContext,
	replies: readonly ControlReply[] = [],
	path = join(makeTempDirectory(t), 'hapair.sock'),
): Promise<ControlServer> {
	const requests: ControlRequest[] = [];
	const connections: ControlConnection[] = [];
	const socket = await openControlSocket(
		path,
		async (request, connection) => {
			requests.push(request);
			connections.push(connection);
			for (const reply of replies) connection.reply(reply);
		},
		recordLog().log,
	);
	t.teardown(() => socket.close());
	return {path, requests, connections, close: () => socket.close()};
}

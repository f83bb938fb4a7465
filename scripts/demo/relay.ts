/**
 * The demo's program in the client's namespace: a door to the virtual address, and a visitor who comes 20 times a second.
 *
 * Usage: relay.ts SOCKET. Each connection to the unix socket becomes a TCP connection to the virtual address, byte for
 * byte. The outcome of every visit goes to the parent over the IPC channel; without a parent the program ends.
 */
import {connect, createServer} from 'node:net';
import {HttpClient, type Outcome} from '../../test/lab/http-client.ts';
import {virtualAddress} from '../../test/lab/network.ts';

const visitIntervalMs = 50;
const visitDeadlineMs = 3000;
const visitsAtOnce = 60;

export type FromRelay = {readonly type: 'ready'} | {readonly type: 'visit'; readonly outcome: Outcome};

const [socketPath = ''] = process.argv.slice(2);
const tell = (message: FromRelay) => process.connected && process.send?.(message, () => {});

const door = createServer({allowHalfOpen: true}, near => {
	const far = connect({host: virtualAddress, port: 80, allowHalfOpen: true});
	near.on('error', () => far.destroy());
	far.on('error', () => near.destroy());
	near.on('close', () => far.destroy());
	far.on('close', () => near.destroy());
	near.pipe(far).pipe(near);
});
door.listen(socketPath, () => tell({type: 'ready'}));

let visits = 0;
setInterval(async () => {
	if (visits >= visitsAtOnce) return;
	visits++;
	const target = {host: virtualAddress, port: 80, path: '/', deadlineMs: visitDeadlineMs};
	const outcome = await new HttpClient(target, {keepAlive: false}).request();
	visits--;
	tell({type: 'visit', outcome});
}, visitIntervalMs);

process.on('disconnect', () => process.exit(0));

/**
 * The demo's program in the client's namespace: doors to addresses of the lab, and a visitor who comes 20 times a second.
 *
 * Usage: relay.ts [SOCKET HOST PORT]…. Each connection to a unix socket becomes a TCP connection to its address, byte for
 * byte. The outcome of every visit goes to the parent over the IPC channel; without a parent the program ends.
 */
import {connect, createServer} from 'node:net';
import {HttpClient, type Outcome} from '../../test/lab/http-client.ts';
import {virtualAddress} from '../../test/lab/network.ts';

const visitIntervalMs = 50;
const visitDeadlineMs = 3000;
const visitsAtOnce = 60;

export type FromRelay = {readonly type: 'ready'} | {readonly type: 'visit'; readonly outcome: Outcome};

const argv = process.argv.slice(2);
const tell = (message: FromRelay) => process.connected && process.send?.(message, () => {});

/** Each connection to the unix socket becomes one to the address in the lab. */
function openDoor(path: string, host: string, port: number): Promise<void> {
	const door = createServer({allowHalfOpen: true}, near => {
		const far = connect({host, port, allowHalfOpen: true});
		near.on('error', () => far.destroy());
		far.on('error', () => near.destroy());
		near.on('close', () => far.destroy());
		far.on('close', () => near.destroy());
		near.pipe(far).pipe(near);
	});
	return new Promise(resolve => door.listen(path, resolve));
}

for (let index = 0; index < argv.length; index += 3) {
	await openDoor(argv[index] ?? '', argv[index + 1] ?? '', Number(argv[index + 2]));
}
tell({type: 'ready'});

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

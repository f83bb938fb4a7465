/**
 * What an idle keep-alive connection costs in resident memory.
 *
 * Decides what is compared: a fresh proxy that has served some connections, and the same with many more open that have each had an
 * answer. Buffers that the kernel holds for sockets are not in it.
 */
import {connect, type Socket} from 'node:net';
import {type Contender, startProxy} from './contenders.ts';
import {delay, readResidentKib, stop} from './processes.ts';

export const IDLE_CONNECTIONS = 9900;
const WARM_UP_CONNECTIONS = 200;
/** Connections at a time while they are opened. */
const AT_ONCE = 100;
const SETTLE_MS = 1000;
const text = 'GET /small HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: SERVERID=web1\r\n\r\n';

export interface IdleMemory {
	readonly bytesPerConnection: number;
	/** Of the whole process, without and with the connections. */
	readonly emptyKib: number;
	readonly fullKib: number;
}

export async function measureIdleMemory(contender: Contender, backend: number, log: number): Promise<IdleMemory> {
	const proxy = await startProxy(contender, backend, log);
	const open: Socket[] = [];
	try {
		const early = await openMany(proxy.port, WARM_UP_CONNECTIONS);
		for (const socket of early) socket.destroy();
		await delay(SETTLE_MS);
		const emptyKib = readResidentKib(proxy.pid);
		open.push(...(await openMany(proxy.port, IDLE_CONNECTIONS)));
		await delay(SETTLE_MS);
		const fullKib = readResidentKib(proxy.pid);
		return {emptyKib, fullKib, bytesPerConnection: ((fullKib - emptyKib) * 1024) / IDLE_CONNECTIONS};
	} finally {
		for (const socket of open) socket.destroy();
		await stop(proxy.process);
	}
}

async function openMany(port: number, count: number): Promise<Socket[]> {
	const sockets: Socket[] = [];
	while (sockets.length < count) {
		const some = Array.from({length: Math.min(AT_ONCE, count - sockets.length)}, () => openOne(port));
		sockets.push(...(await Promise.all(some)));
	}
	return sockets;
}

/** Resolves after the first bytes of an answer. */
function openOne(port: number): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const socket = connect({port, host: '127.0.0.1'}, () => socket.write(text));
		socket.once('error', reject);
		socket.on('data', () => resolve(socket));
	});
}

/** Real servers on 127.0.0.1 for tests. */
import {type AddressInfo, createServer, type Server, type Socket} from 'node:net';

export interface TestServer {
	readonly port: number;
	/** What each connection has sent so far. */
	readonly received: string[];
	readonly connections: number;
	close(): Promise<void>;
}

/** Listens on a port of the kernel's choice, or on `port`; `onData` sees each chunk. */
export async function listenTcp(
	onData: (socket: Socket, text: string) => void = () => {},
	{port = 0, onConnection}: {port?: number; onConnection?: (socket: Socket) => void} = {},
): Promise<TestServer> {
	const received: string[] = [];
	const sockets = new Set<Socket>();
	let connections = 0;
	const server: Server = createServer(socket => {
		const place = received.push('') - 1;
		connections++;
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		socket.on('error', () => {});
		onConnection?.(socket);
		socket.on('data', chunk => {
			received[place] += chunk.toString('latin1');
			onData(socket, chunk.toString('latin1'));
		});
	});
	await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
	return {
		port: (server.address() as AddressInfo).port,
		received,
		get connections() {
			return connections;
		},
		async close() {
			for (const socket of sockets) socket.destroy();
			await new Promise(resolve => server.close(resolve));
		},
	};
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function closedPort(): Promise<number> {
	const server = await listenTcp();
	await server.close();
	return server.port;
}

/** A server of one run, on a port that its configuration names. */
import net from 'node:net';

export interface OwnServer {
	/** Of its answers, where it answers HTTP. */
	status: number;
	/** Times of connections, milliseconds. */
	readonly accepted: number[];
	/** What came over each. */
	readonly said: string[];
	close(): void;
}

/** `onData` may answer; a connection that is not answered stays open. */
export async function startOwnServer(
	port: number,
	onData: (socket: net.Socket, text: string, server: OwnServer) => void = () => {},
	onConnect: (socket: net.Socket) => void = () => {},
): Promise<OwnServer> {
	const accepted: number[] = [];
	const said: string[] = [];
	const sockets = new Set<net.Socket>();
	const own: OwnServer = {
		status: 200,
		accepted,
		said,
		close() {
			for (const socket of sockets) socket.destroy();
			server.close();
		},
	};
	const server = net.createServer({allowHalfOpen: true}, socket => {
		const place = accepted.length;
		accepted.push(performance.now());
		said.push('');
		sockets.add(socket);
		socket.on('error', () => {});
		socket.on('end', () => socket.end());
		socket.on('close', () => sockets.delete(socket));
		socket.on('data', data => {
			said[place] += data.toString('latin1');
			onData(socket, data.toString('latin1'), own);
		});
		onConnect(socket);
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, '127.0.0.1', resolve);
	});
	return own;
}

/** Answers HTTP with the server's status. */
export function answerHttp(socket: net.Socket, text: string, {status}: OwnServer): void {
	if (!text.includes('\r\n\r\n')) return;
	socket.end(`HTTP/1.1 ${status} X\r\nX-Server: own\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}

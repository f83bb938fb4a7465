/**
 * The web servers behind all cases: each answers with its own name and, as the body, the request head that it got.
 *
 * Decides what a path makes them do, so that a case needs no server of its own: `/status/404`, `/delay/200`, `/cookie/a=b`, `/never`, `/head/NAME/VALUE`, and
 * `/health/up` or whatever `health` says for checks.
 */
import net from 'node:net';

export interface WebServer {
	readonly name: string;
	readonly port: number;
	/** Heads of requests so far, checks included. */
	readonly heads: string[];
	/** Connections open now, and since the start. */
	open: number;
	accepted: number;
	/** Status of answers to paths under `/health`. */
	health: number;
	/** The address from which each request (its head) came last. */
	readonly peerOf: Map<string, string>;
	close(): void;
}

export async function startWebServer(name: string): Promise<WebServer> {
	const sockets = new Set<net.Socket>();
	const listener = net.createServer({allowHalfOpen: true});
	const server: Omit<WebServer, 'port'> & {port: number} = {
		name,
		port: 0,
		heads: [],
		open: 0,
		accepted: 0,
		health: 200,
		peerOf: new Map(),
		close() {
			for (const socket of sockets) socket.destroy();
			listener.close();
		},
	};
	listener.on('connection', socket => {
		sockets.add(socket);
		server.open++;
		server.accepted++;
		socket.on('close', () => {
			sockets.delete(socket);
			server.open--;
		});
		socket.on('error', () => {});
		socket.on('end', () => socket.end());
		serve(socket, server);
	});
	await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
	server.port = (listener.address() as net.AddressInfo).port;
	return server;
}

function serve(socket: net.Socket, server: WebServer): void {
	let text = '';
	socket.on('data', data => {
		text += data.toString('latin1');
		for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
			const head = text.slice(0, end + 4);
			const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
			if (text.length < end + 4 + length) return;
			const body = text.slice(end + 4, end + 4 + length);
			text = text.slice(end + 4 + length);
			server.heads.push(head);
			server.peerOf.set(head, socket.remoteAddress ?? '');
			answer(socket, server, head, body);
		}
	});
}

function answer(socket: net.Socket, server: WebServer, head: string, sent: string): void {
	const path = head.split(' ')[1] ?? '/';
	const word = (name: string) => new RegExp(`/${name}/([^/?]+)(?:/([^?]*))?`).exec(path);
	if (path.startsWith('/never')) return;
	const status = path.startsWith('/health') ? server.health : Number(word('status')?.[1] ?? 200);
	const extra = word('head');
	const cookie = word('cookie');
	const body = head + sent;
	const lines = [
		`HTTP/1.1 ${status} Status`,
		`X-Server: ${server.name}`,
		`Content-Length: ${body.length}`,
		...(extra === null ? [] : [`${extra[1]}: ${decodeURIComponent(extra[2] ?? '')}`]),
		...(cookie === null ? [] : [`Set-Cookie: ${cookie[1]}`]),
	];
	const isLast = /^connection: *close/im.test(head) || / HTTP\/1\.0\r\n/.test(head);
	const write = () => {
		socket.write(`${lines.join('\r\n')}\r\n\r\n${head.startsWith('HEAD ') ? '' : body}`, 'latin1');
		if (isLast) socket.end();
	};
	const delay = Number(word('delay')?.[1] ?? 0);
	if (delay > 0) setTimeout(write, delay);
	else write();
}

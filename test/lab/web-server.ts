/**
 * A real web server of the lab: pages that say who served them, a health URL that can be made to fail.
 *
 * Run as a program it is told its name in argv and listens on port 80. Answers carry `x-web` (this server) and `x-via`
 * (the address that connected: the node that forwarded the request), so a client learns who served it.
 * SIGUSR2, or the message `{health: 500}`, changes what the health URL answers.
 */
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';

export const healthPath = '/health_check.php';

export interface WebServer {
	readonly port: number;
	/** What `/health_check.php` answers from now on. */
	setHealth(status: number): void;
	close(): Promise<void>;
}

/** Listens on `port` (0: any free one) and resolves when it accepts. */
export async function startWebServer(name: string, port: number, host = '0.0.0.0'): Promise<WebServer> {
	let health = 200;
	const server = createServer((request, response) => {
		const {pathname, searchParams} = new URL(request.url ?? '/', 'http://web');
		const isHealth = pathname === healthPath;
		const sizeBytes = Math.min(Number(searchParams.get('bytes') ?? 0), 64 * 1024 * 1024);
		const body = isHealth ? `${health}\n` : sizeBytes > 0 ? 'x'.repeat(sizeBytes) : `Hello from ${name}\n`;
		response.writeHead(isHealth ? health : 200, {
			'content-type': 'text/plain; charset=utf-8',
			'content-length': Buffer.byteLength(body),
			'x-web': name,
			'x-via': request.socket.remoteAddress ?? 'unknown',
		});
		const answer = () => response.end(request.method === 'HEAD' ? undefined : body);
		const delayMs = Math.min(Number(searchParams.get('delay') ?? 0), 60_000);
		if (delayMs > 0) setTimeout(answer, delayMs);
		else answer();
	});
	server.keepAliveTimeout = 60_000;
	await listen(server, port, host);
	return {
		port: (server.address() as AddressInfo).port,
		setHealth(status) {
			health = status;
		},
		close() {
			server.closeAllConnections();
			return new Promise(resolve => server.close(() => resolve()));
		},
	};
}

function listen(server: Server, port: number, host: string): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, 1024, resolve);
	});
}

if (import.meta.main) {
	const [name = 'web', host = '0.0.0.0'] = process.argv.slice(2);
	const web = await startWebServer(name, 80, host);
	let failing = false;
	process.on('SIGUSR2', () => {
		failing = !failing;
		web.setHealth(failing ? 500 : 200);
	});
	process.on('message', (message: {health: number}) => web.setHealth(message.health));
	process.on('disconnect', () => process.exit(0));
	process.send?.({type: 'ready'});
}

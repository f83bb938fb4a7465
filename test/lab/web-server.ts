/**
 * A real web server of the lab: pages that say who served them, a health URL that can be made to fail.
 *
 * Run as a program it is told its name in argv and listens on port 80. Answers carry `x-web` (this server) and `x-via`
 * (the address that connected: the node that forwarded the request), so a client learns who served it. `?drip=N` sends a body of N chunks, one
 * each 50 ms. A WebSocket (RFC 6455) gets its messages of up to 125 bytes back.
 * SIGUSR2, or the message `{health: 500}`, changes what the health URL answers.
 */
import {createHash} from 'node:crypto';
import {createServer, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import type {Duplex} from 'node:stream';

const healthPath = '/health_check.php';

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
		if (searchParams.has('drip')) return drip(response, Math.min(Number(searchParams.get('drip')), 4000));
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
	server.on('upgrade', (request, socket) => echoMessages(request.headers['sec-websocket-key'] ?? '', socket));
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

const dripMs = 50;
const dripBytes = 1024;

function drip(response: ServerResponse, count: number): void {
	response.writeHead(200, {'content-type': 'text/plain', 'content-length': count * dripBytes});
	let left = count;
	const timer = setInterval(() => {
		left -= 1;
		response.write('x'.repeat(dripBytes));
		if (left <= 0) response.end();
	}, dripMs);
	response.once('close', () => clearInterval(timer));
}

/** Unfragmented frames of one length byte: what its clients here send. */
function echoMessages(key: string, socket: Duplex): void {
	const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
	socket.write(
		`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
	);
	let waiting = Buffer.alloc(0);
	socket.on('error', () => socket.destroy());
	socket.on('data', (bytes: Buffer) => {
		waiting = Buffer.concat([waiting, bytes]);
		for (;;) {
			const length = (waiting[1] ?? 0) & 0x7f;
			if (waiting.length < 6 + length) return;
			const mask = waiting.subarray(2, 6);
			const text = Buffer.from(waiting.subarray(6, 6 + length).map((byte, at) => byte ^ mask[at % 4]!));
			socket.write(Buffer.concat([Buffer.from([waiting[0]!, length]), text]));
			if ((waiting[0]! & 0x0f) === 8) socket.end();
			waiting = waiting.subarray(6 + length);
		}
	});
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

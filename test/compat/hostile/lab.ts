/**
 * A running `hapair proxy` with one server behind it, for hostile clients and servers on raw sockets.
 *
 * Decides what "unharmed" means: the same process, no connection or session left in any counter, memory bounded, a plain request
 * served. Leaves the attacks to the test.
 */
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import net from 'node:net';
import type {ExecutionContext} from 'ava';
import {replies} from '../differential/replies.ts';
import {eventually, ownAddress, startStandalone} from '../standalone-proxy.ts';

/** What `/big` answers. */
export const BIG_BYTES = 8 * 1024 * 1024;
/** How much more memory than at its start a proxy may hold when the attack is over: buffers are kept for others, up to a bound. */
const MAX_GROWTH_KB = 160_000;

/** Ports of the proxy: short timeouts, long timeouts, tcp mode. */
export const Port = {quick: 8080, patient: 8081, tcp: 8082} as const;

export interface Lab {
	readonly origin: Origin;
	connect(port?: number): Promise<Peer>;
	/** Sends `text` and hears until the proxy ends the connection. */
	ask(text: string, port?: number): Promise<string>;
	/** A command on the stats socket, which is at `socketPath`. */
	command(text: string): Promise<string>;
	readonly socketPath: string;
	residentKb(): number;
	/** Waits until nothing of the attack is left, and throws when the proxy was harmed. */
	settle(): Promise<void>;
}

export interface Origin {
	readonly port: number;
	/** Start lines of the requests heard. */
	readonly heard: string[];
	/** Of complete requests. */
	bodyBytes: number;
}

export interface Peer {
	readonly socket: net.Socket;
	text(): string;
	/** The proxy has ended the connection. */
	readonly over: Promise<unknown>;
}

export async function openLab(t: ExecutionContext): Promise<Lab> {
	const origin = await startOrigin(t);
	const address = ownAddress();
	const proxy = await startStandalone(t, configure(address, origin.port));
	const read = async (name: string) =>
		Number(new RegExp(`^${name}: ([0-9]+)$`, 'm').exec(await proxy.ask('show info'))?.[1]);
	const pid = await read('Pid');
	const lab: Lab = {
		origin,
		socketPath: `${proxy.directory}/sock`,
		connect: (port = Port.quick) => connect(address, port),
		async ask(text, port) {
			const peer = await lab.connect(port);
			peer.socket.write(text, 'latin1');
			await peer.over;
			peer.socket.destroy();
			return peer.text();
		},
		command: text => proxy.ask(text),
		residentKb: () => residentKb(pid),
		async settle() {
			await eventually(
				() => 'nothing of the attack is left',
				async () => (await read('CurrConns')) === 0 && (await read('Tasks')) === 0 && (await openSessions(lab)) === 0,
			);
			const plain = await lab.ask('GET /r/len HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
			if (!plain.startsWith('HTTP/1.1 200 OK')) throw new Error(`A plain request was answered: ${plain}`);
			if ((await read('Pid')) !== pid) throw new Error('Another process answers');
			const grownKb = residentKb(pid) - startKb;
			if (grownKb > MAX_GROWTH_KB) throw new Error(`The proxy holds ${grownKb} kB more than before`);
			t.log(`memory: ${startKb} kB before, ${startKb + grownKb} kB after`);
		},
	};
	await lab.ask('GET /r/len HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
	origin.heard.length = 0;
	const startKb = residentKb(pid);
	return lab;
}

function configure(address: string, port: number): string {
	return `
global
	nbthread 2
	maxconn 6000
	stats socket DIR/sock level admin
defaults
	mode http
	maxconn 5000
	timeout connect 2s
	timeout client 1s
	timeout server 2s
	timeout http-request 600ms
	timeout http-keep-alive 1s
frontend in
	bind ${address}:${Port.quick}
	default_backend out
backend out
	server s1 127.0.0.1:${port}
listen patient
	bind ${address}:${Port.patient}
	timeout http-request 30s
	timeout http-keep-alive 30s
	timeout client 30s
	server s1 127.0.0.1:${port}
listen bytes
	bind ${address}:${Port.tcp}
	mode tcp
	server s1 127.0.0.1:${port}
`;
}

/** Current sessions and queued requests over all rows of the statistics. */
async function openSessions(lab: Lab): Promise<number> {
	const [header = '', ...rows] = (await lab.command('show stat')).trim().split('\n');
	const names = header.replace('# ', '').split(',');
	const places = [names.indexOf('scur'), names.indexOf('qcur')];
	return rows.reduce((total, row) => {
		const cells = row.split(',');
		return total + places.reduce((sum, place) => sum + Number(cells[place]), 0);
	}, 0);
}

function residentKb(pid: number): number {
	return Number(/VmRSS:\s+([0-9]+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}

async function connect(host: string, port: number): Promise<Peer> {
	const socket = net.connect({host, port, allowHalfOpen: true, noDelay: true});
	const parts: string[] = [];
	socket.setEncoding('latin1');
	socket.on('error', () => {});
	socket.on('data', text => parts.push(String(text)));
	const over = new Promise(resolve => socket.once('end', resolve).once('close', resolve));
	await once(socket, 'connect');
	return {socket, text: () => parts.join(''), over};
}

/** Answers every head by its path: `/big` with much, `/forged/NAME` with a reply of the differential test and one that nobody asked for. */
async function startOrigin(t: ExecutionContext): Promise<Origin> {
	const origin = {port: 0, heard: [] as string[], bodyBytes: 0};
	const sockets = new Set<net.Socket>();
	const server = net.createServer({allowHalfOpen: true}, socket => {
		sockets.add(socket);
		socket.setEncoding('latin1');
		socket.on('error', () => {}).on('close', () => sockets.delete(socket));
		socket.on('end', () => socket.end());
		let text = '';
		socket.on('data', chunk => {
			text += chunk;
			for (let request = readRequest(text); request !== undefined; request = readRequest(text)) {
				text = text.slice(request.length);
				origin.heard.push(request.start);
				origin.bodyBytes += request.bodyBytes;
				answer(socket, request.start);
			}
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	origin.port = (server.address() as net.AddressInfo).port;
	t.teardown(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	return origin;
}

/** The first complete request in `text`. */
function readRequest(text: string): {start: string; length: number; bodyBytes: number} | undefined {
	const headEnd = text.indexOf('\r\n\r\n') + 4;
	if (headEnd < 4) return undefined;
	const head = text.slice(0, headEnd);
	const start = head.slice(0, head.indexOf('\r\n'));
	if (/^transfer-encoding:/im.test(head)) {
		const last = /(?<=\n)0+\r\n(?:[^\r\n]+\r\n)*\r\n/g;
		last.lastIndex = headEnd;
		const found = last.exec(text);
		return found === null
			? undefined
			: {start, length: found.index + found[0].length, bodyBytes: found.index - headEnd};
	}
	const bodyBytes = Number(/^content-length: *([0-9]+)/im.exec(head)?.[1] ?? 0);
	return text.length < headEnd + bodyBytes ? undefined : {start, length: headEnd + bodyBytes, bodyBytes};
}

function answer(socket: net.Socket, start: string): void {
	const [, kind, name = ''] = /^\S+ \/(forged|big)\/?([\w-]*)/.exec(start) ?? [];
	if (kind === 'big') socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BIG_BYTES}\r\n\r\n${'b'.repeat(BIG_BYTES)}`);
	else if (kind === 'forged')
		socket.write(`${replies[name]?.text}HTTP/1.1 200 OK\r\nX-Forged: 1\r\nContent-Length: 0\r\n\r\n`);
	else socket.write('HTTP/1.1 200 OK\r\nX-Heard: 1\r\nContent-Length: 2\r\n\r\nok');
}

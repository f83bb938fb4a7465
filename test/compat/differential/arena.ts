/**
 * Two servers, a syslog reader and one proxy before them, and what each of them hears of an exchange.
 *
 * Decides how a proxy is started and watched, the same for haproxy and hapair. Leaves judging to the comparison.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import dgram from 'node:dgram';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {eventually, ownAddress} from '../standalone-proxy.ts';
import type {Exchange} from './exchanges.ts';
import {type Reply, replies} from './replies.ts';

/** What came of one exchange, as latin1. */
export interface Heard {
	/** Everything the client received. */
	readonly client: string;
	/** Did the proxy close, or did the client give up waiting? */
	readonly closed: boolean;
	/** The connection was reset: what the proxy had sent last may be lost. */
	readonly reset: boolean;
	readonly requests: readonly {readonly server: string; readonly text: string}[];
	/** Log lines behind `tag[pid]: `. */
	readonly lines: readonly string[];
}

export interface Arena {
	play(exchange: Exchange): Promise<Heard>;
	close(): Promise<void>;
}

/** Longer than every timeout of the configuration. */
const PATIENCE_MS = 5000;
/** A log line comes within a millisecond, unless the machine is busy. */
const LOG_PATIENCE_MS = 3000;

function configure(address: string, servers: readonly Origin[], logPort: number): string {
	return `
global
	nbthread 1
	log 127.0.0.1:${logPort} local0 info
defaults
	mode http
	log global
	option httplog
	timeout connect 1s
	timeout client 1s
	timeout server 1s
	timeout http-request 1s
frontend in
	bind ${address}:8080
	monitor-uri /alive
	capture request header User-Agent len 20
	capture request header Host len 20
	capture response header Server len 20
	option forwardfor
	acl bad path_beg /denied
	acl bad hdr(X-Bad) yes
	http-request deny if bad
	redirect prefix http://moved.example code 301 if { path_beg /redirect }
	http-request set-header X-Set one
	http-request add-header X-Added two
	http-request del-header X-Twice
	use_backend nowhere if { path /nowhere }
	use_backend out if { path_beg /r/ } or { path_sub /r/ }
	default_backend out
backend out
	balance source
	cookie SRV insert indirect nocache
	server s1 127.0.0.1:${servers[0]?.port} cookie one
	server s2 127.0.0.1:${servers[1]?.port} cookie two weight 0
backend nowhere
`;
}

/** Starts `argv -db -f FILE`; resolves when the proxy accepts. */
export async function openArena(argv: readonly string[]): Promise<Arena> {
	const heard: {server: string; text: string}[] = [];
	const servers = [await startOrigin('s1', heard), await startOrigin('s2', heard)];
	const log = dgram.createSocket('udp4');
	const lines: string[] = [];
	log.on('message', message => lines.push(message.toString('latin1')));
	log.bind(0, '127.0.0.1');
	await once(log, 'listening');
	const address = ownAddress();
	const directory = mkdtempSync(join(tmpdir(), 'hapair-differential-'));
	const file = join(directory, 'haproxy.cfg');
	writeFileSync(file, configure(address, servers, log.address().port));
	const [command = '', ...rest] = argv;
	const env = {...process.env, HAPAIR_NODE: process.execPath};
	const child = spawn(command, [...rest, '-db', '-f', file], {env, stdio: ['ignore', 'pipe', 'pipe']});
	const said: string[] = [];
	for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => said.push(text));
	await eventually(
		() => `${command} accepts; it said: ${said.join('')}`,
		async () => {
			if (child.exitCode !== null) throw new Error(`${command} has ended: ${said.join('')}`);
			return isListening(address);
		},
	);
	return {
		async play(exchange) {
			heard.length = 0;
			lines.length = 0;
			const {text, port, closed, reset} = await exchangeBytes(address, exchange);
			const answers = countAnswers(text);
			await linesFor(lines, port, answers);
			return {client: text, closed, reset, requests: [...heard], lines: linesOf(lines, port)};
		},
		async close() {
			await end(child);
			for (const {server} of servers) server.close();
			log.close();
			rmSync(directory, {recursive: true, force: true});
		},
	};
}

async function isListening(address: string): Promise<boolean> {
	const socket = net.connect(8080, address);
	const outcome = await Promise.race([
		once(socket, 'connect').then(() => true),
		once(socket, 'error').then(() => false),
	]).catch(() => false);
	socket.destroy();
	return outcome;
}

async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const gone = once(child, 'exit');
	child.kill('SIGKILL');
	await gone;
}

function countAnswers(text: string): number {
	const all = text.match(/HTTP\/1\.[01] [2-9]/g)?.length ?? 0;
	// Nothing is logged of the monitor's.
	return all - (text.match(/<h1>200 OK<\/h1>/g)?.length ?? 0);
}

function linesOf(lines: readonly string[], port: number): readonly string[] {
	return lines
		.map(line => line.replace(/^.*?\]: /, '').replace(/\n$/, ''))
		.filter(line => line.startsWith(`127.0.0.1:${port} `));
}

/** Log lines come by another way than answers: waits for as many, then as long as the last one may still need. */
async function linesFor(lines: readonly string[], port: number, answers: number): Promise<void> {
	const endMs = performance.now() + LOG_PATIENCE_MS;
	while (linesOf(lines, port).length < answers && performance.now() < endMs) await sleep(1);
	await sleep(3);
}

/** Sends the writes of an exchange, and hears until the proxy closes. */
async function exchangeBytes(
	host: string,
	{writes}: Exchange,
): Promise<{text: string; port: number; closed: boolean; reset: boolean}> {
	const socket = net.connect({host, port: 8080, allowHalfOpen: true, noDelay: true});
	const parts: string[] = [];
	let closed = false;
	let reset = false;
	socket.setEncoding('latin1');
	socket.on('data', text => parts.push(String(text)));
	socket.on('error', () => {
		reset = true;
	});
	await once(socket, 'connect');
	const port = socket.localPort ?? 0;
	const over = new Promise<void>(resolve => {
		const done = () => {
			closed = true;
			resolve();
		};
		socket.once('end', done).once('close', done);
	});
	for (const [index, text] of writes.entries()) {
		// The proxy shall see the pieces, not their sum.
		if (index > 0) await sleep(2);
		socket.write(text, 'latin1');
	}
	const patience = new AbortController();
	await Promise.race([over, sleep(PATIENCE_MS, undefined, {signal: patience.signal}).catch(() => {})]);
	patience.abort();
	socket.destroy();
	return {text: parts.join(''), port, closed, reset};
}

interface Origin {
	readonly port: number;
	readonly server: net.Server;
}

async function startOrigin(name: string, heard: {server: string; text: string}[]): Promise<Origin> {
	const server = net.createServer({allowHalfOpen: true, noDelay: true}, socket => {
		let text = '';
		socket.setEncoding('latin1');
		socket.on('error', () => {});
		socket.on('data', chunk => {
			text += chunk;
			for (let length = requestLength(text); length > 0; length = requestLength(text)) {
				const request = text.slice(0, length);
				text = text.slice(length);
				heard.push({server: name, text: request});
				answer(socket, request);
			}
		});
		socket.on('end', () => socket.end());
		socket.on('close', () => {
			if (text !== '') heard.push({server: name, text: `(cut) ${text}`});
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {port: (server.address() as net.AddressInfo).port, server};
}

function answer(socket: net.Socket, request: string): void {
	const name = /^[^\r]*?\/r\/([\w-]+)/.exec(request)?.[1] ?? 'empty';
	const {text, closes}: Reply = replies[name] ?? replies.empty!;
	const headEnd = text.indexOf('\r\n\r\n') + 4;
	socket.write(request.startsWith('HEAD ') && headEnd > 3 ? text.slice(0, headEnd) : text, 'latin1');
	if (closes) socket.end();
}

/** Of the first complete request in `text`; 0 while there is none. */
function requestLength(text: string): number {
	const headEnd = text.indexOf('\r\n\r\n');
	if (headEnd < 0) return 0;
	const head = text.slice(0, headEnd + 2);
	if (/\r\ntransfer-encoding:[ \t]*chunked/i.test(head)) {
		const last = /(?:^|\r\n)0+\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(text.slice(headEnd + 2));
		return last === null ? 0 : headEnd + 2 + last.index + last[0].length;
	}
	const bytes = Number(/\r\ncontent-length:[ \t]*([0-9]+)/i.exec(head)?.[1] ?? 0);
	return text.length >= headEnd + 4 + bytes ? headEnd + 4 + bytes : 0;
}

/** A whole proxy with worker threads, from the text of a configuration; its log arrives over UDP. */
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {connect} from 'node:net';
import {type Configuration, parseConfiguration} from '@hapair/config';
import {type Engine, startEngine} from '../../src/engine.ts';
import {waitFor} from './wait-for.ts';

export interface TestProxy {
	readonly engine: Engine;
	readonly configuration: Configuration;
	/** Log messages without their headers: `severity text`. */
	readonly logs: readonly string[];
	/** Where bind `bind` of the frontend called `name` listens. */
	portOf(name: string, bind?: number): number;
	/** HAProxy's status word of a server, `be/srv`. */
	statusOf(server: string): string;
	untilLog(part: string | RegExp, deadlineMs?: number): Promise<string>;
	untilStatus(server: string, status: string, deadlineMs?: number): Promise<void>;
	close(): Promise<void>;
}

const preamble = `
defaults
	mode http
	timeout client 10s
	timeout server 10s
	timeout connect 2s
	retries 1
	timeout check 5s
`;

/** Starts `text` (behind common defaults) with `threads` workers; binds with port 0 listen where the kernel chooses. */
export async function startProxy(text: string, threads = 2): Promise<TestProxy> {
	const socket = createSocket('udp4');
	const logs: string[] = [];
	socket.on('message', bytes => {
		const found = /^<(\d+)>.*?\]: (.*)\n$/s.exec(bytes.toString('latin1'));
		if (found) logs.push(`${Number(found[1]) % 8} ${found[2]}`);
	});
	socket.bind(0, '127.0.0.1');
	await once(socket, 'listening');
	let next = firstStandIn;
	const stood = text.replaceAll('bind 127.0.0.1:0', () => `bind 127.0.0.1:${next++}`);
	const whole = `global\n\tnbthread ${threads}\n\tlog 127.0.0.1:${socket.address().port} local0\n${preamble}\tlog global\n${stood}`;
	const {configuration: parsed, diagnostics} = parseConfiguration([{name: 'test.cfg', text: whole}], {environment: {}});
	if (!parsed) {
		socket.close();
		throw new Error(diagnostics.map(({line, message}) => `${whole.split('\n')[line - 1]}: ${message}`).join('\n'));
	}
	const configuration = withFreePorts(parsed);
	const engine = await startEngine(configuration, {errorFiles: {}, logTag: 'haproxy', logPid: 1});
	const statusOf = (server: string) => {
		const [backend, name] = server.split('/');
		const found = engine.snapshot().backends.find(one => one.name === backend);
		return found?.servers.find(one => one.name === name)?.status ?? 'unknown';
	};
	return {
		engine,
		configuration,
		logs,
		statusOf,
		portOf(name, bind = 0) {
			const frontend = configuration.frontends.findIndex(one => one.name === name);
			return engine.ports.find(port => port.frontend === frontend && port.bind === bind)?.port ?? 0;
		},
		untilLog: (part, deadlineMs) =>
			waitFor(
				`the log line ${part}; there are ${logs.slice(-10).join(' | ')}`,
				() => logs.find(line => (typeof part === 'string' ? line.includes(part) : part.test(line))),
				deadlineMs,
			),
		async untilStatus(server, status, deadlineMs) {
			await waitFor(`${server} is ${status}`, () => statusOf(server) === status, deadlineMs);
		},
		async close() {
			await engine.stop('hard', 0);
			socket.close();
		},
	};
}

/** Ports from here on stand for 0, which no file may say. */
const firstStandIn = 65_000;

function withFreePorts(configuration: Configuration): Configuration {
	const frontends = configuration.frontends.map(frontend => ({
		...frontend,
		binds: frontend.binds.map(bind => {
			const {address} = bind;
			if (address.kind !== 'ip' || address.port < firstStandIn) return bind;
			return {...bind, address: {...address, port: 0}};
		}),
	}));
	return {...configuration, frontends};
}

/** One request on a connection of its own; the whole response. */
export async function ask(port: number, path = '/', headers = '', method = 'GET', body = ''): Promise<string> {
	const client = connect({host: '127.0.0.1', port, allowHalfOpen: true});
	const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`;
	client.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${length}${headers}\r\n${body}`);
	let text = '';
	client.on('data', chunk => {
		text += chunk.toString('latin1');
	});
	client.on('error', () => {});
	await Promise.race([once(client, 'end'), once(client, 'close')]);
	client.destroy();
	return text;
}

/** The body of a response. */
export function bodyOf(response: string): string {
	return response.slice(response.indexOf('\r\n\r\n') + 4);
}

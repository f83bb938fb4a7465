/** An admin server on a free port of loopback, over commands that answer at once, and a client that says exactly what it is told to. */
import {type ClientRequest, type IncomingHttpHeaders, request} from 'node:http';
import type {ExecutionContext} from 'ava';
import type {FeedMessage} from '../../src/admin/feed.ts';
import {Page} from '../../src/admin/page.ts';
import {AdminServer} from '../../src/admin/server.ts';
import type {ControlRequest} from '../../src/daemon/control-protocol.ts';
import {buildStatusReport} from '../../src/daemon/status-report.ts';
import {isDrill} from '../../src/drill/record.ts';
import {exitCodes} from '../../src/exit-codes.ts';
import type {HistoryRecord} from '../../src/history/record.ts';
import {type LogLine, recordLog} from './record-log.ts';
import {samplePair, sampleSnapshot, sampleStatus} from './samples.ts';
import {waitFor} from './wait-for.ts';

export const token = 'the-token-of-this-test';
export const bearer = {Authorization: `Bearer ${token}`};

export const sampleReport = buildStatusReport({
	hapair: '1.2.3',
	pid: 7,
	uptimeMs: 9000,
	configDigest: 'aa',
	loadedAt: '2026-01-02T03:04:05.678Z',
	proxy: {phase: 'serving', detail: '', snapshot: sampleSnapshot, pid: 8, retired: []},
	pair: {
		pair: samplePair,
		own: samplePair.nodes[0],
		peer: samplePair.nodes[1],
		fitness: {eligible: true, health: 255, reasons: []},
		verdictFacts: {carriers: [true], gatewaySilent: false},
		takeover: [],
		heartbeat: sampleStatus,
	},
});

export interface TestedAdmin {
	readonly server: AdminServer;
	readonly url: URL;
	/** What reached the commands. */
	readonly asked: ControlRequest[];
	/** What was to be examined. */
	readonly examined: object[];
	readonly lines: LogLine[];
}

export interface AdminChoices {
	readonly port?: number;
	readonly records?: readonly HistoryRecord[];
	readonly hello?: readonly FeedMessage[];
	/** So many requests are answered, then none: of those with a login, and of strangers. */
	readonly most?: number;
	readonly mostOfStrangers?: number;
	/** Whatever is ordered. */
	readonly declines?: boolean;
}

export async function startAdmin(t: ExecutionContext, choices: AdminChoices = {}): Promise<TestedAdmin> {
	const {port = 0, records = [], hello = [], declines = false} = choices;
	const {most = Number.POSITIVE_INFINITY, mostOfStrangers = Number.POSITIVE_INFINITY} = choices;
	let taken = 0;
	let takenByStrangers = 0;
	const asked: ControlRequest[] = [];
	const examined: object[] = [];
	const {log, lines} = recordLog();
	const server = new AdminServer({
		host: '127.0.0.1',
		port,
		hostNames: [],
		token,
		log,
		hello: async () => hello,
		pace: {take: () => ++taken <= most},
		strangersPace: {take: () => ++takenByStrangers <= mostOfStrangers},
		ports: {
			node: 'lb1',
			version: '1.2.3',
			status: () => sampleReport,
			statusPage: () => new Page(`${JSON.stringify(sampleReport)}\n`),
			history: async count => records.slice(-count),
			drills: count => records.filter(isDrill).slice(-count),
			examine: async (what, body) => {
				examined.push({what, ...body});
				return {status: 200, body: {ok: true, code: exitCodes.ok, message: `did ${what}`, report: {}}};
			},
			metrics: async () => new Page('# TYPE x gauge\nx 1\n'),
			commands: {
				answer: async (order, connection) => {
					asked.push(order);
					connection.reply({type: 'progress', message: 'on the way'});
					const difference = {own: 'lb1', peer: 'lb2', files: [], remarks: []};
					if (order.command === 'sync') connection.reply({type: 'difference', difference});
					const code = declines || order.command === 'maintenance' ? exitCodes.refused : exitCodes.ok;
					connection.reply({type: 'result', code, message: `did ${order.command}`, durationMs: 3});
				},
			},
		},
	});
	t.teardown(() => server.close());
	server.start();
	await waitFor('the server, or why not', () => lines.length > 0);
	return {server, url: new URL(server.url), asked, examined, lines};
}

export interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly text: string;
}

export interface Asking {
	readonly method?: string;
	readonly path: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string;
}

/** One request; `JSON` of the body is its sender's matter. */
export function ask(url: URL, {method = 'GET', path, headers = {}, body}: Asking): Promise<Answer> {
	const {promise, resolve, reject} = Promise.withResolvers<Answer>();
	const options = {host: url.hostname, port: url.port, method, path, headers, agent: false};
	const sent: ClientRequest = request(options, response => {
		let text = '';
		response.setEncoding('utf8').on('data', (chunk: string) => {
			text += chunk;
		});
		response.once('end', () => resolve({status: response.statusCode ?? 0, headers: response.headers, text}));
		response.once('error', reject);
	});
	sent.once('error', reject);
	sent.end(body);
	return promise;
}

export function post(url: URL, path: string, value: unknown, headers: Readonly<Record<string, string>> = bearer) {
	const body = typeof value === 'string' ? value : JSON.stringify(value);
	return ask(url, {method: 'POST', path, headers: {'Content-Type': 'application/json', ...headers}, body});
}

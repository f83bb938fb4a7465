/**
 * What can be asked at the admin address: one table, from which `docs/openapi.json` is checked.
 *
 * Decides path, method and whether a login is needed; reading is GET, changing is POST, never the other way round. Leaves the
 * words of a request to `read-body.ts` and `verbs.ts`.
 */
import type {IncomingMessage, ServerResponse} from 'node:http';
import type {ControlCommands} from '../daemon/control-commands.ts';
import type {StatusReport} from '../daemon/status-report.ts';
import type {DrillRecord} from '../drill/record.ts';
import {findTelling} from '../history/explanation.ts';
import type {HistoryRecord} from '../history/record.ts';
import {JSON_TYPE, type Refusal, sendJson, sendPage, sendRefusal} from './answers.ts';
import {type Assets, assetPaths} from './assets.ts';
import type {Identity, Keeper} from './credentials.ts';
import {type Examination, type ExaminationAnswer, examinations, longestExaminationMs} from './examinations.ts';
import type {Page} from './page.ts';
import {carryOut, type Verb, verbLimitsMs} from './verbs.ts';

export interface AdminPorts {
	readonly node: string;
	readonly version: string;
	readonly commands: Pick<ControlCommands, 'answer'>;
	readonly status: () => StatusReport;
	/** The same as JSON. */
	readonly statusPage: () => Page;
	/** The newest records, oldest first. */
	readonly history: (count: number) => Promise<readonly HistoryRecord[]>;
	/** The same of drills alone. */
	readonly drills: (count: number) => readonly DrillRecord[];
	readonly examine: (what: Examination, body: Readonly<Record<string, unknown>>) => Promise<ExaminationAnswer>;
	/** The text of `/metrics`. */
	readonly metrics: () => Promise<Page>;
}

export interface Exchange {
	readonly request: IncomingMessage;
	readonly response: ServerResponse;
	readonly url: URL;
	readonly address: string;
	readonly identity: Identity;
	/** Of POST. */
	readonly body: Readonly<Record<string, unknown>>;
	readonly ports: AdminPorts;
	readonly keeper: Keeper;
	readonly assets: Assets;
	/** To all dashboards: how an order goes on. */
	readonly tellProgress: (command: Verb, message: string) => void;
}

export interface Route {
	readonly method: 'GET' | 'POST';
	readonly path: string;
	readonly isOpen?: true;
	/** A WebSocket, answered in `server.ts`. */
	readonly isFeed?: true;
	readonly answer: (exchange: Exchange) => Promise<void> | void;
}

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const MOST_RECORDS = 1000;

export const routes: readonly Route[] = [
	...assetPaths.map(
		(path): Route => ({
			method: 'GET',
			path,
			isOpen: true,
			answer: ({assets, request, response}) => assets.send(request, response, path),
		}),
	),
	// Told to anybody: a page that is not logged in is no error.
	{
		method: 'GET',
		path: '/api/session',
		isOpen: true,
		answer: ({request, response, identity}) =>
			sendJson(request, response, 200, {ok: true, loggedIn: identity.kind !== 'refused'}),
	},
	{method: 'POST', path: '/api/login', isOpen: true, answer: logIn},
	{method: 'POST', path: '/api/logout', answer: logOut},
	{
		method: 'GET',
		path: '/api/ping',
		answer: ({request, response, ports: {node, version}}) =>
			sendJson(request, response, 200, {ok: true, node, pid: process.pid, version}),
	},
	{
		method: 'GET',
		path: '/api/status',
		answer: ({request, response, ports}) => sendPage(request, response, 200, JSON_TYPE, ports.statusPage()),
	},
	{method: 'GET', path: '/api/history', answer: sendHistory},
	{method: 'GET', path: '/api/why', answer: sendWhy},
	{method: 'GET', path: '/api/drills', answer: sendDrills},
	{
		method: 'GET',
		path: '/api/feed',
		isFeed: true,
		answer: ({request, response}) =>
			sendRefusal(request, response, {
				status: 426,
				message: 'this is a WebSocket',
				headers: {Upgrade: 'websocket', Connection: 'Upgrade'},
			}),
	},
	verbRoute('drill'),
	verbRoute('failover'),
	verbRoute('maintenance'),
	verbRoute('reload'),
	verbRoute('server'),
	verbRoute('sync'),
	...examinations.map(examinationRoute),
	{
		method: 'GET',
		path: '/metrics',
		answer: async ({request, response, ports}) => sendPage(request, response, 200, METRICS_TYPE, await ports.metrics()),
	},
];

function verbRoute(verb: Verb): Route {
	return {
		method: 'POST',
		path: `/api/${verb}`,
		answer: async ({request, response, ports, body, tellProgress}) => {
			// The usual limit of silence is shorter than a move may take.
			request.socket.setTimeout(verbLimitsMs[verb]);
			const tell = (message: string): void => tellProgress(verb, message);
			const {status, body: outcome} = await carryOut(ports.commands, verb, body, tell);
			sendJson(request, response, status, outcome);
		},
	};
}

function examinationRoute(what: Examination): Route {
	return {
		method: 'POST',
		path: `/api/${what.replace(' ', '/')}`,
		answer: async ({request, response, ports, body}) => {
			request.socket.setTimeout(longestExaminationMs + 10_000);
			const {status, body: outcome} = await ports.examine(what, body);
			sendJson(request, response, status, outcome);
		},
	};
}

function logIn({request, response, body, address, keeper, ports}: Exchange): void {
	const {token} = body;
	const outcome: string | Refusal =
		typeof token === 'string'
			? keeper.logIn(token.trim(), address, performance.now())
			: {status: 400, message: 'login: token is a text'};
	if (typeof outcome !== 'string') sendRefusal(request, response, outcome);
	else sendJson(request, response, 200, {ok: true, node: ports.node}, {'Set-Cookie': outcome});
}

function logOut({request, response, identity, keeper}: Exchange): void {
	const key = identity.kind === 'session' ? identity.key : '';
	sendJson(request, response, 200, {ok: true}, {'Set-Cookie': keeper.logOut(key)});
}

async function sendHistory({request, response, url, ports}: Exchange): Promise<void> {
	const count = readLast(url);
	if (count === undefined) sendRefusal(request, response, wrongLast);
	else sendJson(request, response, 200, {records: await ports.history(count)});
}

function sendDrills({request, response, url, ports}: Exchange): void {
	const count = readLast(url);
	if (count === undefined) sendRefusal(request, response, wrongLast);
	else sendJson(request, response, 200, {records: ports.drills(count)});
}

const wrongLast: Refusal = {status: 400, message: `last is 1–${MOST_RECORDS}`};

function readLast({searchParams}: URL): number | undefined {
	const text = searchParams.get('last') ?? '20';
	const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
	return count < 1 || count > MOST_RECORDS ? undefined : count;
}

async function sendWhy({request, response, ports}: Exchange): Promise<void> {
	const records = await ports.history(MOST_RECORDS);
	const record = findTelling(records);
	if (record === undefined) sendRefusal(request, response, {status: 404, message: 'nothing has happened yet'});
	else sendJson(request, response, 200, record);
}

/** Sections, prefixes, units, addresses, modes, limits and timeouts of proxies. */
import net from 'node:net';
import {ask, serverOf} from './client.ts';
import type {Case, Group, Run} from './harness.ts';
import {got, server, status, web, withDefaults} from './web-case.ts';

const SECTION = `
LINE
    server s1 127.0.0.1:S1
`;
/** Whether a connection is accepted at all. */
const accepts =
	(to = '127.0.0.1') =>
	({port}: Run) =>
		new Promise<string>(resolve => {
			const socket = net.connect(port, to);
			socket.on('connect', () => resolve('accepted'));
			socket.on('error', () => resolve('refused'));
			socket.on('close', () => socket.destroy());
		});
const INHERIT = withDefaults('mode http\n    LINE', 'listen NAME\n bind 127.0.0.1:PORT\n server s1 127.0.0.1:S1');

const sections: Case[] = [
	web(
		'section|listen',
		'listen NAME\n bind 127.0.0.1:PORT',
		status(),
		'200',
		'503',
		'frontend NAME\n bind 127.0.0.1:PORT\nbackend NAME-b',
		SECTION,
	),
	web(
		'section|listen (inline address)',
		'listen NAME 127.0.0.1:PORT',
		accepts(),
		'accepted',
		'refused',
		'listen NAME 127.0.0.2:PORT',
		SECTION,
	),
	web(
		'section|frontend (inline address)',
		'frontend NAME 127.0.0.1:PORT\n default_backend NAME-b\nbackend NAME-b',
		accepts(),
		'accepted',
		'refused',
		'frontend NAME 127.0.0.2:PORT\n default_backend NAME-b\nbackend NAME-b',
		SECTION,
	),
	web(
		'section|same name for a frontend and a backend',
		'default_backend NAME',
		status(),
		'200',
		'503',
		'',
		'\nfrontend NAME 127.0.0.1:PORT\n LINE\nbackend NAME\n server s1 127.0.0.1:S1',
	),
	web('section|defaults', 'option forwardfor', got('x-forwarded-for'), '127.0.0.1', '-', '', INHERIT),
	web(
		'proxy|bind',
		'bind 127.0.0.1:PORT',
		accepts(),
		'accepted',
		'refused',
		'bind 127.0.0.2:PORT',
		'\nlisten NAME\n LINE\n server s1 127.0.0.1:S1',
	),
	web(
		'proxy|bind (IPv6)',
		'bind ::1:PORT',
		accepts('::1'),
		'accepted',
		'refused',
		'bind 127.0.0.2:PORT',
		'\nlisten NAME\n LINE\n server s1 127.0.0.1:S1',
	),
	web('proxy|disabled', 'disabled', accepts(), 'refused', 'accepted'),
	web('proxy|mode http', 'mode http\n block if TRUE', status(), '403', '200', 'mode tcp'),
	web('proxy|mode tcp', 'mode tcp', status({raw: 'NOT-HTTP\r\n\r\n', withinMs: 5000}), '200', '400', 'mode http'),
	web('proxy|server', 'server s2 127.0.0.1:S2', server(), 's2', '503', '', '\nlisten NAME 127.0.0.1:PORT\n LINE'),
	web(
		'proxy|default-server',
		'default-server weight 7',
		({cell, name}) => cell(name, 'x', 'weight'),
		'7',
		'1',
		'',
		'\nlisten NAME 127.0.0.1:PORT\n LINE\n server x 127.0.0.1:S1',
	),
	web('proxy|id', 'id 4711', ({cell, name}) => cell(name, 'FRONTEND', 'iid'), '4711', /^\d{1,3}$/),
	web(
		'server option|id',
		'server x 127.0.0.1:S1 id 4711',
		({cell, name}) => cell(name, 'x', 'sid'),
		'4711',
		'1',
		'server x 127.0.0.1:S1',
	),
	web(
		'server option|weight',
		'server x 127.0.0.1:S1 weight 0',
		({cell, name}) => cell(name, 'x', 'weight'),
		'0',
		'1',
		'server x 127.0.0.1:S1',
	),
	web(
		'server option|disabled',
		'server x 127.0.0.1:S2 disabled',
		server(),
		'503',
		's2',
		'server x 127.0.0.1:S2',
		'\nlisten NAME 127.0.0.1:PORT\n LINE',
	),
	web(
		'server option|backup',
		'server s1 127.0.0.1:S1 backup',
		server(),
		's2',
		's1',
		'server s1 127.0.0.1:S1',
		'\nlisten NAME 127.0.0.1:PORT\n LINE\n server s2 127.0.0.1:S2',
	),
	web('proxy option|option allbackups', 'option allbackups', twice(), 's1 s2', 's1 s1', '', BACKUPS()),
	web(
		'proxy option|no option allbackups',
		'no option allbackups',
		twice(),
		's1 s1',
		's1 s2',
		'',
		BACKUPS('option allbackups'),
	),
	web('proxy|source', 'source 127.0.0.9', source(), '127.0.0.9', '127.0.0.1'),
	web(
		'server option|source',
		'source 127.0.0.9',
		source(),
		'127.0.0.9',
		'127.0.0.1',
		'',
		'\nlisten NAME 127.0.0.1:PORT\n server s1 127.0.0.1:S1 LINE',
	),
	web(
		'proxy|tcp-request content reject',
		'tcp-request content reject if { req_len gt 0 }',
		status(),
		'none',
		'200',
		'',
		CONTENT(),
	),
	web(
		'proxy|tcp-request content accept',
		'tcp-request content accept if { req_len gt 0 }',
		status(),
		'200',
		'none',
		'',
		`${CONTENT()}`.replace('LINE', 'LINE\n tcp-request content reject'),
	),
	web(
		'proxy|tcp-request inspect-delay',
		'tcp-request inspect-delay 20s',
		held(),
		'answered',
		'closed',
		'tcp-request inspect-delay 20',
		'\nlisten NAME 127.0.0.1:PORT\n mode tcp\n LINE\n tcp-request content accept if { req_len gt 20 }\n tcp-request content reject if WAIT_END\n server s1 127.0.0.1:S1',
	),
];

function BACKUPS(first = ''): string {
	return `\nlisten NAME 127.0.0.1:PORT\n ${first}\n LINE\n server s1 127.0.0.1:S1 backup\n server s2 127.0.0.1:S2 backup`;
}
function CONTENT(): string {
	return '\nlisten NAME 127.0.0.1:PORT\n mode tcp\n tcp-request inspect-delay 5s\n LINE\n server s1 127.0.0.1:S1';
}
function twice() {
	return async ({port}: Run) => `${serverOf(await ask(port))} ${serverOf(await ask(port))}`;
}
/** The address from which the web server was asked: the last source whose request names this run. */
function source() {
	return async ({port, servers, name}: Run) => {
		const before = servers[0].heads.length;
		await ask(port, {path: `/${name}`});
		const place = servers[0].heads.findIndex((head, index) => index >= before && head.includes(name));
		return place < 0 ? 'none' : (servers[0].peerOf.get(servers[0].heads[place] ?? '') ?? 'none');
	};
}
/** A short request, and the rest only when the connection has outlived a pause that a short delay does not. */
function held() {
	return ({port}: Run) =>
		new Promise<string>(resolve => {
			const socket = net.connect(port, '127.0.0.1', () => socket.write('GET / HT'));
			const timer = setTimeout(() => socket.write('TP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), 400);
			socket.on('error', () => {});
			socket.once('data', () => resolve('answered'));
			socket.on('close', () => {
				clearTimeout(timer);
				resolve('closed');
			});
		});
}
/** What a client gets that is silent, or whose server is; `NAME` is stopped by the short time, and by the long one not before the patience of the client. */
const short = (rows: string, line: string, raw: string, sees: string | RegExp, long: string) =>
	web(
		rows,
		line,
		async ({port}) => firstOf(await ask(port, {raw, withinMs: 1500}), Date.now()),
		sees,
		/^(nothing|open)/,
		long,
	);
const firstOf = (answer: string, now: number) => (now > 0 && answer === '' ? 'nothing' : answer.slice(9, 12));
const NEVER = 'GET /never HTTP/1.1\r\nHost: x\r\n\r\n';
const timeouts: Case[] = [
	short('proxy|timeout server', 'timeout server 50', NEVER, '504', 'timeout server 20s'),
	short('proxy|srvtimeout', 'srvtimeout 50', NEVER, '504', 'srvtimeout 20000'),
	short('syntax|time units', 'timeout server 50000us', NEVER, '504', 'timeout server 50s'),
	short('proxy|timeout client', 'timeout client 50', 'GET / HT', '408', 'timeout client 20s'),
	short('proxy|clitimeout', 'clitimeout 50', 'GET / HT', '408', 'clitimeout 20000'),
	short('proxy|timeout http-request', 'timeout http-request 50', 'GET / HT', '408', 'timeout http-request 20s'),
	short('proxy|timeout tarpit', 'timeout tarpit 50\n reqtarpit .', NEVER, '500', 'timeout tarpit 20s\n reqtarpit .'),
];

export const sectionsGroup: Group = {name: 'sections', cases: [...sections, ...timeouts]};

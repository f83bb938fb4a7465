/** Logs: priority, captured headers, formats, and which sessions are logged at all, as a syslog receiver sees them. */
import net from 'node:net';
import {ask} from './client.ts';
import type {Case, Group, Run} from './harness.ts';
import {web, withDefaults} from './web-case.ts';

/** Asks, and gives the message of that request. */
const logged =
	(pattern: RegExp, asked = {}) =>
	async (run: Run) => {
		await ask(run.port, asked);
		return run.line(pattern);
	};
/** Asks `/one`, then `/status/500` which is always logged, and says whether `/one` was logged before it. */
const whether = async (run: Run) => {
	await ask(run.port, {path: '/one'});
	await ask(run.port, {path: '/status/500'});
	await run.line(/ 500 /);
	return run.lines().some(line => line.includes('/one ')) ? 'logged' : 'silent';
};
const empty = async (run: Run) => {
	await new Promise<void>(resolve => {
		const socket = net.connect(run.port, '127.0.0.1', () => socket.end());
		socket.resume();
		socket.on('error', () => {});
		socket.on('close', () => resolve());
	});
	await ask(run.port, {path: '/after'});
	await run.line(/\/after /);
	return run.lines().some(line => line.includes('BADREQ')) ? 'logged' : 'silent';
};

const FACILITIES: readonly [string, number][] = [
	['user', 1],
	['daemon', 3],
	['local0', 16],
	['local1', 17],
	['local2', 18],
	['local3', 19],
	['local4', 20],
	['local5', 21],
	['local6', 22],
	['local7', 23],
];
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const LISTEN = '\nlisten NAME 127.0.0.1:PORT\n no log\n LINE\n server s1 127.0.0.1:S1';
const pri = async (run: Run) => (await logged(/ 200 /)(run)).split('>')[0] ?? '';
const other = (facility: string) => `log LOG ${facility === 'user' ? 'daemon' : 'user'}`;

const facilities: Case[] = FACILITIES.map(([name, number]) =>
	web(
		`log|facility ${name}`,
		`log LOG ${name}`,
		pri,
		`<${number * 8 + 6}`,
		`<${(name === 'user' ? 3 : 1) * 8 + 6}`,
		other(name),
		LISTEN,
	),
);
const DOWN = '\nbackend NAME\n no log\n LINE\n server gone 127.0.0.1:1 check inter 20 fall 1';
/** As the most severe level that is written (`minlevel`): what is an emergency becomes that. */
const levels: Case[] = LEVELS.map((name, severity) =>
	web(
		`log|level ${name}`,
		`log LOG local1 debug ${name}`,
		async run => (await run.line(/has no server available/)).split('>')[0] ?? '',
		`<${17 * 8 + severity}`,
		`<${17 * 8 + (name === 'info' ? 7 : 6)}`,
		`log LOG local1 debug ${name === 'info' ? 'debug' : 'info'}`,
		DOWN,
	),
);

const options: Case[] = [
	web('proxy|log', 'log LOG local3', pri, `<${19 * 8 + 6}`, `<${16 * 8 + 6}`, 'log global', LISTEN),
	web('proxy|log global, global|log', 'log global', pri, `<${16 * 8 + 6}`, `<${19 * 8 + 6}`, 'log LOG local3', LISTEN),
	web(
		'proxy option|option httplog',
		'option httplog',
		logged(/127\.0\.0\.1:/),
		/"GET \/ HTTP\/1\.1"/,
		/^(?!.*"GET).*Connect from|^(?!.*"GET).*s1/,
		'option tcplog',
	),
	web(
		'proxy option|option tcplog',
		'option tcplog',
		logged(/127\.0\.0\.1:/),
		/ \d+\/\d+\/\d+ \d+ -- \d/,
		/Connect from/,
		'',
		withDefaults('mode tcp\n    log global', 'listen NAME 127.0.0.1:PORT\n LINE\n server s1 127.0.0.1:S1'),
	),
	web(
		'proxy|capture request header',
		'capture request header X-A len 3',
		logged(/ 200 /, {headers: ['X-A: abcdef']}),
		/ \{abc\} "GET/,
		/\d "GET/,
	),
	web(
		'proxy|capture response header',
		'capture response header X-Server len 9',
		logged(/ 200 /),
		/ \{s1\} "GET/,
		/\d "GET/,
	),
	web(
		'proxy|capture cookie',
		'capture cookie SID= len 9',
		logged(/ 200 /, {headers: ['Cookie: SID=abc']}),
		/ SID=abc - /,
		/ - - ----/,
	),
	web('proxy option|option dontlog-normal', 'option dontlog-normal', whether, 'silent', 'logged'),
	web(
		'proxy option|no option dontlog-normal',
		'option dontlog-normal\n no option dontlog-normal',
		whether,
		'logged',
		'silent',
		'option dontlog-normal',
	),
	web('proxy option|option dontlognull', 'option dontlognull', empty, 'silent', 'logged'),
	web(
		'proxy option|no option dontlognull',
		'option dontlognull\n no option dontlognull',
		empty,
		'logged',
		'silent',
		'option dontlognull',
	),
];

export const logsGroup: Group = {name: 'logs', cases: [...facilities, ...levels, ...options]};

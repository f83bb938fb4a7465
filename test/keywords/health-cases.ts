/** Checks of servers, limits and queues, retries and what follows from a server that is down. */

import {waitFor} from '../lab/wait.ts';
import {ask, statusOf} from './client.ts';
import type {Case, Group, Run} from './harness.ts';
import {server, web} from './web-case.ts';

/** The status of server `x` once it has been checked. */
const checked = async ({cell, name}: Run) => {
	let seen = '';
	await waitFor(
		'the server has been checked',
		async () => {
			const result = await cell(name, 'x', 'check_status');
			seen = await cell(name, 'x', 'status');
			return !/^(INI|)$/.test(result) && /^(UP|DOWN|no check|NOLB)$/.test(seen);
		},
		{everyMs: 300},
	);
	return seen;
};
/** The same as soon as it is that, or what it is after a while. */
const settles =
	(wanted: string) =>
	async ({cell, name}: Run) => {
		try {
			await waitFor(wanted, async () => (await cell(name, 'x', 'status')) === wanted, {deadlineMs: 4000, everyMs: 300});
		} catch {}
		return cell(name, 'x', 'status');
	};
const BACK = '\nbackend NAME\n LINE\n';
const HTTP = (path: string, more = '') =>
	`option httpchk GET ${path}\n server x 127.0.0.1:S1 check inter 200 fall 1${more}`;
const X = 'server x 127.0.0.1:S1 check inter 200 fall 1';
/** The first check that the server got in this run. */
const checkHead =
	(pattern: RegExp) =>
	async ({servers, name}: Run) => {
		let head: string | undefined;
		try {
			await waitFor(
				'a check',
				() => {
					head = servers[0].heads.find(one => one.includes(name) || pattern.test(one));
					return head !== undefined;
				},
				{deadlineMs: 4000, everyMs: 300},
			);
		} catch {}
		return head ?? 'none';
	};
const expect = (rows: string, rule: string, other: string) =>
	web(
		rows,
		`http-check expect ${rule}`,
		settles('DOWN'),
		'DOWN',
		/^UP/,
		`http-check expect ${other}`,
		`\nbackend NAME\n ${HTTP('/status/200')}\n LINE\n`,
	);

const checks: Case[] = [
	web(
		'server option|check',
		'server x 127.0.0.1:1 check inter 200 fall 1',
		settles('DOWN'),
		'DOWN',
		'no check',
		'server x 127.0.0.1:1',
		BACK,
	),
	web(
		'server option|port',
		'server x 127.0.0.1:1 check inter 200 fall 1 port S1',
		settles('UP'),
		'UP',
		'DOWN',
		'server x 127.0.0.1:1 check inter 200 fall 1',
		BACK,
	),
	web(
		'proxy option|option httpchk',
		'option httpchk GET /status/500',
		settles('DOWN'),
		'DOWN',
		'UP',
		'',
		`\nbackend NAME\n LINE\n ${X}\n`,
	),
	web(
		'proxy option|option httpchk <uri>',
		'option httpchk /NAME',
		checkHead(/^$/),
		/^OPTIONS \/\S+ HTTP\/1\.0/,
		'none',
		'',
		`\nbackend NAME\n LINE\n ${X}\n`,
	),
	web(
		'proxy option|option httpchk with \\r\\nHost',
		'option httpchk GET /NAME HTTP/1.1\\r\\nHost:\\ www',
		checkHead(/^$/),
		/\r\nHost: www\r\n/i,
		/^GET \S+ HTTP\/1\.0/,
		'option httpchk GET /NAME HTTP/1.0',
		`\nbackend NAME\n LINE\n ${X}\n`,
	),
	web(
		'proxy|http-check disable-on-404',
		'http-check disable-on-404',
		settles('NOLB'),
		/^NOLB/,
		'DOWN',
		'',
		`\nbackend NAME\n ${HTTP('/status/404')}\n LINE\n`,
	),
	expect('proxy|http-check expect, proxy|http-check expect status', 'status 204', 'status 200'),
	expect('proxy|http-check expect rstatus', 'rstatus ^3', 'rstatus ^2'),
	expect('proxy|http-check expect string', 'string nowhere', 'string GET'),
	expect('proxy|http-check expect rstring', 'rstring ^[0-9]+$', 'rstring GE[A-Z]'),
	web(
		'server option|track',
		'track NAME/x',
		tracked(),
		'DOWN',
		'no check',
		'',
		'\nbackend NAME\n server x 127.0.0.1:1 check inter 200 fall 1\n server y 127.0.0.1:S1 LINE\n',
	),
	web(
		'proxy option|option log-health-checks',
		'option log-health-checks',
		logsCheck(),
		'logged',
		'silent',
		'',
		'\nbackend NAME\n LINE\n server x 127.0.0.1:S1 check inter 200\n',
	),
	web(
		'proxy option|no option log-health-checks',
		'no option log-health-checks',
		logsCheck(),
		'silent',
		'logged',
		'',
		'\nbackend NAME\n option log-health-checks\n LINE\n server x 127.0.0.1:S1 check inter 200\n',
	),
	web(
		'server option|rise',
		'rise 1',
		rises(),
		'UP',
		/^DOWN/,
		'rise 2000',
		'\nbackend NAME\n option httpchk GET /NAME/status/200\n http-check expect status 200\n server x 127.0.0.1:S1 check inter 200 fall 1 LINE disabled\n',
	),
];

/** From down, by order, to whatever checks say of it. */
function rises() {
	return async (run: Run) => {
		await run.command(`enable server ${run.name}/x`);
		await run.command(`set server ${run.name}/x health down`);
		return settles('UP')(run);
	};
}
function tracked() {
	return async (run: Run) => {
		await settles('DOWN')(run);
		return run.cell(run.name, 'y', 'status').then(text => /^[A-Za-z ]+/.exec(text)?.[0].trim() ?? 'none');
	};
}
function logsCheck() {
	return async (run: Run) => {
		await checked(run);
		await run.command(`disable server ${run.name}/x`);
		await run.line(/maintenance/);
		return run.lines().some(line => /Health check/.test(line)) ? 'logged' : 'silent';
	};
}

const COOKIE = {headers: ['Cookie: X=a']};
const DEADFIRST =
	'\nlisten NAME 127.0.0.1:PORT\n cookie X\n retries 1\n LINE\n server s1 127.0.0.1:1 cookie a\n server s2 127.0.0.1:S2 cookie b\n';
const MAINT = DEADFIRST.replace('cookie a', 'cookie a disabled');
const failures: Case[] = [
	web('proxy option|option redispatch', 'option redispatch', server(COOKIE), 's2', '503', '', DEADFIRST),
	web('proxy|redispatch', 'redispatch', server(COOKIE), 's2', '503', '', DEADFIRST),
	web('proxy|redisp', 'redisp', server(COOKIE), 's2', '503', '', DEADFIRST),
	web(
		'proxy option|no option redispatch',
		'no option redispatch',
		server(COOKIE),
		'503',
		's2',
		'',
		DEADFIRST.replace('LINE', 'option redispatch\n LINE'),
	),
	web('proxy option|option persist', 'option persist', server(COOKIE), '503', 's2', '', MAINT),
	web(
		'proxy option|no option persist',
		'no option persist',
		server(COOKIE),
		's2',
		'503',
		'',
		MAINT.replace('LINE', 'option persist\n LINE'),
	),
	web(
		'proxy|retries',
		'retries 0',
		async run => {
			await ask(run.port);
			return /\/(\d+) \d+\/\d+ "/.exec(await run.line(/ 503 /))?.[1] ?? 'none';
		},
		'0',
		'1',
		'retries 1',
		'\nlisten NAME 127.0.0.1:PORT\n LINE\n server s1 127.0.0.1:1\n',
	),
];

/** A second request while the first is held by the server's limit. */
const second = async ({port}: Run) => {
	const first = ask(port, {path: '/never', withinMs: 1200});
	await waitFor('the first has arrived', () => true);
	const answer = await ask(port, {withinMs: 900});
	await first;
	return statusOf(answer);
};
const limits: Case[] = [
	web(
		'server option|maxconn',
		'maxconn 1',
		second,
		'none',
		'200',
		'',
		'\nlisten NAME 127.0.0.1:PORT\n timeout queue 20s\n server s1 127.0.0.1:S1 LINE\n',
	),
	web(
		'proxy|timeout queue',
		'timeout queue 50',
		second,
		'503',
		'none',
		'timeout queue 20s',
		'\nlisten NAME 127.0.0.1:PORT\n LINE\n server s1 127.0.0.1:S1 maxconn 1\n',
	),
	web('proxy|maxconn', 'maxconn 1', second, 'none', '200'),
];

export const healthGroup: Group = {name: 'health', cases: [...checks, ...failures, ...limits]};

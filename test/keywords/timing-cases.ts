/** Checks in time, queues, and what a client or a kernel sees of a connection: rows that need servers of their own. */
import {readFileSync} from 'node:fs';
import net from 'node:net';
import {startDeafServer} from '../../packages/proxy/test/helpers/deaf-server.ts';
import {waitFor} from '../lab/wait.ts';
import {ask, serverOf, statusOf} from './client.ts';
import type {Case, Group, Run} from './harness.ts';
import {answerHttp, type OwnServer, startOwnServer} from './own-server.ts';
import {web, withDefaults} from './web-case.ts';

/** A `listen` whose server is the run's own, on `PORT1`. */
const own = (options = '', lines = '') => `
listen NAME
    bind 127.0.0.1:PORT
    LINE
    ${lines}
    server s1 127.0.0.1:PORT1 ${options}
`;

/** The same, where the line stands among the server's options. */
const onServer = (options: string, lines = '') => `
listen NAME
    bind 127.0.0.1:PORT
    ${lines}
    server s1 127.0.0.1:PORT1 ${options} LINE
`;

type Talk = (server: OwnServer, run: Run) => Promise<string>;

/** Looks at the run with its own server there. */
const withServer =
	(talk: Talk, onData?: Parameters<typeof startOwnServer>[1], onConnect?: Parameters<typeof startOwnServer>[2]) =>
	async (run: Run): Promise<string> => {
		const server = await startOwnServer(run.ports[1]!, onData, onConnect);
		try {
			return await talk(server, run);
		} finally {
			server.close();
		}
	};

const statusCell = (run: Run) => run.cell(run.name, 's1', 'status');
const untilStatus = async (run: Run, status: RegExp) => {
	await waitFor(`${run.name}/s1 is ${status}`, async () => status.test(await statusCell(run)), {deadlineMs: 20_000});
	return statusCell(run);
};

// --- What the kernel shows -------------------------------------------------------------------------------------------

/** Does the kernel's keep-alive timer run on the proxy's side of a connection? `local` and `remote` are its ports, 0 for any. */
function hasKeepAlive(local: number, remote: number): boolean {
	return readFileSync('/proc/net/tcp', 'latin1')
		.split('\n')
		.some(line => {
			const [, from = '', to = '', state, , timer = ''] = line.trim().split(/\s+/);
			const port = (end: string) => Number.parseInt(end.split(':')[1] ?? '0', 16);
			const isMeant = (local === 0 || port(from) === local) && (remote === 0 || port(to) === remote);
			return isMeant && state === '01' && timer.startsWith('02');
		});
}

const probes = (side: 'client' | 'server') =>
	withServer(async (server, {port, ports}) => {
		const client = net.connect(port, '127.0.0.1', () => client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
		client.on('error', () => {});
		await waitFor('the request at the server', () => (server.said[0] ?? '').includes('\r\n\r\n'));
		const [local, remote] = side === 'client' ? [port, 0] : [0, ports[1]!];
		// A timer for bytes under way goes before: it is over within a moment.
		let seen = false;
		for (let look = 0; look < 40 && !seen; look++) {
			seen = hasKeepAlive(local, remote);
			await new Promise(resolve => setTimeout(resolve, 10));
		}
		client.destroy();
		return seen ? 'probed' : 'silent';
	});

const keepAlive: Case[] = (['clitcpka', 'srvtcpka', 'tcpka'] as const).map(option =>
	web(
		`proxy option|option ${option}`,
		`option ${option}`,
		probes(option === 'srvtcpka' ? 'server' : 'client'),
		'probed',
		'silent',
		'',
		own(),
	),
);
for (const option of ['clitcpka', 'srvtcpka'] as const) {
	const side = option === 'srvtcpka' ? 'server' : 'client';
	const config = withDefaults(`mode http\n    option ${option}`, own());
	keepAlive.push(
		web(`proxy option|no option ${option}`, `no option ${option}`, probes(side), 'silent', 'probed', '', config),
	);
}

/** Bytes that the statistics know of while a response is on its way. */
const bytesUnderWay = withServer(
	async (_server, run) => {
		const client = net.connect(run.port, '127.0.0.1', () => client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
		client.on('error', () => {});
		client.resume();
		await waitFor('the bytes', async () => Number(await run.cell(run.name, 'BACKEND', 'bout')) >= 200_000);
		client.destroy();
		return 'counted';
	},
	socket => void socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n${'x'.repeat(400_000)}`),
);
const always = 'bytes are counted while they pass';
const counting: Case[] = [
	{...web('proxy option|option contstats', 'option contstats', bytesUnderWay, 'counted', 'counted', '', own()), always},
	{
		...web('proxy option|no option contstats', 'no option contstats', bytesUnderWay, 'counted', 'counted', '', own()),
		always,
	},
];

// --- Connecting ------------------------------------------------------------------------------------------------------

/** How long a connection that never comes to be is waited for. */
const patience = async (run: Run): Promise<string> => {
	const deaf = await startDeafServer(run.ports[1]);
	try {
		// What is not answered by then is waited for much longer.
		return statusOf(await ask(run.port, {withinMs: 5000}));
	} finally {
		deaf.close();
	}
};
const connecting: Case[] = [
	web('proxy|contimeout', 'contimeout 100', patience, '503', 'none', 'contimeout 60000', own('', 'retries 0')),
	web(
		'proxy|timeout connect',
		'timeout connect 100',
		patience,
		'503',
		'none',
		'timeout connect 60000',
		own('', 'retries 0'),
	),
];

// --- Times of checks -------------------------------------------------------------------------------------------------

const letPass = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** With the server up, `talk` goes on; `spoil` makes its checks fail first. */
const checked = (talk: Talk, spoil = true) =>
	withServer(async (server, run) => {
		await untilStatus(run, /^UP/);
		if (spoil) server.status = 500;
		return talk(server, run);
	}, answerHttp);
/** How soon three more checks come: with 50 ms between them at once, with 1500 ms never before 3 s. */
const pace: Talk = async server => {
	const before = server.accepted.length;
	const begin = performance.now();
	await waitFor('three checks', () => server.accepted.length >= before + 3, {deadlineMs: 30_000});
	return performance.now() - begin < 2800 ? 'often' : 'seldom';
};
/** The same once a check has failed. */
const failing = checked(async (server, run) => {
	const before = server.accepted.length;
	await waitFor('a check that fails', () => server.accepted.length > before, {deadlineMs: 20_000});
	return pace(server, run);
});
const firstWord = (status: string) => status.split(' ')[0] ?? '';
const CHECKED = 'option httpchk\n    timeout check 1s';
/** What the first bytes of a check are; empty when checks come and say nothing. */
const opening: Talk = async server => {
	await waitFor('a check', () => server.said.some(text => text !== '') || server.accepted.length > 3, {
		deadlineMs: 20_000,
	});
	return (server.said.find(text => text !== '') ?? '').split('\r\n')[0]!;
};

const times: Case[] = [
	web(
		'server option|inter',
		'inter 50',
		checked(pace, false),
		'often',
		'seldom',
		'inter 1500',
		onServer('check rise 1', CHECKED),
	),
	web(
		'server option|fastinter',
		'fastinter 50',
		failing,
		'often',
		'seldom',
		'',
		onServer('check inter 1500 rise 1 fall 200', CHECKED),
	),
	web(
		'server option|downinter',
		'downinter 50',
		checked(async (server, run) => {
			await untilStatus(run, /^DOWN/);
			return pace(server, run);
		}),
		'often',
		'seldom',
		'',
		onServer('check inter 1500 fastinter 50 rise 1 fall 2', CHECKED),
	),
	web(
		'server option|fall',
		'fall 2',
		checked(async (server, run) => {
			const before = server.accepted.length;
			await waitFor('some checks', () => server.accepted.length >= before + 6, {deadlineMs: 20_000});
			return firstWord(await statusCell(run));
		}),
		'DOWN',
		'UP',
		'fall 1000',
		onServer('check inter 50 rise 1', CHECKED),
	),
	web(
		'proxy|timeout check',
		'timeout check 100',
		withServer(async (_server, run) => {
			const timedOut = async () => (await run.cell(run.name, 's1', 'check_status')).includes('L7TOUT');
			await waitFor('a check that was given up', timedOut, {deadlineMs: 20_000});
			return Number(await run.cell(run.name, 's1', 'check_duration')) < 700 ? 'soon' : 'late';
		}),
		'soon',
		'late',
		'timeout check 1500',
		`
listen NAME
    bind 127.0.0.1:PORT
    option httpchk
    LINE
    server s1 127.0.0.1:PORT1 check inter 2000
`,
	),
	web(
		'server option|addr',
		'addr 127.0.0.2',
		withServer(async server => {
			for (let look = 0; look < 60 && server.accepted.length === 0; look++) await letPass(50);
			return server.accepted.length > 0 ? 'here' : 'elsewhere';
		}, answerHttp),
		'elsewhere',
		'here',
		'',
		onServer('check inter 50', CHECKED),
	),
	web(
		'server option|slowstart',
		'slowstart 20s',
		checked(async (server, run) => {
			await run.command(`disable server ${run.name}/s1`);
			await run.command(`enable server ${run.name}/s1`);
			const before = server.accepted.length;
			await waitFor('checks', () => server.accepted.length > before + 2, {deadlineMs: 20_000});
			return (await run.cell(run.name, 's1', 'throttle')) === '' ? 'whole' : 'a part';
		}, false),
		'a part',
		'whole',
		'',
		onServer('check inter 50 rise 1', CHECKED),
	),
	web(
		'proxy option|option httpchk (no argument)',
		'option httpchk',
		withServer(opening, answerHttp),
		'OPTIONS / HTTP/1.0',
		'',
		'',
		own('check inter 50'),
	),
	web(
		'proxy option|option smtpchk',
		'option smtpchk HELO example.com',
		withServer(
			opening,
			socket => void socket.write('250 ok\r\n'),
			socket => void socket.write('220 ready\r\n'),
		),
		'HELO example.com',
		'',
		'',
		own('check inter 50'),
	),
	web(
		'proxy option|option mysql-check',
		'option mysql-check',
		withServer(
			async (_server, run) => {
				let status = '';
				for (let look = 0; look < 60 && status !== 'UP'; look++) {
					await letPass(50);
					status = firstWord(await statusCell(run));
				}
				return status;
			},
			undefined,
			socket => void socket.end('not MySQL at all, and long enough to be read'),
		),
		'DOWN',
		'UP',
		'',
		own('check inter 50 fall 1 rise 1'),
	),
];

// --- Traffic that judges ---------------------------------------------------------------------------------------------

/** Five answers that are errors, and whether the server went down for them: no check fails. */
const afterErrors = withServer(
	async (_server, run) => {
		await untilStatus(run, /^UP/);
		const downs = () => run.cell(run.name, 's1', 'chkdown');
		const before = await downs();
		for (let i = 0; i < 5; i++) await ask(run.port, {path: '/bad'});
		for (let look = 0; look < 120 && (await downs()) === before; look++) await letPass(25);
		return (await downs()) === before ? 'up' : 'down';
	},
	(socket, text, server) => answerHttp(socket, text, text.includes('/bad') ? {...server, status: 500} : server),
);
const JUDGED = 'check inter 1500 rise 1 fall 3';

const observing: Case[] = [
	web(
		'server option|observe',
		'observe layer7',
		afterErrors,
		'down',
		'up',
		'',
		onServer(`${JUDGED} error-limit 3 on-error mark-down`, CHECKED),
	),
	web(
		'server option|error-limit',
		'error-limit 3',
		afterErrors,
		'down',
		'up',
		'error-limit 100',
		onServer(`${JUDGED} observe layer7 on-error mark-down`, CHECKED),
	),
	web(
		'server option|on-error',
		'on-error mark-down',
		afterErrors,
		'down',
		'up',
		'on-error fastinter',
		onServer(`${JUDGED} observe layer7 error-limit 3`, CHECKED),
	),
];

// --- Queues ----------------------------------------------------------------------------------------------------------

/** Answers after a while, so that requests meet. */
const slow = (socket: net.Socket, text: string, server: OwnServer): void => {
	if (text.includes('\r\n\r\n')) setTimeout(() => answerHttp(socket, text, server), 400);
};
/** Most requests at the server at a time. */
const atOnce = withServer(async (_server, run) => {
	await Promise.all([1, 2, 3, 4].map(() => ask(run.port)));
	return run.cell(run.name, 's1', 'smax');
}, slow);

const queues: Case[] = [
	web('server option|minconn', 'minconn 1', atOnce, '1', '4', '', onServer('maxconn 4', 'fullconn 100')),
	web('proxy|fullconn', 'fullconn 100', atOnce, '1', '4', 'fullconn 1', own('minconn 1 maxconn 4')),
	web(
		'server option|maxqueue',
		'maxqueue 1',
		withServer(async (_server, run) => {
			const answers = await Promise.all([1, 2, 3].map(() => ask(run.port, {headers: ['Cookie: C=one']})));
			return answers.some(answer => serverOf(answer) === 's2') ? 'another' : 'waits';
		}, slow),
		'another',
		'waits',
		'',
		`
listen NAME
    bind 127.0.0.1:PORT
    cookie C insert
    option redispatch
    server s1 127.0.0.1:PORT1 cookie one maxconn 1 LINE
    server s2 127.0.0.1:S2 cookie two
`,
	),
	web(
		'proxy option|option abortonclose',
		'option abortonclose',
		withServer(async (server, run) => {
			const first = ask(run.port);
			await waitFor('the first request', () => server.accepted.length > 0);
			const second = net.connect(run.port, '127.0.0.1', () => second.end('GET /gone HTTP/1.1\r\nHost: x\r\n\r\n'));
			second.on('error', () => {});
			second.resume();
			await first;
			await run.line(/\/gone/);
			return server.said.some(text => text.includes('/gone')) ? 'served' : 'dropped';
		}, slow),
		'dropped',
		'served',
		'',
		own('maxconn 1'),
	),
];
queues.push({
	...queues.at(-1)!,
	rows: ['proxy option|no option abortonclose'],
	line: 'no option abortonclose',
	config: withDefaults('mode http\n    log global\n    option httplog\n    option abortonclose', own('maxconn 1')),
	sees: 'served',
	otherwise: 'dropped',
});

const page: Case[] = [
	web(
		'proxy|stats http-request',
		'stats http-request deny',
		async run => statusOf(await ask(run.port, {path: '/haproxy?stats'})),
		'403',
		'200',
		'stats enable',
		`
listen NAME
    bind 127.0.0.1:PORT
    LINE
    server s1 127.0.0.1:S1
`,
	),
	web(
		'proxy|stats http-request',
		'stats http-request auth realm Own unless { src 10.0.0.0/8 }',
		async run => statusOf(await ask(run.port, {path: '/haproxy?stats'})),
		'401',
		'200',
		'stats http-request allow\n    stats http-request deny',
	),
	web(
		'bind option|name',
		'name front-door',
		async run =>
			(await run.command('show stat')).split('\n').some(line => line.startsWith(`${run.name},front-door`))
				? 'named'
				: 'nameless',
		'named',
		'nameless',
		'',
		`
listen NAME
    bind 127.0.0.1:PORT LINE
    option socket-stats
    server s1 127.0.0.1:S1
`,
	),
];

export const timingGroup: Group = {
	name: 'timing',
	cases: [...keepAlive, ...counting, ...connecting, ...times, ...observing, ...queues, ...page],
};

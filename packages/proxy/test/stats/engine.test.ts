/** The stats socket and the page on a whole engine with two worker threads: everything really happens, in every thread. */
import {mkdtempSync, rmSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {type Engine, startEngine} from '../../src/engine.ts';
import {answering, Client, startServer} from '../helpers/engine.ts';
import {readConfiguration} from '../helpers/proxy.ts';
import {waitFor} from '../helpers/wait-for.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

interface Stage {
	readonly engine: Engine;
	/** One command, one connection. */
	ask(command: string): Promise<string>;
	/** The cells of a row by name. */
	row(name: string): Promise<Readonly<Record<string, string>>>;
	client(frontend?: number): Client;
	/** What a new connection gets for a GET. */
	fetch(text?: string, frontend?: number): Promise<string>;
}

/** Answers with `name`, and keeps connections. */
const named = (name: string) => answering(() => `HTTP/1.1 200 OK\r\ncontent-length: ${name.length}\r\n\r\n${name}`);

async function start(t: ExecutionContext, servers: string): Promise<Stage> {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-stats-'));
	const path = join(directory, 'sock');
	const engine = await startEngine(
		readConfiguration(`
global
	nbthread 2
	maxconn 100
	stats socket ${path} level admin
defaults
	mode http
	timeout connect 2s
	timeout client 5s
	timeout server 5s
frontend in
	bind 127.0.0.1:1
	default_backend out
backend out
${servers}
listen page
	bind 127.0.0.2:1
	stats uri /hs
	stats auth a:b
	stats refresh 7s
	stats admin if TRUE
`),
		{errorFiles: {}, logTag: 'haproxy', logPid: 1},
	);
	t.teardown(async () => {
		await engine.stop('hard', 0);
		rmSync(directory, {recursive: true, force: true});
	});
	const ask = (command: string) =>
		new Promise<string>((resolve, reject) => {
			let text = '';
			const socket = net.connect(path);
			socket.on('data', chunk => {
				text += chunk.toString('latin1');
			});
			socket.on('end', () => resolve(text));
			socket.on('error', reject);
			socket.write(`${command}\n`);
		});
	const portOf = (frontend: number) => engine.ports.find(port => port.frontend === frontend)!.port;
	const client = (frontend = 0) => {
		const one = new Client(portOf(frontend), frontend === 0 ? '127.0.0.1' : '127.0.0.2');
		t.teardown(() => one.socket.destroy());
		return one;
	};
	return {
		engine,
		ask,
		client,
		async row(name) {
			const [header = '', ...lines] = (await ask('show stat')).split('\n');
			const cells = lines.find(line => line.startsWith(`${name},`))!.split(',');
			return Object.fromEntries(
				header
					.slice(2)
					.split(',')
					.map((field, place) => [field, cells[place]!]),
			);
		},
		async fetch(text = GET, frontend = 0) {
			const one = client(frontend);
			one.send(text.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
			await one.untilEnd();
			one.socket.destroy();
			return one.text;
		},
	};
}

test('requests over both threads add up, and clearing begins anew', async t => {
	const server = await startServer(named('one'));
	t.teardown(() => server.close());
	const stage = await start(t, `	server s1 127.0.0.1:${server.port}`);
	for (let i = 0; i < 12; i++) t.regex(await stage.fetch(), /one$/);
	await waitFor('all counted and gone', async () => {
		const {hrsp_2xx: served, scur} = await stage.row('in,FRONTEND');
		return served === '12' && scur === '0';
	});
	t.like(await stage.row('in,FRONTEND'), {stot: '12', req_tot: '12'});
	t.like(await stage.row('out,s1'), {stot: '12', lbtot: '12', hrsp_2xx: '12', scur: '0'});
	t.like(await stage.row('out,BACKEND'), {stot: '12', hrsp_2xx: '12', connect: (await stage.row('out,s1')).connect});
	t.true(Number((await stage.row('in,FRONTEND')).rate_max) > 0);
	t.regex(await stage.ask('show info'), /^CumReq: 12$/m);
	t.is(await stage.ask('clear counters all'), '\n');
	t.like(await stage.row('out,s1'), {stot: '0', smax: '0', hrsp_2xx: '0'});
	await stage.fetch();
	await waitFor('one more', async () => (await stage.row('out,s1')).stot === '1');
});

test('figures for monitoring: counters of every row, times by backend and class of answer', async t => {
	const server = await startServer(named('one'));
	t.teardown(() => server.close());
	const stage = await start(t, `	server s1 127.0.0.1:${server.port}`);
	const {engine} = stage;
	for (let i = 0; i < 6; i++) await stage.fetch();
	await stage.ask('set server out/s1 state maint');
	t.regex(await stage.fetch(), /^HTTP\/1\.1 503 /);
	const {columns, boundsMs, classes, times} = engine.figures();
	const countOf = (code: string, time: string) => {
		const width = boundsMs.length + 2;
		const at = (classes.indexOf(code) * times.length + times.indexOf(time)) * width;
		const {histograms} = engine.figures().backends[0]!;
		return histograms.subarray(at, at + width - 1).reduce((sum, count) => sum + count, 0);
	};
	await waitFor('all of them', () => countOf('2xx', 'total') === 6 && countOf('5xx', 'total') === 1);
	t.is(countOf('2xx', 'response'), 6);
	t.is(countOf('2xx', 'connect'), 6);
	t.is(countOf('5xx', 'response'), 0);
	t.is(countOf('4xx', 'total'), 0);
	const {frontends, backends} = engine.figures();
	t.is(frontends[0]!.counters[columns.indexOf('requests')], 7);
	t.is(backends[0]!.servers[0]!.counters[columns.indexOf('status2xx')], 6);
	const {traffic} = engine.snapshot();
	t.like(traffic, {requests: 7, serverErrors: 1, clientErrors: 0});
	t.is(
		traffic.totalTimes.slice(0, -1).reduce((sum, count) => sum + count, 0),
		7,
	);
});

test('servers leave and come back in every thread: maint, weight 0, drain, address', async t => {
	const [one, two] = [await startServer(named('one')), await startServer(named('two'))];
	t.teardown(() => one.close());
	t.teardown(() => two.close());
	const stage = await start(
		t,
		`	cookie S insert\n	server s1 127.0.0.1:${one.port} cookie a\n	server s2 127.0.0.1:${two.port} cookie b`,
	);
	const names = async () => {
		const bodies = new Set<string>();
		for (let i = 0; i < 8; i++) bodies.add((await stage.fetch()).slice(-3));
		return [...bodies].sort();
	};
	t.deepEqual(await names(), ['one', 'two']);
	await stage.ask('disable server out/s1');
	t.deepEqual(await names(), ['two']);
	await stage.ask('enable server out/s1;set weight out/s2 0');
	t.deepEqual(await names(), ['one']);
	const withCookie = 'GET / HTTP/1.1\r\nHost: a\r\nCookie: S=b\r\n\r\n';
	t.regex(await stage.fetch(withCookie), /two$/);
	await stage.ask('set weight out/s2 100%;set server out/s1 state drain');
	t.deepEqual(await names(), ['two']);
	t.regex(await stage.fetch(withCookie.replace('S=b', 'S=a')), /one$/);
	t.regex(await stage.ask(`set server out/s2 addr 127.0.0.1 port ${one.port}`), /port changed from/);
	t.deepEqual(await names(), ['one']);
	t.regex(await stage.ask('show servers state'), new RegExp(`out 2 s2 127\\.0\\.0\\.1 2 0 1 1 \\d+ .* ${one.port} `));
	await stage.ask('set server out/s1 state maint;set server out/s2 state maint');
	t.regex(await stage.fetch(), /^HTTP\/1\.1 503 /);
	t.like(await stage.row('out,BACKEND'), {status: 'DOWN', weight: '0', chkdown: '1'});
});

test('a limit that is set while requests run makes the next ones wait, and taking it away lets them go', async t => {
	const held: net.Socket[] = [];
	const server = await startServer(socket => socket.on('data', () => held.push(socket)));
	t.teardown(() => server.close());
	const stage = await start(t, `	server s1 127.0.0.1:${server.port}`);
	await stage.ask('set maxconn server out/s1 1');
	const clients = [stage.client(), stage.client(), stage.client()];
	for (const client of clients) client.send(GET);
	await waitFor('two waiting', async () => (await stage.row('out,BACKEND')).qcur === '2');
	await waitFor('one at the server', () => held.length === 1);
	t.like(await stage.row('out,s1'), {slim: '1', scur: '1'});
	await stage.ask('set maxconn server out/s1 0');
	await waitFor('all served', () => held.length === 3);
	t.like(await stage.row('out,s1'), {slim: '', scur: '3'});
});

test('sessions of any thread are shown and ended, by name and by server', async t => {
	const server = await startServer(() => {});
	t.teardown(() => server.close());
	const stage = await start(t, `	server s1 127.0.0.1:${server.port}`);
	const clients = Array.from({length: 6}, () => stage.client());
	for (const client of clients) client.send(GET);
	const shown = async () =>
		(await stage.ask('show sess'))
			.trimEnd()
			.split('\n')
			.filter(line => line.includes('srv=s1'));
	await waitFor('six sessions', async () => (await shown()).length === 6);
	const ids = (await shown()).map(line => line.split(':')[0]!);
	t.is(new Set(ids).size, 6);
	t.regex((await shown())[0]!, /^0x[0-9a-f]+: proto=tcpv4 src=127\.0\.0\.1:\d+ fe=in be=out srv=s1 /);
	t.is(await stage.ask(`shutdown session ${ids[3]}`), '\n');
	await waitFor('five sessions', async () => (await shown()).length === 5);
	await waitFor('one client', () => clients.filter(({ended, closed}) => ended || closed).length === 1);
	t.is(await stage.ask('shutdown sessions server out/s1'), '\n');
	await waitFor('none', () => clients.every(({ended, closed}) => ended || closed));
});

test('a frontend stops in every thread, goes on at its port, and is shut down', async t => {
	const server = await startServer(named('one'));
	t.teardown(() => server.close());
	const stage = await start(t, `	server s1 127.0.0.1:${server.port}`);
	const kept = stage.client();
	kept.send(GET);
	await kept.untilText('one');
	const refused = async () => {
		const client = stage.client();
		await client.until(({closed}) => closed);
		return client.text === '';
	};
	t.is(await stage.ask('disable frontend in'), '\n');
	for (let i = 0; i < 6; i++) t.true(await refused());
	t.like(await stage.row('in,FRONTEND'), {status: 'STOP'});
	kept.text = '';
	kept.send(GET);
	await kept.untilText('one');
	t.is(await stage.ask('enable frontend in'), '\n');
	for (let i = 0; i < 6; i++) t.regex(await stage.fetch(), /one$/);
	t.like(await stage.row('in,FRONTEND'), {status: 'OPEN'});
	await stage.ask('shutdown frontend in');
	t.true(await refused());
});

test('fewer connections are served after set maxconn', async t => {
	const server = await startServer(named('one'));
	t.teardown(() => server.close());
	const stage = await start(t, `	server s1 127.0.0.1:${server.port}`);
	await stage.ask('set maxconn frontend in 1');
	const first = stage.client();
	first.send(GET);
	await first.untilText('one');
	const second = stage.client();
	second.send(GET);
	await waitFor('its connection', () => second.socket.remotePort !== undefined);
	t.like(await stage.row('in,FRONTEND'), {scur: '1', slim: '1'});
	t.is(second.text, '');
	first.socket.destroy();
	await second.untilText('one');
});

test('the last bad request and response are kept, whichever thread saw them', async t => {
	const server = await startServer(answering(() => 'NOT HTTP\r\n\r\n'));
	t.teardown(() => server.close());
	const stage = await start(t, `	server s1 127.0.0.1:${server.port}`);
	t.regex(await stage.fetch(), /^HTTP\/1\.1 502 /);
	const bad = stage.client();
	bad.send('GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n');
	await bad.untilEnd();
	const errors = await stage.ask('show errors');
	t.regex(errors, /^Total events captured on .* : 2\n/);
	t.regex(errors, /frontend in \(#2\): invalid request\n.*\n {2}request length 39 bytes, error at position 28:\n/);
	t.regex(errors, /backend out \(#3\): invalid response\n {2}frontend in \(#2\), server s1 \(#1\)/);
	t.true(errors.includes('  00000  NOT HTTP\\r\\n\n'));
	t.notRegex(await stage.ask('show errors out'), /invalid request/);
});

const authorization = `Authorization: Basic ${Buffer.from('a:b').toString('base64')}\r\n`;
const page = (target: string, method = 'GET', more = authorization) =>
	`${method} ${target} HTTP/1.1\r\nHost: lb\r\n${more}\r\n`;

test('the page: password, HTML, CSV as on the socket, HEAD, refresh', async t => {
	const stage = await start(t, '	server s1 127.0.0.1:9');
	const refused = await stage.fetch(page('/hs', 'GET', ''), 1);
	t.regex(refused, /^HTTP\/1\.1 401 Unauthorized\r\n/);
	t.regex(refused, /\r\nwww-authenticate: Basic realm="HAProxy Statistics"\r\n/);
	const html = await stage.fetch(page('/hs'), 1);
	t.regex(html, /^HTTP\/1\.1 200 OK\r\ncache-control: no-cache\r\ncontent-type: text\/html\r\nrefresh: 7\r\n/);
	t.regex(html, /<a name="out\/s1">/);
	t.is(/content-length: (\d+)/.exec(html)?.[1], String(html.length - html.indexOf('\r\n\r\n') - 4));
	t.notRegex(await stage.fetch(page('/hs;norefresh'), 1), /\r\nrefresh:/);
	const csv = await stage.fetch(page('/hs;csv'), 1);
	t.regex(csv, /\r\ncontent-type: text\/plain\r\n/);
	const names = (text: string) =>
		text
			.slice(text.indexOf('# pxname'))
			.trimEnd()
			.split('\n')
			.map(line => line.split(',').slice(0, 2).join());
	t.deepEqual(names(csv), names(await stage.ask('user;show stat')));
	const head = await stage.fetch(page('/hs', 'HEAD'), 1);
	t.regex(head, /^HTTP\/1\.1 200 OK\r\n/);
	t.true(head.endsWith('\r\n\r\n'));
	t.regex(await stage.fetch(page('/other'), 1), /^HTTP\/1\.1 503 /);
	t.like(await stage.row('page,FRONTEND'), {intercepted: '5'});
});

test('an order on the page acts, and the browser goes back to it', async t => {
	const stage = await start(t, '	server s1 127.0.0.1:9');
	const post = (body: string, more = '') => {
		const client = stage.client(1);
		client.send(`POST /hs;up HTTP/1.1\r\nHost: lb\r\n${authorization}${more}Content-Length: ${body.length}\r\n\r\n`);
		// In pieces, as a browser may send it.
		client.send(body.slice(0, 5));
		setImmediate(() => client.send(body.slice(5)));
		return client.untilText('\r\n\r\n').then(() => client);
	};
	const done = await post('s=s1&action=maint&b=%233');
	t.regex(done.text, /^HTTP\/1\.1 303 See Other\r\n/);
	t.regex(done.text, /\r\nlocation: \/hs;up;st=DONE\r\n/);
	t.like(await stage.row('out,s1'), {status: 'MAINT'});
	// The connection goes on with the next request.
	done.text = '';
	done.send(page('/hs;csv'));
	await done.untilText('out,s1,');
	t.regex((await post('s=s1&action=ready&b=out')).text, /st=DONE/);
	t.like(await stage.row('out,s1'), {status: 'no check'});
	t.regex((await post('s=s1&action=maint&b=%233', 'Origin: http://elsewhere\r\n')).text, /st=DENY/);
	t.regex((await post(`s=${'x'.repeat(20_000)}`)).text, /st=NONE/);
	t.like(await stage.row('out,s1'), {status: 'no check'});
});

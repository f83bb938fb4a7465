/** Debian's own programs for HAProxy, unchanged, on hapair: hatop, prometheus-haproxy-exporter, halog. */
import {spawn} from 'node:child_process';
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import http from 'node:http';
import test, {type ExecutionContext} from 'ava';
import {runTool} from '../lab/tools.ts';
import {
	eventually,
	neededTool,
	ownAddress,
	type StandaloneProxy,
	startStandalone,
	startWeb,
} from './standalone-proxy.ts';

interface Stage {
	readonly proxy: StandaloneProxy;
	/** Where port 8080 serves and 8081 has the page. */
	readonly address: string;
	readonly page: string;
}

async function start(t: ExecutionContext, log = 9): Promise<Stage> {
	const [web, address] = [await startWeb(t), ownAddress()];
	const proxy = await startStandalone(
		t,
		`
global
	nbthread 2
	node lb1
	stats socket DIR/sock level admin
	log 127.0.0.1:${log} local0
	log-send-hostname lb1
defaults
	mode http
	log global
	option httplog
	timeout connect 2s
	timeout client 10s
	timeout server 10s
frontend web
	bind ${address}:8080
	default_backend pool
backend pool
	server s1 127.0.0.1:${web} weight 20
	server s2 127.0.0.1:${web} weight 10
listen page
	bind ${address}:8081
	stats uri /hs
	stats auth a:b
`,
	);
	return {proxy, address, page: `http://a:b@${address}:8081/hs`};
}

/** `count` requests, one after the other. */
async function visit(host: string, count: number): Promise<void> {
	for (let i = 0; i < count; i++) {
		await new Promise<void>((resolve, reject) => {
			const request = http.get({host, port: 8080, path: `/page${i}`, agent: false}, response => {
				response.resume().on('end', resolve);
			});
			request.on('error', reject);
		});
	}
}

const statusOf = async ({ask}: StandaloneProxy, server: string) =>
	(await ask('show stat'))
		.split('\n')
		.find(line => line.startsWith(`pool,${server},`))
		?.split(',')[17];

// --- hatop ------------------------------------------------------------------------------------------------------

const KEYS = {down: '\u001bOB', f9: '\u001b[20~', f10: '\u001b[21~'};

/** hatop in a terminal of 40 by 160; `seen` is all that it has drawn. */
function runHatop(t: ExecutionContext, proxy: StandaloneProxy, filter = '') {
	const hatop = neededTool(t, 'hatop');
	const script = neededTool(t, 'script');
	if (hatop === undefined || script === undefined) return undefined;
	const command = `stty rows 40 cols 160; TERM=xterm exec timeout 60 ${hatop} -s ${proxy.directory}/sock -i 1 ${filter}`;
	const child = spawn(script, ['-q', '-f', '-e', '-c', command, '/dev/null'], {stdio: ['pipe', 'pipe', 'pipe']});
	t.teardown(() => child.kill('SIGKILL'));
	const terminal = {
		seen: '',
		press: (key: string) => child.stdin.write(key),
		ended: once(child, 'exit'),
		shows: (text: string) =>
			eventually(
				() => `hatop shows ${text}: ${terminal.seen}`,
				() => terminal.seen.includes(text),
			),
	};
	child.stdout.on('data', chunk => {
		terminal.seen += chunk.toString('latin1');
	});
	return terminal;
}

test('hatop shows every row', async t => {
	const {proxy, address} = await start(t);
	await visit(address, 3);
	const terminal = runHatop(t, proxy);
	if (terminal === undefined) return;
	const texts = ['HAProxy Version: 2.6-hapair-', 'lb1', 'FRONTEND', 'BACKEND', 's1', 's2', 'web', 'pool', 'page'];
	for (const text of texts) await terminal.shows(text);
	terminal.press('q');
	await terminal.ended;
	t.notRegex(terminal.seen, /Traceback/);
});

test('hatop disables a server with F10 and enables it with F9', async t => {
	const {proxy} = await start(t);
	// With one row on the screen the cursor comes to rest on it.
	const terminal = runHatop(t, proxy, '-f "3 4 1"');
	if (terminal === undefined) return;
	const becomes = (status: string) =>
		eventually(
			() => `s1 is ${status}: ${terminal.seen}`,
			async () => (await statusOf(proxy, 's1')) === status,
		);
	await terminal.shows('s1');
	for (let i = 0; i < 3; i++) terminal.press(KEYS.down);
	// The cursor's line ends with the numbers of its proxy and server.
	await terminal.shows('[#3/#1]');
	terminal.press(KEYS.f10);
	await becomes('MAINT');
	await terminal.shows('MAINT');
	t.is(await statusOf(proxy, 's2'), 'no check');
	terminal.press(KEYS.f9);
	await becomes('no check');
	terminal.press('q');
	await terminal.ended;
	t.notRegex(terminal.seen, /Traceback/);
});

// --- prometheus-haproxy-exporter --------------------------------------------------------------------------------

/** What the exporter makes of `uri`, as metrics by name and labels. */
async function scrape(t: ExecutionContext, exporter: string, uri: string): Promise<ReadonlyMap<string, number>> {
	const own = `${ownAddress()}:9101`;
	const argv = [`--haproxy.scrape-uri=${uri}`, `--web.listen-address=${own}`];
	const child = spawn(exporter, argv, {stdio: 'ignore'});
	t.teardown(() => child.kill('SIGKILL'));
	let text = '';
	await eventually(
		() => `the exporter answers: ${text}`,
		async () => {
			const response = await fetch(`http://${own}/metrics`).catch(() => undefined);
			text = (await response?.text()) ?? '';
			return text !== '';
		},
	);
	child.kill('SIGKILL');
	const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
	return new Map(
		lines.map(line => {
			const end = line.lastIndexOf(' ');
			return [line.slice(0, end), Number(line.slice(end + 1))];
		}),
	);
}

for (const way of ['page', 'socket'] as const) {
	test(`prometheus-haproxy-exporter reads every figure from the ${way}`, async t => {
		const exporter = neededTool(t, 'prometheus-haproxy-exporter');
		if (exporter === undefined) return;
		const {proxy, address, page} = await start(t);
		await visit(address, 6);
		await proxy.ask('disable server pool/s2');
		const uri = way === 'page' ? `${page};csv` : `unix:${proxy.directory}/sock`;
		const metrics = await scrape(t, exporter, uri);
		t.is(metrics.get('haproxy_up'), 1);
		t.is(metrics.get('haproxy_exporter_csv_parse_failures_total'), 0);
		t.is(metrics.get('haproxy_frontend_http_requests_total{frontend="web"}'), 6);
		t.is(metrics.get('haproxy_backend_http_responses_total{backend="pool",code="2xx"}'), 6);
		t.is(metrics.get('haproxy_server_sessions_total{backend="pool",server="s1"}'), 4);
		t.is(metrics.get('haproxy_server_up{backend="pool",server="s1"}'), 1);
		t.is(metrics.get('haproxy_server_up{backend="pool",server="s2"}'), 0);
		t.is(metrics.get('haproxy_server_weight{backend="pool",server="s1"}'), 20);
	});
}

// --- halog ------------------------------------------------------------------------------------------------------

test('halog counts our lines by server, status and termination', async t => {
	if (neededTool(t, 'halog') === undefined) return;
	const syslog = createSocket('udp4');
	const lines: string[] = [];
	// What a syslog server writes to its file: without the priority.
	syslog.on('message', message => lines.push(message.toString('latin1').replace(/^<\d+>/, '')));
	syslog.bind(0, '127.0.0.1');
	await once(syslog, 'listening');
	t.teardown(() => syslog.close());
	const {address, proxy} = await start(t, syslog.address().port);
	await visit(address, 6);
	await proxy.ask('disable server pool/s1;disable server pool/s2');
	await visit(address, 2);
	await eventually(
		() => `eight lines: ${lines.join('')}`,
		() => lines.filter(line => line.includes('"GET ')).length === 8,
	);
	const input = lines.filter(line => line.includes('"GET ')).join('');
	const halog = (option: string) => runTool('halog', ['-q', option], input);
	t.deepEqual(halog('-st').trim().split('\n').sort(), ['200 6', '503 2']);
	t.deepEqual(halog('-tc').trim().split('\n').sort(), ['-- 6', 'SC 2']);
	const servers = halog('-srv')
		.trim()
		.split('\n')
		.slice(1)
		.map(line => line.split(/\s+/));
	t.deepEqual(servers.map(([name]) => name).sort(), ['pool/<NOSRV>', 'pool/s1', 'pool/s2']);
	t.is(servers.find(([name]) => name === 'pool/s1')?.[2], '4');
	t.regex(runTool('halog', ['-q', '-u'], input), /\/page5/);
	t.regex(runTool('halog', ['-c'], input), /\b8\b/);
});

/** What a syslog server receives from the whole engine: datagrams, their priority, tag and pid, transitions of servers. */
import {createSocket, type Socket} from 'node:dgram';
import {once} from 'node:events';
import test, {type ExecutionContext} from 'ava';
import {type Engine, startEngine} from '../../src/engine.ts';
import {answering, Client, waitFor} from '../helpers/engine.ts';
import {GET, maskLine, OK, readConfiguration, serve} from '../helpers/proxy.ts';

async function listenSyslog(t: ExecutionContext): Promise<{port: number; messages: string[]}> {
	const socket: Socket = createSocket('udp4');
	const messages: string[] = [];
	socket.on('message', message => messages.push(message.toString('latin1')));
	socket.bind(0, '127.0.0.1');
	await once(socket, 'listening');
	t.teardown(() => socket.close());
	return {port: socket.address().port, messages};
}

async function start(t: ExecutionContext, text: string): Promise<Engine> {
	const engine = await startEngine(readConfiguration(text), {errorFiles: {}, logTag: 'haproxy', logPid: 4711});
	t.teardown(() => engine.stop('hard', 0));
	return engine;
}

const sections = (port: number, log: number, more = '') => `
global
    nbthread 2
    log 127.0.0.1:${log} local2
defaults
    mode http
    log global
    option httplog
    timeout connect 2s
    timeout client 5s
    timeout server 5s
    timeout check 5s
frontend in
    bind 127.0.0.1:1
    default_backend out
backend out
${more}    server s1 127.0.0.1:${port} check inter 100ms rise 2 fall 2
`;

test('a request is one datagram: <PRI>date tag[pid]: line', async t => {
	const {port: log, messages} = await listenSyslog(t);
	const engine = await start(t, sections(await serve(t), log).replace(' check inter 100ms rise 2 fall 2', ''));
	const client = new Client(engine.ports[0]!.port);
	t.teardown(() => client.socket.destroy());
	client.send(GET);
	await client.untilText(OK);
	await waitFor(() => messages.length === 1);
	const [, priority, head, line] =
		/^<(\d+)>([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d haproxy\[4711\]): (.*)\n$/.exec(messages[0]!) ?? [];
	t.is(priority, String(18 * 8 + 6));
	t.truthy(head);
	t.is(maskLine(line!), '127.0.0.1:P [T] in out/s1 T/T/T/T/T 200 40 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"');
});

/** Texts behind the tag with their severity, durations masked. */
const texts = (messages: readonly string[]) =>
	messages.map(message => {
		const [, priority, text] = /^<(\d+)>.*?\]: (.*)\n$/.exec(message)!;
		return `${Number(priority) % 8} ${text!.replace(/duration: \d+ms/, 'duration: T')}`;
	});

test('a server goes down, the backend with it, and comes back', async t => {
	const {port: log, messages} = await listenSyslog(t);
	let status = '200 OK';
	const port = await serve(
		t,
		answering(() => `HTTP/1.0 ${status}\r\n\r\n`),
	);
	const engine = await start(t, sections(port, log, '    option httpchk HEAD /alive\n'));
	const state = () => engine.snapshot().backends[0]!.servers[0]!.status;
	await waitFor(() => state() === 'UP');
	status = '500 Oops';
	await waitFor(() => state() === 'DOWN');
	const client = new Client(engine.ports[0]!.port);
	t.teardown(() => client.socket.destroy());
	client.send(GET);
	await client.untilText('HTTP/1.1 503 ');
	status = '200 OK';
	await waitFor(() => state() === 'UP');
	await waitFor(() => messages.length === 4);
	t.deepEqual(
		texts(messages).filter(text => !text.includes('GET /')),
		[
			'1 Server out/s1 is DOWN, reason: Layer7 wrong status, code: 500, info: "Oops", check duration: T. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
			'0 backend out has no server available!',
			'5 Server out/s1 is UP, reason: Layer7 check passed, code: 200, check duration: T. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
		],
	);
});

test('under log-health-checks each step has a line, and the transition tells no reason', async t => {
	const {port: log, messages} = await listenSyslog(t);
	let status = '200 OK';
	const port = await serve(
		t,
		answering(() => `HTTP/1.0 ${status}\r\n\r\n`),
	);
	const engine = await start(t, sections(port, log, '    option httpchk HEAD /alive\n    option log-health-checks\n'));
	await waitFor(() => engine.snapshot().backends[0]!.servers[0]!.status === 'UP');
	status = '404 None';
	await waitFor(() => engine.snapshot().backends[0]!.servers[0]!.status === 'DOWN');
	await waitFor(() => messages.length === 5);
	const check = 'Health check for server out/s1';
	t.deepEqual(texts(messages), [
		`5 ${check} succeeded, reason: Layer7 check passed, code: 200, check duration: T, status: 2/2 UP.`,
		`5 ${check} failed, reason: Layer7 wrong status, code: 404, info: "None", check duration: T, status: 1/2 UP.`,
		`5 ${check} failed, reason: Layer7 wrong status, code: 404, info: "None", check duration: T, status: 0/2 DOWN.`,
		'1 Server out/s1 is DOWN. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
		'0 backend out has no server available!',
	]);
});

test('disable-on-404: stopping, for new clients only', async t => {
	const {port: log, messages} = await listenSyslog(t);
	let status = '200 OK';
	const port = await serve(
		t,
		answering(() => `HTTP/1.0 ${status}\r\n\r\n`),
	);
	const more = '    option httpchk HEAD /alive\n    http-check disable-on-404\n    cookie S insert\n';
	const engine = await start(t, `${sections(port, log, more).trimEnd()} cookie a\n`);
	const state = () => engine.snapshot().backends[0]!.servers[0]!.status;
	await waitFor(() => state() === 'UP');
	status = '404 None';
	await waitFor(() => state() === 'NOLB');
	const client = new Client(engine.ports[0]!.port);
	t.teardown(() => client.socket.destroy());
	client.send(GET);
	await client.untilText('HTTP/1.1 503 ');
	client.send('GET / HTTP/1.1\r\nHost: x\r\nCookie: S=a\r\n\r\n');
	await client.untilText('HTTP/1.1 404 None');
	status = '200 OK';
	await waitFor(() => state() === 'UP');
	await waitFor(() => texts(messages).some(text => text.includes('is UP')));
	t.deepEqual(
		texts(messages).filter(text => !text.includes('GET /')),
		[
			'5 Server out/s1 is stopping, reason: Layer7 check conditionally passed, code: 404, check duration: T. 0 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
			'0 backend out has no server available!',
			'5 Server out/s1 is UP, reason: Layer7 check passed, code: 200, check duration: T. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
		],
	);
});

import {spawn} from 'node:child_process';
import {createSocket} from 'node:dgram';
import {mkdtempSync, rmSync} from 'node:fs';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {LogTarget} from '@hapair/config';
import test from 'ava';
import {LogSender, Severity} from '../../src/log/log-sender.ts';
import {waitFor} from '../helpers/wait-for.ts';

const friday = new Date(2026, 0, 9, 7, 5, 3).getTime();

async function listenUdp(host = '127.0.0.1') {
	const received: string[] = [];
	const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
	socket.on('message', message => received.push(message.toString('latin1')));
	await new Promise<void>(resolve => socket.bind(0, host, resolve));
	const {port} = socket.address() as AddressInfo;
	return {received, port, close: () => socket.close()};
}

function targetOf(port: number, over: Partial<LogTarget> = {}): LogTarget {
	const address = {kind: 'ip', host: '127.0.0.1', port} as const;
	return {address, facility: 16, level: 7, minLevel: 0, lengthBytes: 1024, ...over};
}

function makeSender(write?: (stream: 'stdout' | 'stderr', line: string) => void, calls?: null): LogSender {
	const options = {...(write ? {write} : {}), ...(calls === null ? {calls} : {})};
	return new LogSender({tag: 'haproxy', pid: 4711, now: () => friday, ...options});
}

test('a message arrives as one datagram with priority, local time, tag and pid', async t => {
	const server = await listenUdp();
	const sender = makeSender();
	sender.send([targetOf(server.port)], Severity.info, 'Server a/b is UP.');
	await waitFor('the datagram', () => server.received.length === 1);
	t.is(server.received[0], '<134>Jan  9 07:05:03 haproxy[4711]: Server a/b is UP.\n');
	sender.close();
	server.close();
});

test('what is less severe than the level is dropped, what is more severe than the minimum is sent at it', async t => {
	const server = await listenUdp();
	const sender = makeSender();
	const target = targetOf(server.port, {level: Severity.notice, minLevel: Severity.warning});
	sender.send([target], Severity.info, 'info');
	sender.send([target], Severity.notice, 'notice');
	sender.send([target], Severity.alert, 'alert');
	await waitFor('two datagrams', () => server.received.length === 2);
	t.deepEqual(
		server.received.map(line => `${/^<\d+>/.exec(line)?.[0]}${line.split(': ')[1]}`),
		['<133>notice\n', '<132>alert\n'],
	);
	sender.close();
	server.close();
});

test('a long message is cut to the length of its target and still ends in a line feed', async t => {
	const server = await listenUdp();
	const sender = makeSender();
	sender.send([targetOf(server.port), targetOf(server.port, {lengthBytes: 80})], Severity.info, 'x'.repeat(5000));
	await waitFor('two datagrams', () => server.received.length === 2);
	t.deepEqual(server.received.map(({length}) => length).sort(), [1024, 80].sort());
	for (const line of server.received) t.true(line.endsWith('x\n'));
	sender.close();
	server.close();
});

test('nobody listening drops no later message and throws nothing', async t => {
	const server = await listenUdp();
	const sender = makeSender();
	const nobody = await listenUdp();
	nobody.close();
	for (let count = 0; count < 3; count++) sender.send([targetOf(nobody.port)], Severity.info, 'lost');
	sender.send([targetOf(server.port)], Severity.info, 'heard');
	await waitFor('the datagram', () => server.received.length === 1);
	t.regex(server.received[0] ?? '', /heard/);
	sender.close();
	server.close();
});

test('lines of one moment arrive each as a datagram, in order, also those that wait when the sender closes', async t => {
	for (const host of ['127.0.0.1', '::1']) {
		for (const calls of [undefined, null]) {
			const server = await listenUdp(host);
			const sender = makeSender(undefined, calls);
			const target = targetOf(server.port, {address: {kind: 'ip', host, port: server.port}});
			const texts = Array.from({length: 150}, (_, count) => `line ${count} ${'é'.repeat(count % 7)}`);
			for (const text of texts) sender.send([target], Severity.info, text);
			if (calls === undefined) sender.close();
			await waitFor('all lines', () => server.received.length === texts.length);
			t.deepEqual(
				server.received.map(line => line.replace(/^.*?: /, '')),
				texts.map(text => `${text}\n`),
			);
			sender.close();
			t.is(sender.dropped, 0);
			server.close();
		}
	}
});

test('a flood through node:dgram is bounded: what the kernel has not taken yet is dropped and counted', t => {
	const sender = makeSender(undefined, null);
	const target = targetOf(9);
	for (let count = 0; count < 5000; count++) sender.send([target], Severity.info, 'flood');
	t.true(sender.dropped >= 5000 - 1024, `dropped ${sender.dropped}`);
	sender.close();
});

test('log stdout writes lines', t => {
	const lines: string[] = [];
	const sender = makeSender((stream, line) => lines.push(`${stream}: ${line}`));
	sender.send([{...targetOf(0), address: {kind: 'stream', name: 'stdout'}}], Severity.info, 'hello');
	t.deepEqual(lines, ['stdout: <134>Jan  9 07:05:03 haproxy[4711]: hello\n']);
});

for (const [format, expected] of [
	['raw', 'text\n'],
	['priority', '<134>text\n'],
	['short', '<6>text\n'],
	['timed', /^<6>2026-01-09T07:05:03\.000000[+-]\d\d:\d\d text\n$/],
	['iso', /^2026-01-09T07:05:03\.000000[+-]\d\d:\d\d text\n$/],
	['rfc5424', /^<134>1 2026-01-09T07:05:03\.000000[+-]\d\d:\d\d - web 4711 - \[a b="c"\] text\n$/],
] as const) {
	test(`format ${format}`, t => {
		const lines: string[] = [];
		const sender = makeSender((_, line) => lines.push(line));
		const address = {kind: 'stream', name: 'stdout'} as const;
		const extras = {tag: 'web', structuredData: '[a b="c"]'};
		sender.send(
			[{address, facility: 16, level: 7, minLevel: 0, lengthBytes: 1024, format}],
			Severity.info,
			'text',
			extras,
		);
		sender.close();
		if (typeof expected === 'string') t.is(lines[0], expected);
		else t.regex(lines[0]!, expected);
	});
}

test("a line has its proxy's tag, and the next one the common tag again", t => {
	const lines: string[] = [];
	const sender = makeSender((_, line) => lines.push(line));
	const target = {
		address: {kind: 'stream', name: 'stdout'},
		facility: 16,
		level: 7,
		minLevel: 0,
		lengthBytes: 1024,
	} as const;
	sender.send([target], Severity.info, 'a', {tag: 'web'});
	sender.send([target], Severity.info, 'b');
	sender.close();
	t.deepEqual(lines, ['<134>Jan  9 07:05:03 web[4711]: a\n', '<134>Jan  9 07:05:03 haproxy[4711]: b\n']);
});

/** A program that listens on a unix datagram socket: Node has none. */
const receiver = `use Socket; socket(S, AF_UNIX, SOCK_DGRAM, 0) or die; bind(S, sockaddr_un($ARGV[0])) or die;
$| = 1; print "ready\\n"; recv(S, my $m, 65536, 0); $m =~ s/\\n/|/g; print "$m\\n";`;

test('journald gets its own protocol: one field a line, the text as MESSAGE, with the severity of each', async t => {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-journal-'));
	const path = join(directory, 'socket');
	const child = spawn('perl', ['-e', receiver, path], {stdio: ['ignore', 'pipe', 'inherit']});
	let said = '';
	child.stdout.on('data', chunk => {
		said += String(chunk);
	});
	t.teardown(() => {
		child.kill('SIGKILL');
		rmSync(directory, {recursive: true});
	});
	await waitFor('the socket', () => said.includes('ready'));
	const sender = makeSender();
	const address = {kind: 'unix', path} as const;
	sender.send([targetOf(0, {address, format: 'journal', lengthBytes: 8192})], Severity.notice, '{"a":"b=c"}');
	await waitFor('the message', () => said.includes('MESSAGE'));
	t.is(
		said.replace('ready\n', ''),
		'PRIORITY=5|SYSLOG_FACILITY=16|SYSLOG_IDENTIFIER=haproxy|SYSLOG_PID=4711|MESSAGE={"a":"b=c"}|\n',
	);
	sender.close();
});

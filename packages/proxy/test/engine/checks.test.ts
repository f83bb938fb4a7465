/** Checks end to end: a proxy with two worker threads, and small servers that speak the protocols' real first bytes. */
import test from 'ava';
import {answering, Client, startServer} from '../helpers/engine.ts';
import {closedPort, listenTcp} from '../helpers/tcp-server.ts';
import {waitFor} from '../helpers/wait-for.ts';
import {ask, startProxy} from '../helpers/whole-proxy.ts';

const http = (status: string, body = '') =>
	`HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;

test('servers of all protocols are found up', async t => {
	const hex = (text: string) => Buffer.from(text, 'hex');
	const smtp = await listenTcp(
		(socket, text) => {
			if (text.startsWith('EHLO')) socket.write('250-me\r\n250 HELP\r\n');
			else socket.end('221 bye\r\n');
		},
		{onConnection: socket => socket.write('220 ready\r\n')},
	);
	const greeting = Buffer.from(`\x0a8.0.36\0${'x'.repeat(40)}`);
	const mysql = await listenTcp(socket => socket.write(hex('0700000200000002000000')), {
		onConnection: socket => socket.write(Buffer.concat([Buffer.from([greeting.length, 0, 0, 0]), greeting])),
	});
	const pgsql = await listenTcp(socket => socket.write(hex('520000000c0000000561626364')));
	const ldap = await listenTcp(socket => socket.write(hex('300c02010161070a010004000400')));
	const redis = await listenTcp(socket => socket.write('+PONG\r\n'));
	const ssl = await listenTcp(socket => socket.write(hex('160303002a02')));
	const backends = [
		['smtp', 'option smtpchk EHLO me.org', smtp],
		['mysql', 'option mysql-check user ha', mysql],
		['pgsql', 'option pgsql-check user ha', pgsql],
		['ldap', 'option ldap-check', ldap],
		['redis', 'option redis-check', redis],
		['ssl', 'option ssl-hello-chk', ssl],
	] as const;
	const text = backends
		.map(
			([name, option, {port}]) =>
				`backend ${name}\n${option}\noption log-health-checks\nserver s 127.0.0.1:${port} check inter 300ms`,
		)
		.join('\n');
	const proxy = await startProxy(`listen x\nbind 127.0.0.1:0\n${text}`);
	for (const [name] of backends) await proxy.untilLog(`Health check for server ${name}/s succeeded`);
	await proxy.close();
	await Promise.all(backends.map(([, , server]) => server.close()));
	t.regex(mysql.received[0]!, /ha\0/);
	t.true(smtp.received[0]!.endsWith('QUIT\r\n'));
});

test('a check carries the state of its server, and what is expected decides', async t => {
	let body = 'alive';
	const server = await listenTcp(socket => socket.end(http('200 OK', body)));
	const proxy = await startProxy(
		`listen web
		bind 127.0.0.1:0
		option httpchk GET /up
		http-check send ver HTTP/1.1 hdr Host a.org
		http-check send-state
		http-check expect string alive
		server s 127.0.0.1:${server.port} check inter 300ms rise 1 fall 2 weight 7`,
	);
	await waitFor('three checks', () => server.received[2]?.endsWith('\r\n\r\n'));
	t.regex(
		server.received[2]!,
		/^GET \/up HTTP\/1\.1\r\nHost: a\.org\r\nX-Haproxy-Server-State: UP; address=127\.0\.0\.1; port=\d+; name=web\/s; node=[^;]+; weight=7\/7; scur=0\/0; qcur=0\r\nConnection: close\r\n\r\n$/,
	);
	body = 'dead';
	const down = await proxy.untilLog('Server web/s is DOWN');
	t.true(
		down.startsWith(
			'1 Server web/s is DOWN, reason: Layer7 invalid response, info: "HTTP content check did not match", check duration: ',
		),
	);
	await proxy.untilLog('0 proxy web has no server available!');
	t.regex(await ask(proxy.portOf('web')), /^HTTP\/1\.1 503 /);
	body = 'alive';
	await proxy.untilLog('Server web/s is UP');
	t.regex(await ask(proxy.portOf('web')), /^HTTP\/1\.1 200 /);
	await proxy.close();
	await server.close();
});

test('a script may use several ports', async t => {
	const first = await listenTcp(socket => socket.write('+PONG\r\n'));
	const second = await listenTcp(undefined, {onConnection: socket => socket.write('220 hi\r\n')});
	const closed = await closedPort();
	const script = (port: number) =>
		`option tcp-check\ntcp-check connect\ntcp-check send PING\\r\\n\ntcp-check expect string +PONG\ntcp-check connect port ${port}\ntcp-check expect rstring ^2[0-9][0-9]`;
	const proxy = await startProxy(
		`listen x\nbind 127.0.0.1:0\nbackend good\n${script(second.port)}\noption log-health-checks\nserver s 127.0.0.1:${first.port} check inter 300ms
		backend bad\n${script(closed)}\nserver s 127.0.0.1:${first.port} check inter 300ms`,
	);
	await proxy.untilLog(
		'Health check for server good/s succeeded, reason: Layer7 check passed, code: 0, info: "(tcp-check)"',
	);
	const down = await proxy.untilLog('Server bad/s is DOWN');
	t.true(
		down.includes(
			`reason: Layer4 connection problem, info: "Connection refused at step 4 of tcp-check (connect port ${closed})"`,
		),
	);
	await proxy.close();
	await first.close();
	await second.close();
});

test('a server that tracks another follows it down and up, and 404 keeps new clients away from both', async t => {
	let status = '200 OK';
	const server = await listenTcp(socket => socket.end(http(status)));
	const proxy = await startProxy(
		`backend root
		option httpchk
		http-check disable-on-404
		server s 127.0.0.1:${server.port} check inter 300ms rise 1 fall 1
		listen web
		bind 127.0.0.1:0
		server t 127.0.0.1:${server.port} track root/s`,
	);
	t.regex(await ask(proxy.portOf('web')), /^HTTP\/1\.1 200 /);
	status = '404 Not Found';
	await proxy.untilLog('Server web/t is stopping via root/s.');
	t.regex(await ask(proxy.portOf('web')), /^HTTP\/1\.1 503 /);
	t.is(proxy.statusOf('web/t'), 'NOLB');
	status = '500 Bad';
	await proxy.untilLog('Server web/t is DOWN via root/s.');
	status = '200 OK';
	await proxy.untilLog('Server web/t is UP via root/s.');
	t.regex(await ask(proxy.portOf('web')), /^HTTP\/1\.1 200 /);
	await proxy.close();
	await server.close();
});

test('errors in traffic over two threads take a server down, and a check brings it back', async t => {
	let status = '200 OK';
	const server = await startServer(answering(head => (head.startsWith('GET /check ') ? http('200 OK') : http(status))));
	const proxy = await startProxy(
		`listen web
		bind 127.0.0.1:0
		option httpchk GET /check
		server s 127.0.0.1:${server.port} check inter 1h downinter 300ms rise 1 observe layer7 error-limit 4 on-error mark-down`,
	);
	const port = proxy.portOf('web');
	await waitFor('the first check', () =>
		proxy.engine.snapshot().backends[0]?.servers[0]?.lastCheck?.startsWith('L7OK'),
	);
	status = '500 Bad';
	for (let i = 0; i < 3; i++) await ask(port);
	status = '404 Not Found';
	await ask(port);
	status = '503 No';
	for (let i = 0; i < 3; i++) await ask(port);
	t.is(proxy.statusOf('web/s'), 'UP');
	await ask(port);
	t.true(
		(await proxy.untilLog('Server web/s is DOWN')).startsWith(
			'1 Server web/s is DOWN, reason: Health analyze, info: "Detected 4 consecutive errors, last one was: Wrong http response". 0 active',
		),
	);
	status = '200 OK';
	await proxy.untilLog('Server web/s is UP');
	t.regex(await ask(port), /^HTTP\/1\.1 200 /);
	await proxy.close();
	server.close();
});

test('refused connections are errors in layer 4', async t => {
	const check = await listenTcp();
	const closed = await closedPort();
	const proxy = await startProxy(
		`listen web
		bind 127.0.0.1:0
		retries 0
		server s 127.0.0.1:${closed} check port ${check.port} inter 1h observe layer4 error-limit 2 on-error mark-down`,
	);
	await waitFor('the first check', () =>
		proxy.engine.snapshot().backends[0]?.servers[0]?.lastCheck?.startsWith('L4OK'),
	);
	await ask(proxy.portOf('web'));
	t.is(proxy.statusOf('web/s'), 'UP');
	await ask(proxy.portOf('web'));
	await proxy.untilLog('"Detected 2 consecutive errors, last one was: L4 unsuccessful connection"');
	t.is(proxy.statusOf('web/s'), 'DOWN');
	await proxy.close();
	await check.close();
});

test('on-marked-down ends the sessions of a server, on-marked-up those of its backup', async t => {
	let isUp = true;
	const health = await listenTcp(socket => socket.end(http(isUp ? '200 OK' : '500 No')));
	const hold = await startServer(socket =>
		socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart')),
	);
	const proxy = await startProxy(
		`listen web
		bind 127.0.0.1:0
		option httplog
		option httpchk
		server s 127.0.0.1:${hold.port} check port ${health.port} inter 300ms rise 1 fall 1 on-marked-down shutdown-sessions on-marked-up shutdown-backup-sessions
		server b 127.0.0.1:${hold.port} backup`,
	);
	const port = proxy.portOf('web');
	const first = new Client(port);
	first.send('GET /1 HTTP/1.1\r\nHost: x\r\n\r\n');
	await first.untilText('part');
	isUp = false;
	await first.untilEnd();
	const second = new Client(port);
	second.send('GET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
	await second.untilText('part');
	isUp = true;
	await second.untilEnd();
	first.socket.destroy();
	second.socket.destroy();
	t.regex(await proxy.untilLog('"GET /1 HTTP/1.1"'), / web\/s .* DD-- /);
	t.regex(await proxy.untilLog('"GET /2 HTTP/1.1"'), / web\/b .* UD-- /);
	t.true(first.text.endsWith('part') && second.text.endsWith('part'));
	await proxy.close();
	await health.close();
	hold.close();
});

test('who waits for the answer of a server that goes down is told', async t => {
	let isUp = true;
	const health = await listenTcp(socket => socket.end(http(isUp ? '200 OK' : '500 No')));
	let requests = 0;
	const silent = await startServer(socket => void socket.on('data', () => requests++));
	const proxy = await startProxy(
		`listen web
		bind 127.0.0.1:0
		option httplog
		option httpchk
		server s 127.0.0.1:${silent.port} check port ${health.port} inter 300ms rise 1 fall 1 on-marked-down shutdown-sessions`,
	);
	const client = new Client(proxy.portOf('web'));
	client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
	await waitFor('the request', () => requests === 1);
	isUp = false;
	await client.untilText('HTTP/1.1 502 ');
	t.regex(await proxy.untilLog(' web web/s '), / 502 \d+ - - DH-- /);
	client.socket.destroy();
	await proxy.close();
	await health.close();
	silent.close();
});

/** Twelve requests meet a server with maxconn 40 that has just come back and answers nobody. */
async function comeBack(slowstart: string, use: (seen: () => number, queued: () => number) => Promise<void>) {
	let isUp = true;
	const health = await listenTcp(socket => socket.end(http(isUp ? '200 OK' : '500 No')));
	let seen = 0;
	const server = await startServer(socket => void socket.on('data', () => seen++));
	const proxy = await startProxy(
		`listen web
		bind 127.0.0.1:0
		timeout queue 30s
		option httpchk
		server s 127.0.0.1:${server.port} check port ${health.port} inter 300ms rise 1 fall 1 maxconn 40 slowstart ${slowstart}`,
	);
	isUp = false;
	await proxy.untilLog('Server web/s is DOWN');
	isUp = true;
	await proxy.untilLog('Server web/s is UP');
	const clients = Array.from({length: 12}, () => new Client(proxy.portOf('web')));
	for (const client of clients) client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
	await use(
		() => seen,
		() => proxy.engine.snapshot().backends[0]!.queued,
	);
	for (const client of clients) client.socket.destroy();
	await proxy.close();
	await health.close();
	server.close();
}

test('a server under slowstart is given a part of its maxconn', async t => {
	await comeBack('10m', async (seen, queued) => {
		await waitFor('all requests', () => seen() + queued() === 12);
		t.true(seen() < 12);
	});
});

test('as slowstart goes on, waiting requests go too', async t => {
	await comeBack('2s', async (seen, queued) => {
		await waitFor('the last request', () => seen() === 12);
		t.is(queued(), 0);
	});
});

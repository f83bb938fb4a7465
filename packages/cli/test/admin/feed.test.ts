import {connect, type Socket} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {WebSocket} from 'ws';
import {type FeedMessage, mostClients} from '../../src/admin/feed.ts';
import {bearer, post, sampleReport, startAdmin, token} from '../helpers/admin-server.ts';
import {waitFor} from '../helpers/wait-for.ts';

const status: FeedMessage = {type: 'status', status: sampleReport};

interface Listener {
	readonly socket: WebSocket;
	readonly heard: FeedMessage[];
	/** The status of a refusal, or the code of the end. */
	ended(): number | undefined;
}

function listen(t: ExecutionContext, url: URL, headers: Record<string, string> = bearer, path = '/api/feed'): Listener {
	const socket = new WebSocket(`ws://${url.host}${path}`, {headers});
	t.teardown(() => socket.terminate());
	const heard: FeedMessage[] = [];
	let ended: number | undefined;
	socket.on('message', data => heard.push(JSON.parse(String(data))));
	socket.on('unexpected-response', (_, {statusCode}) => {
		ended = statusCode;
	});
	socket.on('error', () => {});
	socket.on('close', code => {
		ended ??= code;
	});
	return {socket, heard, ended: () => ended};
}

/** A WebSocket whose frames the test writes itself. */
function connectRaw(t: ExecutionContext, url: URL): Socket {
	const socket = connect(Number(url.port), url.hostname);
	t.teardown(() => socket.destroy());
	socket.on('error', () => {});
	const lines = [
		'GET /api/feed HTTP/1.1',
		`Host: ${url.host}`,
		`Authorization: ${bearer.Authorization}`,
		'Connection: Upgrade',
		'Upgrade: websocket',
		'Sec-WebSocket-Version: 13',
		'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
	];
	socket.write(`${lines.join('\r\n')}\r\n\r\n`);
	return socket;
}

test('who may listen hears all that was, then what happens', async t => {
	const hello: FeedMessage = {type: 'hello', samples: [], history: [], drills: []};
	const {url, server} = await startAdmin(t, {hello: [hello, status]});
	const {heard} = listen(t, url);
	await waitFor('the greeting', () => heard.length === 2);
	t.deepEqual(heard[0], hello);
	server.feed.send({type: 'event', time: 'x', node: 'lb1', event: {id: '1', kind: 'drift', reason: 'why', term: 1}});
	await waitFor('the event', () => heard.length === 3);
	t.like(heard[2], {type: 'event', node: 'lb1'});
});

test('without a login, from another page, under another name and elsewhere there is no feed', async t => {
	const {url, server} = await startAdmin(t);
	for (const [expected, headers, path] of [
		[401, {}, undefined],
		[401, {Authorization: 'Bearer wrong'}, undefined],
		[403, {...bearer, Origin: 'https://evil.example'}, undefined],
		[421, {...bearer, Host: 'evil.example'}, undefined],
		[404, bearer, '/api/status'],
	] as const) {
		const {ended} = listen(t, url, headers, path);
		await waitFor(`the refusal ${expected}`, () => ended() !== undefined);
		t.is(ended(), expected);
	}
	t.is(server.feed.size, 0);
});

test('a session listens with its cookie and its origin, until it ends', async t => {
	const {url, server} = await startAdmin(t, {hello: [status]});
	const origin = {Origin: url.origin};
	const login = await post(url, '/api/login', {token}, origin);
	const cookie = {Cookie: String(login.headers['set-cookie']?.[0]).split(';')[0] ?? ''};
	const lacking = listen(t, url, cookie);
	await waitFor('the refusal', () => lacking.ended() !== undefined);
	t.is(lacking.ended(), 403);
	const {heard, ended} = listen(t, url, {...cookie, ...origin});
	await waitFor('the greeting', () => heard.length === 1);
	await post(url, '/api/logout', {}, {...cookie, ...origin});
	server.feed.send(status);
	await waitFor('the end', () => ended() !== undefined);
	t.is(ended(), 4401);
	t.is(heard.length, 1);
});

test('clients have a number, words a number and a length', async t => {
	const {url, server} = await startAdmin(t);
	const clients = Array.from({length: mostClients}, () => listen(t, url));
	await waitFor('all clients', () => server.feed.size === mostClients);
	const late = listen(t, url);
	await waitFor('the refusal', () => late.ended() !== undefined);
	t.is(late.ended(), 503);
	const [talker, shouter] = clients;
	for (let i = 0; i < 100; i++) talker?.socket.send('hello');
	shouter?.socket.send('x'.repeat(2000));
	await waitFor('the end of both', () => talker?.ended() !== undefined && shouter?.ended() !== undefined);
	t.deepEqual([talker?.ended(), shouter?.ended()], [1008, 1009]);
	t.is(server.feed.size, mostClients - 2);
});

/** Frames that are no words (RFC 6455 section 5): pings, each answered before the next ones come, and the empty parts of a message that never ends. */
const ping = [0x89, 0xfd, 1, 2, 3, 4, ...Array<number>(125).fill(0)];
const emptyPart = [0x00, 0x80, 1, 2, 3, 4];

test('who sends pings without end is cut off, and nobody else notices', async t => {
	const {url, server} = await startAdmin(t);
	const quiet = listen(t, url);
	const flood = connectRaw(t, url);
	// Few at a time: many that wait for their answers would be cut off for that.
	flood.on('data', () => flood.write(Buffer.from([...ping, ...ping])));
	await waitFor('both clients', () => server.feed.size === 2);
	// Well before the second ping of the feed, which it does not answer, would end it.
	await waitFor('the end of the flood', () => server.feed.size === 1, 12_000);
	server.feed.send(status);
	await waitFor('the status', () => quiet.heard.length === 1);
	t.is(quiet.ended(), undefined);
});

test('who sends empty parts of a message without end is cut off', async t => {
	const {url, server} = await startAdmin(t);
	const flood = connectRaw(t, url);
	await waitFor('the client', () => server.feed.size === 1);
	flood.write(Buffer.from([0x01, 0x80, 1, 2, 3, 4]));
	const parts = Buffer.from(Array.from({length: 100}, () => emptyPart).flat());
	const timer = setInterval(() => flood.write(parts), 1);
	t.teardown(() => clearInterval(timer));
	// Well before the second ping of the feed, which it does not answer, would end it.
	await waitFor('the end of the flood', () => server.feed.size === 0, 12_000);
	t.is(server.feed.size, 0);
});

test('a flood of openings, with a login and without, ends in refusals; who listens goes on listening', async t => {
	const {url, server} = await startAdmin(t, {mostOfStrangers: 100});
	const quiet = listen(t, url);
	await waitFor('the first client', () => server.feed.size === 1);
	const ends = new Map<number | undefined, number>();
	for (let round = 0; round < 10; round++) {
		const flood = Array.from({length: 50}, () => listen(t, url, round % 2 === 0 ? bearer : {}));
		await waitFor('an answer for each', () =>
			flood.every(({ended, socket}) => ended() !== undefined || socket.readyState === WebSocket.OPEN),
		);
		for (const {ended} of flood) ends.set(ended(), (ends.get(ended()) ?? 0) + 1);
	}
	t.deepEqual(Object.fromEntries(ends), {undefined: mostClients - 1, 503: 251 - mostClients, 401: 100, 429: 150});
	t.is(server.feed.size, mostClients);
	server.feed.send(status);
	await waitFor('the status', () => quiet.heard.length === 1);
});

test('a client that reads nothing loses statuses, then its connection, and costs little memory', async t => {
	const {url, server} = await startAdmin(t);
	const socket = connectRaw(t, url);
	socket.pause();
	const quick = listen(t, url);
	await waitFor('both clients', () => server.feed.size === 2);
	const reason = 'y'.repeat(100_000);
	const event = {id: '1', kind: 'drift', reason, term: 1} as const;
	let sent = 0;
	while (server.feed.size === 2 && sent < 2000) {
		server.feed.send({type: 'event', time: '', node: 'lb1', event});
		sent++;
		const {length} = quick.heard;
		await waitFor('the quick client', () => quick.heard.length > length || sent > quick.heard.length);
		if (sent % 10 === 0) await waitFor('the quick client', () => quick.heard.length === sent);
	}
	t.is(server.feed.size, 1);
	t.true(sent < 200, `${sent} events of 100 kB`);
	t.is(quick.ended(), undefined);
});

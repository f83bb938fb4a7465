/** The witness over real UDP: what it writes down, whom it does not hear, and the node's side of it. */
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {WitnessServer} from '../../src/index.ts';
import {WitnessLink} from '../../src/witness/link.ts';
import {waitFor} from '../helpers/wait-for.ts';

const key = {id: 9, secret: Buffer.alloc(32, 1)};
const clusterId = 'c'.repeat(32);
const [A, B] = ['a'.repeat(16), 'b'.repeat(16)];

function makeFile(t: ExecutionContext): string {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-witness-'));
	t.teardown(() => rmSync(directory, {recursive: true}));
	return join(directory, 'witness.json');
}

async function serve(t: ExecutionContext, stateFile: string, port = 0, address = '127.0.0.1'): Promise<WitnessServer> {
	const server = new WitnessServer({
		address,
		port,
		keys: [key],
		stateFile,
		now: () => performance.now(),
		log: () => {},
	});
	t.teardown(() => server.close());
	await server.open();
	return server;
}

function link(t: ExecutionContext, port: number, nodeId: string, secret = key.secret, host = '127.0.0.1') {
	const replies: {verdict: string; number: number}[] = [];
	const counts = new Map<string, number>();
	const reach: boolean[] = [];
	const opened = new WitnessLink({
		host,
		port,
		keys: () => [{id: key.id, secret}],
		clusterId,
		nodeId,
		onReply: reply => replies.push(reply),
		onReachable: reachable => reach.push(reachable),
		count: name => counts.set(name, (counts.get(name) ?? 0) + 1),
		now: () => performance.now(),
	});
	t.teardown(() => opened.close());
	opened.open();
	return {link: opened, replies, counts, reach};
}

test('Two nodes ask; the promise is on the disk before the answer comes', async t => {
	const file = makeFile(t);
	const {port} = await serve(t, file);
	const [one, other] = [link(t, port, A), link(t, port, B)];
	one.link.ask({number: 1, kind: 'ask', term: 3, wantMs: 5000});
	await waitFor('the answers', () => one.replies.length > 0);
	t.is(one.replies[0]!.verdict, 'granted');
	const records = JSON.parse(readFileSync(file, 'utf8'));
	t.like(records[clusterId], {term: 3, holder: A});
	other.link.ask({number: 1, kind: 'ask', term: 4, wantMs: 5000});
	await waitFor('the answers', () => other.replies.length > 0);
	t.is(other.replies[0]!.verdict, 'held');
	one.link.ask({number: 2, kind: 'giveBack', term: 3, wantMs: 0});
	await waitFor('the answers', () => one.replies.length > 1);
	other.link.ask({number: 2, kind: 'ask', term: 4, wantMs: 5000});
	await waitFor('the answers', () => other.replies.length > 1);
	t.is(other.replies[1]!.verdict, 'granted');
});

test('At :: it answers nodes of both families', async t => {
	const {port} = await serve(t, makeFile(t), 0, '::');
	for (const [host, node] of [
		['127.0.0.1', A],
		['::1', B],
	] as const) {
		const {link: asker, replies} = link(t, port, node, key.secret, host);
		asker.ask({number: 1, kind: 'ask', term: 3, wantMs: 5000});
		await waitFor(`an answer to ${host}`, () => replies.length > 0);
		t.is(replies[0]!.number, 1, host);
	}
});

test('A witness that starts again knows its promise, and the node finds its new token by itself', async t => {
	const file = makeFile(t);
	const first = await serve(t, file);
	const {port} = first;
	const [one, other] = [link(t, port, A), link(t, port, B)];
	one.link.ask({number: 1, kind: 'ask', term: 1, wantMs: 30_000});
	await waitFor('the answers', () => one.replies.length === 1 && other.reach.includes(true));
	first.close();
	await serve(t, file, port);
	other.link.ask({number: 1, kind: 'ask', term: 2, wantMs: 1000});
	await waitFor('the answers', () => other.replies.length === 1);
	t.is(other.replies[0]!.verdict, 'held');
	one.link.ask({number: 2, kind: 'ask', term: 1, wantMs: 30_000});
	await waitFor('the answers', () => one.replies.length === 2);
	t.is(one.replies[1]!.verdict, 'granted');
});

test('Another key gets no answer', async t => {
	const server = await serve(t, makeFile(t));
	const stranger = link(t, server.port, A, Buffer.alloc(32, 2));
	stranger.link.ask({number: 1, kind: 'ask', term: 1, wantMs: 1000});
	await waitFor('the answers', () => server.refused > 1);
	t.deepEqual(stranger.replies, []);
	t.false(stranger.link.reachable);
});

test('A damaged file is refused and left alone: starting without it could give two masters', t => {
	const file = makeFile(t);
	for (const text of ['', '[]', '{"x":1}', `{"${clusterId}":{"term":"1"}}`]) {
		writeFileSync(file, text);
		const start = () =>
			new WitnessServer({address: '127.0.0.1', port: 0, keys: [key], stateFile: file, now: () => 0, log: () => {}});
		t.throws(start, {message: /is damaged/});
		t.is(readFileSync(file, 'utf8'), text);
	}
});

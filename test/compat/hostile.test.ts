/** A running `hapair proxy` among hostile clients and servers: after each attack it is unharmed (see `hostile/lab.ts`). */
import net from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {oddities, write} from './differential/oddities.ts';
import {replies} from './differential/replies.ts';
import {BIG_BYTES, type Lab, openLab, type Peer, Port} from './hostile/lab.ts';
import {eventually} from './standalone-proxy.ts';

const GET = 'GET /r/len HTTP/1.1\r\nHost: a\r\n\r\n';
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n';
const CHUNKED = 'POST /r/len HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

function attack(title: string, act: (t: ExecutionContext, lab: Lab) => Promise<void>): void {
	test.serial(title, async t => {
		const lab = await openLab(t);
		await act(t, lab);
		await lab.settle();
		t.pass();
	});
}

function times<Result>(count: number, make: (index: number) => Promise<Result>): Promise<Result[]> {
	return Promise.all(Array.from({length: count}, (_, index) => make(index)));
}

function count(text: string, part: string): number {
	return text.split(part).length - 1;
}

attack('Smuggled requests: the server hears exactly what the client is answered', async (t, lab) => {
	for (const oddity of oddities) {
		const draft = {method: 'POST', target: '/r/len', version: 'HTTP/1.1', headers: ['Host: a'], body: ''};
		oddity.apply(draft);
		lab.origin.heard.length = 0;
		// Whether the second request is one or a part of the first one's body must be seen by all in the same way.
		const text = await lab.ask(`${write(draft)}${SMUGGLED}GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
		const refusals = text.match(/HTTP\/1\.1 [45]/g)?.length ?? 0;
		t.is(count(text, 'X-Heard: 1'), lab.origin.heard.length, oddity.name);
		t.true(refusals <= 1, oddity.name);
		if (refusals === 1) t.true(/HTTP\/1\.1 [45]/.test(text.slice(text.lastIndexOf('HTTP/1.1 '))), oddity.name);
	}
});

attack("Forged responses: what a server sends beyond its answer is nobody's", async (t, lab) => {
	const attempt = async (name: string) => {
		const [first, second] = await Promise.all([
			lab.ask(`GET /forged/${name} HTTP/1.1\r\nHost: a\r\n\r\n${GET}`),
			lab.ask(`GET /forged/${name} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
		]);
		const third = await lab.ask('GET /r/len HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
		t.true(third.includes('X-Heard: 1') && !third.includes('X-Forged'), name);
		// A body that is not complete has no beyond.
		if (/^(?:until|ten-until|nothing|short-.*|half-head|no-last-chunk)$/.test(name)) return;
		t.false(first.includes('\r\nX-Forged') || second.includes('\r\nX-Forged'), name);
	};
	// All at once, so that a forged response could reach any of them.
	await Promise.all(Object.keys(replies).map(attempt));
});

attack('Slow heads: 408 for each, while others are served', async (t, lab) => {
	const peers = await times(200, () => lab.connect());
	let isOver = false;
	const drip = (async () => {
		for (let at = 0; !isOver; at++) {
			for (const {socket} of peers) if (socket.writable) socket.write(at === 0 ? 'GET / HTTP/1.1\r\nA: ' : 'a');
			await sleep(40);
		}
	})();
	t.regex(await lab.ask(GET.replace('Host', 'Connection: close\r\nHost')), /^HTTP\/1\.1 200 OK/);
	await Promise.all(peers.map(({over}) => over));
	isOver = true;
	await drip;
	for (const peer of peers) {
		t.regex(peer.text(), /^HTTP\/1\.1 408 Request Time-out\r\n/);
		peer.socket.destroy();
	}
});

attack('Slow bodies: 408 for each, and the server is let go', async (t, lab) => {
	const texts = await times(50, () => lab.ask('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf'));
	for (const text of texts) t.regex(text, /^HTTP\/1\.1 408 /);
	t.is(lab.origin.heard.length, 0);
});

attack('Heads without end: refused at their limit, not kept', async (t, lab) => {
	const many = `GET / HTTP/1.1\r\nHost: a\r\n${'A: b\r\n'.repeat(100_000)}`;
	const long = `GET / HTTP/1.1\r\nA: ${'a'.repeat(1_000_000)}`;
	const target = `GET /${'a'.repeat(1_000_000)}`;
	const method = 'A'.repeat(1_000_000);
	const texts = await times(40, index => lab.ask([many, long, target, method][index % 4]!));
	for (const text of texts) t.regex(text, /^(?:HTTP\/1\.1 400 Bad request\r\n|$)/);
	t.is(lab.origin.heard.length, 0);
});

attack('Thousands of tiny chunks go through, floods of extensions and trailers do not', async (t, lab) => {
	const tiny = `${CHUNKED}${'1\r\nx\r\n'.repeat(30_000)}0\r\n\r\n`;
	const last = 'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
	for (const text of await times(4, () => lab.ask(tiny + last))) t.is(count(text, 'X-Heard: 1'), 2);
	t.true(lab.origin.bodyBytes >= 4 * 30_000);
	const floods = [
		`${CHUNKED}${`1;${'e'.repeat(200)}\r\nx\r\n`.repeat(10_000)}0\r\n\r\n`,
		`${CHUNKED}1;${'e'.repeat(1_000_000)}`,
		`${CHUNKED}0\r\n${'A: b\r\n'.repeat(10_000)}\r\n`,
		`${CHUNKED}${'0'.repeat(1_000_000)}`,
	];
	for (const flood of floods) t.notRegex(await lab.ask(flood + last), /HTTP\/1\.1 2/);
});

attack('Aborted uploads and downloads', async (t, lab) => {
	const up = await times(60, () => lab.connect());
	for (const {socket} of up)
		socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n${'u'.repeat(200_000)}`);
	const down = await times(30, () => lab.connect());
	for (const {socket} of down) socket.write('GET /big HTTP/1.1\r\nHost: a\r\n\r\n');
	await Promise.all(
		down.map(peer =>
			eventually(
				() => 'a download begins',
				() => peer.text().length > 10_000,
			),
		),
	);
	for (const [index, {socket}] of [...up, ...down].entries()) {
		if (index % 2 === 0) socket.resetAndDestroy();
		else socket.destroy();
	}
	t.is(count(await lab.ask('GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), 'b'), BIG_BYTES);
});

attack('Clients that do not read do not fill the memory', async (t, lab) => {
	const peers = await times(30, () => lab.connect(Port.patient));
	const beforeKb = lab.residentKb();
	for (const {socket} of peers) {
		socket.pause();
		socket.write('GET /big HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20));
	}
	await eventually(
		() => 'the server has heard all',
		() => lab.origin.heard.length >= peers.length,
	);
	const served = await lab.ask(GET.replace('Host', 'Connection: close\r\nHost'));
	t.regex(served, /^HTTP\/1\.1 200 OK/);
	// 30 × 160 MB are asked for.
	t.true(lab.residentKb() - beforeKb < 100_000, `${lab.residentKb() - beforeKb} kB more`);
	for (const {socket} of peers) socket.destroy();
});

attack('Half-closed clients are answered, in the middle of a head with 400', async (t, lab) => {
	const end = async (text: string, port?: number) => {
		const peer = await lab.connect(port);
		peer.socket.end(text);
		await peer.over;
		return peer.text();
	};
	for (const text of await times(50, () => end(GET))) t.is(count(text, 'X-Heard: 1'), 1);
	for (const text of await times(50, () => end(GET + GET + GET))) t.is(count(text, 'X-Heard: 1'), 3);
	for (const text of await times(50, () => end('GET / HTTP/1.1\r\nHo'))) t.regex(text, /^HTTP\/1\.1 400 /);
	for (const text of await times(50, () => end(GET, Port.tcp))) t.is(count(text, 'X-Heard: 1'), 1);
});

attack('A storm of resets', async (t, lab) => {
	for (let round = 0; round < 10; round++) {
		const peers = await times(100, index => lab.connect([Port.quick, Port.patient, Port.tcp][index % 3]));
		for (const [index, {socket}] of peers.entries()) {
			if (index % 2 === 0) socket.write(GET.slice(0, index));
			socket.resetAndDestroy();
		}
	}
	t.regex(await lab.ask(GET.replace('Host', 'Connection: close\r\nHost')), /^HTTP\/1\.1 200 OK/);
});

attack('Thousands of requests in one write are all answered, in order', async (t, lab) => {
	const last = 'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
	for (const text of await times(4, () => lab.ask(GET.repeat(3000) + last))) t.is(count(text, 'X-Heard: 1'), 3001);
});

attack('2,000 idle connections cost little, and others are served beside them', async (t, lab) => {
	const beforeKb = lab.residentKb();
	const peers: Peer[] = [];
	for (let round = 0; round < 20; round++) peers.push(...(await times(100, () => lab.connect(Port.patient))));
	for (const {socket} of peers) socket.write(GET);
	await eventually(
		() => 'each was answered once',
		() => peers.every(peer => peer.text().includes('X-Heard')),
	);
	t.regex(await lab.ask(GET.replace('Host', 'Connection: close\r\nHost')), /^HTTP\/1\.1 200 OK/);
	const each = (lab.residentKb() - beforeKb) / peers.length;
	t.log(`${each.toFixed(1)} kB a connection`);
	t.true(each < 40, `${each} kB`);
	t.regex(await lab.command('show info'), /^CurrConns: 200[0-9]$/m);
	for (const {socket} of peers) socket.destroy();
});

attack('Nonsense on the stats socket', async (t, lab) => {
	const send = (text: string) =>
		new Promise<void>(resolve => {
			const socket = net.connect(lab.socketPath);
			socket.on('error', () => {}).on('close', () => resolve());
			socket.resume();
			socket.end(text, 'latin1');
		});
	await times(20, index =>
		send(['x'.repeat(1_000_000), ';'.repeat(100_000), '\0\xff\n', 'show stat;'.repeat(50), ''][index % 5]!),
	);
	t.regex(await lab.command('show info'), /^Name: /);
});

/** `http-response wait-for-body` and what it lets rules see, beside haproxy. */
import test, {type ExecutionContext} from 'ava';
import {startBoth} from '../helpers/beside.ts';
import {serve} from '../helpers/proxy.ts';

const pause = () => new Promise(resolve => setTimeout(resolve, 40));

/** Answers the head, then piece by piece; `closes` ends the connection behind the last. */
const slowly = (t: ExecutionContext, head: string, pieces: readonly string[], closes = false) =>
	serve(t, socket => {
		socket.on('data', async () => {
			socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n`);
			for (const piece of pieces) {
				await pause();
				socket.write(piece);
			}
			if (closes) socket.end();
		});
	});

const SHOW = 'http-response set-header x-seen "%[res.body]|%[res.body_len]|%[res.body_size]"';
const get = (version = '1.1') => `GET / HTTP/${version}\r\nHost: h\r\nConnection: close\r\n\r\n`;
const seenIn = (answer: string) => /\r\nx-seen: ([^\r]*)/i.exec(answer)?.[1];
const bodyOf = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4);

const text = (port: number, rule: string) => `
frontend in
    bind 127.0.0.1:1
    default_backend out
backend out
    http-response wait-for-body ${rule}
    ${SHOW}
    server s1 127.0.0.1:${port}
`;

test('a body of known length: all of it, or the part that is asked for', async t => {
	const port = await slowly(t, 'Content-Length: 6\r\n', ['ab', 'cd', 'ef']);
	for (const [rule, seen] of [
		['time 10s', 'abcdef|6|6'],
		['time 10s at-least 3', 'abcd|4|6'],
	] as const) {
		for (const side of await startBoth(t, text(port, rule))) {
			const answer = await side.ask(get());
			t.is(seenIn(answer), seen, `${side.name} ${rule}`);
			t.is(bodyOf(answer), 'abcdef', `${side.name} ${rule}`);
		}
	}
});

test('chunks, and a body up to the end of the connection', async t => {
	const chunked = await slowly(t, 'Transfer-Encoding: chunked\r\n', ['2\r\nab\r\n', '1\r\nc\r\n0\r\n\r\n']);
	const open = await slowly(t, '', ['ab', 'c'], true);
	for (const [port, body] of [
		[chunked, /^2\r\nab\r\n1\r\nc\r\n0\r\n\r\n$|^3\r\nabc\r\n0\r\n\r\n$/],
		[open, /^abc$|^3\r\nabc\r\n0\r\n\r\n$/],
	] as const) {
		for (const side of await startBoth(t, text(port, 'time 10s'))) {
			const answer = await side.ask(get());
			t.is(seenIn(answer), 'abc|3|3', side.name);
			t.regex(bodyOf(answer), body, side.name);
			if (port === chunked && side.name === 'hapair') t.is(bodyOf(await side.ask(get('1.0'))), 'abc');
		}
	}
});

test('who does not send it in time is answered for: 504 sR', async t => {
	const port = await slowly(t, 'Content-Length: 6\r\n', ['ab']);
	for (const side of await startBoth(t, text(port, 'time 150ms'))) {
		t.regex(await side.ask(get()), /^HTTP\/1\.1 504 /, side.name);
		t.regex(await side.line(), / out\/s1 T\/T\/T\/-1\/T 504 \d+ - - sR-- /, side.name);
	}
});

test('rules behind it may refuse; what does not fit is seen in part and goes on whole', async t => {
	const evil = await slowly(t, 'Content-Length: 8\r\n', ['an ev', 'il!']);
	const big = 'x'.repeat(100_000);
	const large = await serve(t, socket =>
		socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${big.length}\r\n\r\n${big}`)),
	);
	const rule = 'time 10s\n    http-response deny if { res.body -m sub evil }';
	for (const side of await startBoth(t, text(evil, rule)))
		t.regex(await side.ask(get()), /^HTTP\/1\.1 502 /, side.name);
	const sized = `
frontend in
    bind 127.0.0.1:1
    default_backend out
backend out
    http-response wait-for-body time 10s
    http-response set-header x-seen %[res.body_len]
    server s1 127.0.0.1:${large}
`;
	for (const side of await startBoth(t, sized)) {
		const answer = await side.ask(get());
		t.is(bodyOf(answer).length, big.length, side.name);
		t.true(Number(seenIn(answer)) > 14_000, `${side.name} ${seenIn(answer)}`);
	}
});

test('the connection serves the next request', async t => {
	const port = await slowly(t, 'Content-Length: 4\r\n', ['ab', 'cd']);
	for (const side of await startBoth(t, text(port, 'time 10s'))) {
		const client = side.connect();
		for (let n = 1; n <= 3; n++) {
			client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
			await client.until(({text: got}) => got.split('\r\n\r\nabcd').length === n + 1);
		}
		t.pass();
	}
});

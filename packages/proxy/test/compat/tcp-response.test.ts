/** `tcp-response`, beside haproxy. */
import test from 'ava';
import {startBoth} from '../helpers/beside.ts';
import {serve, serveEcho} from '../helpers/proxy.ts';

/** Says what it is told, piece by piece: `;` stands between pieces, `!` at the end closes. */
const scripted = (t: Parameters<typeof serve>[0]) =>
	serve(t, socket =>
		socket.on('data', async data => {
			const text = data.toString('latin1').trim();
			for (const piece of text.replace('!', '').split(';')) {
				socket.write(piece);
				await new Promise(resolve => setTimeout(resolve, 40));
			}
			if (text.endsWith('!')) socket.end();
		}),
	);

const flags = (line: string) => line.replace(/^.* (\S+) T\S* \d+ (\S\S) .*$/, '$1 $2');

test('mode tcp: nothing passes before the rules have judged the first bytes', async t => {
	const text = `
frontend in
    mode tcp
    option tcplog
    bind 127.0.0.1:1
    default_backend out
backend out
    mode tcp
    tcp-response inspect-delay 300ms
    tcp-response content reject if { res.payload(0,3) -m str bad }
    tcp-response content close if { res.payload(0,3) -m str clo }
    tcp-response content accept if { res.len gt 4 }
    tcp-response content reject if { res.payload(0,2) -m str ww } WAIT_END
    server s1 127.0.0.1:${await scripted(t)}
`;
	const cases: readonly (readonly [said: string, got: string, flags: string])[] = [
		['bad!', '', 'out/s1 PD'],
		['b;ad!', '', 'out/s1 PD'],
		['clos', 'clos', 'out/s1 --'],
		['okokok!', 'okokok', 'out/s1 --'],
		['ok!', 'ok', 'out/s1 --'],
		['ww', '', 'out/s1 PD'],
		['xx;yyyyy!', 'xxyyyyy', 'out/s1 --'],
	];
	for (const side of await startBoth(t, text)) {
		for (const [index, [said, got, expected]] of cases.entries()) {
			t.is(await side.ask(said), got, `${side.name} ${said}`);
			t.is(flags(await side.line(index + 1)), expected, `${side.name} ${said}`);
		}
	}
});

test('mode tcp: without a delay the rules do not wait; who says nothing is let through', async t => {
	const text = `
frontend in
    mode tcp
    option tcplog
    bind 127.0.0.1:1
    default_backend out
frontend other
    mode tcp
    option tcplog
    bind 127.0.0.1:2
    default_backend refused
backend out
    mode tcp
    tcp-response content reject if { res.len gt 0 }
    server s1 127.0.0.1:${await scripted(t)}
backend refused
    mode tcp
    tcp-response content silent-drop if { src 127.0.0.1 } { srv_name s1 }
    tcp-response content reject if { src 127.0.0.1 }
    server s1 127.0.0.1:${await scripted(t)}
`;
	for (const side of await startBoth(t, text)) {
		t.is(await side.ask('hello!'), 'hello', side.name);
		await side.line();
		const client = side.connect('other');
		client.send('hello');
		t.regex(await side.line(2), / refused\/s1 .* PR /, side.name);
		t.is(client.text, '', side.name);
	}
});

test('mode http: variables of a response, and responses that are refused', async t => {
	const port = await serveEcho(t);
	const text = `
frontend in
    bind 127.0.0.1:1
    use_backend refused if { path /refused }
    default_backend out
backend refused
    tcp-response inspect-delay 1s
    tcp-response content reject if { res.hdr(content-length) -m found }
    server s1 127.0.0.1:${port}
backend out
    tcp-response inspect-delay 1s
    tcp-response content accept if { status 404 }
    tcp-response content set-var(txn.n) str(seen) if { status 200 }
    tcp-response content accept
    tcp-response content reject
    http-response set-header x-n %[var(txn.n)]
    server s1 127.0.0.1:${port}
`;
	for (const side of await startBoth(t, text)) {
		t.is(await side.ask('GET /refused HTTP/1.1\r\nHost: h\r\n\r\n'), '', side.name);
		t.regex(await side.line(), / refused\/s1 .* PD-- /, side.name);
		const answer = await side.ask('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
		t.regex(answer, /\r\nx-n: seen\r\n/, side.name);
	}
});

/** `server-template` and `use-server`, beside haproxy. */
import test from 'ava';
import {startBoth} from '../helpers/beside.ts';
import {serve} from '../helpers/proxy.ts';
import {closedPort} from '../helpers/tcp-server.ts';

const get = (path: string, cookie = '') =>
	`GET ${path} HTTP/1.1\r\nHost: h\r\n${cookie === '' ? '' : `Cookie: S=${cookie}\r\n`}Connection: close\r\n\r\n`;
/** Server, status, flags and retries. */
const told = (line: string) =>
	line.replace(/^.* (\S+) T\/\S* (\d+) \d+ - - (\S+) \S+?(\/\+?\d+) 0\/0 .*$/, '$1 $2 $3 $4');

test('use-server goes before cookies; a server that is down leaves it to the next rule', async t => {
	const port = await serve(t);
	const text = `
frontend in
    bind 127.0.0.1:1
    use_backend plain if { path_beg /plain }
    default_backend out
backend out
    cookie S insert
    use-server down if { path /down }
    use-server two if { path /two /down }
    use-server %[query] if { path /made }
    use-server two if { path /made }
    server one 127.0.0.1:${port} cookie a
    server two 127.0.0.1:${port} cookie b
    server down 127.0.0.1:${port} disabled cookie c
backend plain
    option redispatch
    retries 1
    use-server bad if { path /plain/bad }
    use-server last unless { path /plain/any /plain/bad }
    server one 127.0.0.1:${port}
    server last 127.0.0.1:${port} weight 0
    server bad 127.0.0.1:${await closedPort()} backup
`;
	const cases: readonly (readonly [path: string, cookie: string, expected: string])[] = [
		['/two', '', 'out/two 200 --NN /0'],
		['/two', 'a', 'out/two 200 --UN /0'],
		['/two', 'b', 'out/two 200 --UN /0'],
		['/two', 'zz', 'out/two 200 --UN /0'],
		['/x', 'b', 'out/two 200 --VN /0'],
		['/down', 'c', 'out/two 200 --UN /0'],
		['/made?one', 'b', 'out/one 200 --UN /0'],
		['/made?nobody', 'b', 'out/two 200 --VN /0'],
		['/made?down', 'a', 'out/two 200 --UN /0'],
		['/plain/last', '', 'plain/last 200 ---- /0'],
		['/plain/bad', '', 'plain/one 200 ---- /+1'],
	];
	for (const side of await startBoth(t, text)) {
		let count = 0;
		for (const [path, cookie, expected] of cases) {
			const answer = await side.ask(get(path, cookie));
			t.false(/set-cookie/i.test(answer), `${side.name} ${path}`);
			count++;
			t.is(told(await side.line(count)), expected, `${side.name} ${path} ${cookie}`);
		}
	}
});

test('use-server by the first bytes of a tcp client', async t => {
	const one = await serve(t, socket => socket.end('one'));
	const two = await serve(t, socket => socket.end('two'));
	const text = `
frontend in
    mode tcp
    bind 127.0.0.1:1
    tcp-request inspect-delay 5s
    tcp-request content accept if { req.len gt 2 }
    default_backend out
backend out
    mode tcp
    use-server two if { req.len eq 4 }
    server one 127.0.0.1:${one}
    server more 127.0.0.1:${one} backup
    server two 127.0.0.1:${two} weight 0
`;
	for (const side of await startBoth(t, text)) {
		for (const word of ['four', 'one', 'four', 'four']) t.is(await side.ask(word), word === 'one' ? 'one' : 'two');
	}
});

test('server-template makes servers that take turns and have names', async t => {
	const port = await serve(t);
	const text = `
listen in
    bind 127.0.0.1:1
    balance roundrobin
    server-template srv 3-5 127.0.0.1:${port} weight 1
`;
	for (const side of await startBoth(t, text)) {
		const names: string[] = [];
		for (let n = 1; n <= 3; n++) {
			await side.ask(get('/'));
			names.push(told(await side.line(n)).split(' ', 1)[0]!);
		}
		t.deepEqual(names, ['in/srv3', 'in/srv4', 'in/srv5'], side.name);
	}
});

/** `gpc(N)`, `gpt(N)` and `gpc_rate(N,T)`: actions, fetches and converters, beside haproxy. */
import test from 'ava';
import {startBoth} from '../helpers/beside.ts';
import {answering} from '../helpers/engine.ts';
import {serve} from '../helpers/proxy.ts';

const FETCHES = [
	'sc_get_gpc(1,0)',
	'sc_inc_gpc(2,0)',
	'sc_get_gpt(1,0)',
	'sc_gpc_rate(1,0)',
	'src_get_gpc(1,b)',
	'src_inc_gpc(0,b)',
	'src_clr_gpc(2,b)',
	'src_get_gpt(0,b)',
	'src_gpc_rate(1,b)',
	'src,table_gpc(1,b)',
	'src,table_gpc_rate(1,b)',
	'src,table_gpt(1,b)',
	// Beyond the array.
	'sc_get_gpc(9,0)',
	// The first elements answer for the single ones, not the other way round.
	'sc0_get_gpc0',
	'sc_get_gpc1(0)',
	'sc0_gpc0_rate',
	'sc_get_gpt0(0)',
	'src_get_gpc0(b)',
	'sc_get_gpc(0,1)',
	'sc1_get_gpc0',
	'sc_clr_gpc(1,0)',
];

test('elements of arrays', async t => {
	const text = `
backend b
    stick-table type ip size 10 store gpc(3),gpt(2),gpc_rate(3,10s)
backend single
    stick-table type ip size 10 store gpc0
frontend in
    bind 127.0.0.1:1
    http-request track-sc0 src table b
    http-request track-sc1 src table single
    http-request sc-inc-gpc(1,0)
    http-request sc-inc-gpc(7,0)
    http-request sc-inc-gpc(0,1)
    http-request sc-set-gpt(1,0) 77
    http-request sc-set-gpt(0,0) int(5)
    http-request sc-inc-gpc0(0)
    http-request return status 200 content-type text/plain lf-string "${FETCHES.map(one => `%[${one}]`).join('|')}"
`;
	const [first, ...others] = await startBoth(t, text);
	const request = 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n';
	const bodyOf = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4);
	for (let n = 1; n <= 3; n++) {
		const expected = bodyOf(await first!.ask(request));
		t.is(expected.split('|').length, FETCHES.length);
		for (const side of others) t.is(bodyOf(await side.ask(request)), expected, `${side.name} ${n}`);
	}
});

test('http-response track-sc0 counts the request and what its answer says of it', async t => {
	const answer = (status: string) =>
		serve(
			t,
			answering(() => `HTTP/1.1 ${status} x\r\nContent-Length: 2\r\n\r\nok`),
		);
	const text = `
backend table
    stick-table type ip size 10 store http_req_cnt,http_err_cnt,http_fail_cnt,gpc0,gpt0,conn_cnt
frontend in
    bind 127.0.0.1:1
    http-response track-sc0 src table table
    http-response sc-inc-gpc0(0)
    http-response sc-set-gpt0(0) res.hdr(content-length)
    http-response set-header x-t "%[sc0_http_req_cnt] %[sc0_http_err_cnt] %[sc0_http_fail_cnt] %[sc0_get_gpc0] %[sc0_get_gpt0] %[sc0_conn_cnt] %[sc0_tracked]"
    use_backend failing if { path /503 }
    use_backend missing if { path /404 }
    default_backend out
backend out
    server s1 127.0.0.1:${await answer('200')}
backend failing
    server s1 127.0.0.1:${await answer('503')}
backend missing
    server s1 127.0.0.1:${await answer('404')}
`;
	for (const side of await startBoth(t, text)) {
		const seen: (string | undefined)[] = [];
		for (const path of ['/', '/503', '/404', '/']) {
			const got = await side.ask(`GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
			seen.push(/\r\nx-t: ([^\r]*)/i.exec(got)?.[1]);
		}
		t.deepEqual(seen, ['1 0 0 1 2 1 1', '2 0 1 2 2 2 1', '3 1 1 3 2 3 1', '4 1 1 4 2 4 1'], side.name);
	}
});

test('non-stick: nothing is remembered of a server', async t => {
	const text = `
frontend in
    bind 127.0.0.1:1
    default_backend out
backend out
    balance roundrobin
    stick-table type ip size 10
    stick on src
    server s1 127.0.0.1:${await serve(t)} non-stick
    server s2 127.0.0.1:${await serve(t)}
`;
	for (const side of await startBoth(t, text)) {
		const servers: (string | undefined)[] = [];
		for (let n = 1; n <= 4; n++) {
			await side.ask('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
			servers.push(/ out\/(s\d) /.exec(await side.line(n))?.[1]);
		}
		t.deepEqual(servers, ['s1', 's2', 's2', 's2'], side.name);
	}
});

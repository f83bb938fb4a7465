/** ACL criteria, their flags and converters, over a whole proxy: each case is one condition and what it says of two requests. */
import test from 'ava';
import {serve, simple, startProxy} from '../helpers/proxy.ts';

const plain = (target: string, lines = '') => `GET ${target} HTTP/1.1\r\nHost: www.example:8080\r\n${lines}\r\n`;

/** Condition, a request that it holds for, one that it does not hold for. */
const CASES: readonly (readonly [string, string, string])[] = [
	['{ path_beg -i /A /b }', plain('/abc'), plain('/c')],
	['{ path -m len 4:5 }', plain('/abc'), plain('/abcdef')],
	['{ path_dir static }', plain('/x/static/y'), plain('/xstatic')],
	['{ path_dom b }', plain('/a.b.c'), plain('/ab.c')],
	['{ path_reg ^/[0-9]+$ }', plain('/12'), plain('/1a')],
	['{ url_end ?x=1 }', plain('/?x=1'), plain('/')],
	['{ url_dom www.example }', plain('http://www.example/'), plain('http://other/')],
	['{ url_ip 10.0.0.0/8 }', plain('http://10.1.2.3:81/'), plain('/')],
	['{ url_port 81 }', plain('http://10.1.2.3:81/'), plain('http://10.1.2.3/')],
	['{ hdr(host) www.example:8080 }', plain('/'), 'GET / HTTP/1.1\r\nHost: y\r\n\r\n'],
	['{ hdr(x,1) a }', plain('/', 'X: a, b\r\n'), plain('/', 'X: b, a\r\n')],
	['{ hdr(x,-1) b }', plain('/', 'X: a\r\nX: b\r\n'), plain('/', 'X: b, a\r\n')],
	['{ hdr_cnt(x) 2 }', plain('/', 'X: a, b\r\n'), plain('/', 'X: a\r\n')],
	['{ hdr_cnt(x) eq 0 }', plain('/'), plain('/', 'X: a\r\n')],
	['{ hdr_val(x) gt 5 lt 2 }', plain('/', 'X: 1\r\n'), plain('/', 'X: 3\r\n')],
	['{ hdr_val(content-length) ge 3 }', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc', plain('/')],
	['{ hdr_ip(x-forwarded-for) 192.168.0.0/16 }', plain('/', 'X-Forwarded-For: 1.1.1.1, 192.168.3.4\r\n'), plain('/')],
	['{ hdr_beg(user-agent) -i moz }', plain('/', 'User-Agent: Mozilla\r\n'), plain('/')],
	['{ hdr_reg(x) ^a.c$ }', plain('/', 'X: q,abc\r\n'), plain('/', 'X: abd\r\n')],
	['{ hdr_len(x) 3 }', plain('/', 'X: abc\r\n'), plain('/', 'X: ab\r\n')],
	['{ hdr_sub(x) b }', plain('/', 'X: abc\r\n'), plain('/', 'X: ac\r\n')],
	['{ hdr() secret }', plain('/', 'X: secret\r\n'), plain('/')],
	['{ req.fhdr(x) "a, b" }', plain('/', 'X: a, b\r\n'), plain('/', 'X: a\r\n')],
	['{ req.hdr_names -m sub x-a }', plain('/', 'X-A: 1\r\n'), plain('/')],
	['{ cook(sid) 1 }', plain('/', 'Cookie: a=b; sid=1\r\n'), plain('/', 'Cookie: xsid=1\r\n')],
	['{ cook_beg(sid) ab }', plain('/', 'Cookie: sid=abc\r\n'), plain('/', 'Cookie: sid=xab\r\n')],
	['{ req.cook_cnt(sid) ge 2 }', plain('/', 'Cookie: sid=1; sid=2\r\n'), plain('/', 'Cookie: sid=1\r\n')],
	['{ cook_val(sid) gt 10 }', plain('/', 'Cookie: sid=11x\r\n'), plain('/', 'Cookie: sid=9\r\n')],
	['{ urlp(id) 5 6 }', plain('/?a=1&id=6'), plain('/?id=7')],
	['{ url_param(id,;) -m beg a }', plain('/x;id=ab'), plain('/x?id=ab')],
	['{ urlp_val(n) 10:20 }', plain('/?n=15'), plain('/?n=21')],
	['{ query -m found } { query a=1 }', plain('/?a=1'), plain('/')],
	['{ base_beg www.example:8080/a }', plain('/a/b'), plain('/b')],
	['METH_POST', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n', plain('/')],
	['HTTP_CONTENT', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na', plain('/')],
	['HTTP_1.0', 'GET / HTTP/1.0\r\n\r\n', plain('/')],
	['{ req_ver 1.1 }', plain('/'), 'GET / HTTP/1.0\r\n\r\n'],
	['HTTP_URL_ABS', plain('http://x/'), plain('/')],
	['HTTP_URL_STAR', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', plain('/')],
	['{ path,lower /abc }', plain('/ABC'), plain('/abd')],
	['{ path,field(2,/) b }', plain('/b/c'), plain('/a/b')],
	['{ path,word(1,/) a }', plain('//a/b'), plain('/b/a')],
	['{ path,length gt 3 }', plain('/abc'), plain('/ab')],
	['{ path,url_dec -m beg /é }', plain('/%C3%A9'), plain('/e')],
	['{ path,regsub(^/old/,/new/) /new/x }', plain('/old/x'), plain('/x')],
	['{ hdr(x),hex 6162 }', plain('/', 'X: ab\r\n'), plain('/', 'X: ac\r\n')],
	['{ hdr(x),base64 YWI= }', plain('/', 'X: ab\r\n'), plain('/', 'X: ac\r\n')],
	['{ hdr(x),b64dec ab }', plain('/', 'X: YWI=\r\n'), plain('/', 'X: YWM=\r\n')],
	['{ hdr_val(x),add(2),mod(5) 1 }', plain('/', 'X: 4\r\n'), plain('/', 'X: 5\r\n')],
	['{ hdr_val(x),sub(3) lt 0 }', plain('/', 'X: 2\r\n'), plain('/', 'X: 3\r\n')],
	['{ hdr_ip(x),ipmask(24) 10.1.2.0 }', plain('/', 'X: 10.1.2.3\r\n'), plain('/', 'X: 10.1.3.3\r\n')],
	['!{ path /a } or { hdr(x) 1 }', plain('/b'), plain('/a')],
	['{ path /a } ! { hdr(x) 1 } || { path /b }', plain('/b'), plain('/a', 'X: 1\r\n')],
	['{ hdr(x) -- -i }', plain('/', 'X: -i\r\n'), plain('/', 'X: i\r\n')],
	['{ http_auth_user -m str a }', plain('/', 'Authorization: Basic YTpi\r\n'), plain('/')],
];

for (const [condition, yes, no] of CASES) {
	test(`if ${condition}`, async t => {
		const frontend = `http-request deny status 410 if ${condition}`;
		const proxy = await startProxy(t, simple(await serve(t), {frontend}));
		for (const [request, expected] of [
			[yes, 'HTTP/1.1 410 '],
			[no, 'HTTP/1.1 200 '],
		] as const) {
			const client = proxy.connect();
			client.send(request);
			await client.untilText(expected);
			t.true(client.text.startsWith(expected), client.text);
		}
	});
}

test('criteria of the connection, of proxies and of servers', async t => {
	const always = [
		'src 127.0.0.1',
		'src 127.0.0.0/8',
		'src_port gt 0',
		'dst 127.0.0.1',
		'fe_conn(in) 1',
		'fe_conn 1',
		'fe_sess_rate(in) 0:1',
		'be_sess_rate(out) 0:1',
		'srv_sess_rate(out/s1) 0:1',
		'be_conn(out) 0',
		'queue(out) 0',
		'avg_queue(out) 0',
		'nbsrv(out) 1',
		'connslots(out) 7',
		'srv_is_up(out/s1)',
		'srv_conn(out/s1) 0',
		'fe_id 2',
		'be_id 2',
		'http_first_req',
		'wait_end',
		'req_proto_http',
		'req_len gt 10',
		'req_rdp_cookie_cnt 0',
		'always_true',
	];
	const never = ['always_false', 'req_ssl_ver 3.0:3.3', 'src_port 1', 'status 200', 'ssl_fc', 'srv_is_up(out/s2)'];
	const frontend = [
		...always.map((test, n) => `http-request return status ${500 + n} unless { ${test} }`),
		...never.map((test, n) => `http-request return status ${400 + n} if { ${test} }`),
	].join('\n    ');
	const text = simple(await serve(t), {frontend}).replace(/server s1 \S+/, '$& maxconn 3 maxqueue 4');
	const proxy = await startProxy(t, `${text}    server s2 127.0.0.1:9 disabled\n`);
	const client = proxy.connect();
	client.send(plain('/'));
	await client.untilText('HTTP/1.1 200 ');
	client.text = '';
	client.send(plain('/'));
	// Only one thing has changed: it is not the first request any more.
	await client.untilText(`HTTP/1.1 ${500 + always.indexOf('http_first_req')} `);
	t.pass();
});

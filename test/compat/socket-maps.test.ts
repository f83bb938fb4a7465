/** Maps, patterns of ACLs and variables at run time, beside haproxy: the same answers, and the same effect on the next request. */
import http from 'node:http';
import test, {type ExecutionContext} from 'ava';
import {type Both, type Side, startBoth} from './beside-haproxy.ts';

const FILES = {
	'm.map': '/a  va\n/b vb\n# c\n/c v c\n',
	'ip.map': '127.0.0.0/8 local\n127.0.0.0/16 nearer\n10.0.0.0/8 ten\n',
	'beg.map': '/a 1\n/ab 2\n/ 3\n',
	'end.map': '.html h\nx.html xh\n',
	'sub.map': 'b B\nab AB\n',
	'dir.map': 'one 1\ntwo 2\n',
	'dom.map': 'com C\nexample.com E\n',
	'reg.map': '^/a(.*)$ A\\1\n^/ab B\n',
	'int.map': '0:3 short\n5 five\n4: long\n',
	'si.map': '/a 5\n/b 6\n',
	'sip.map': '/a 1.2.3.4\n/b 2.3.4.5\n',
	'bad.lst': '/bad\n/worse\n# comment\n',
	'net.lst': '10.0.0.0/8\n192.168.1.1\n',
};

const MAPS = `m=%[path,map(DIR/m.map,D)] beg=%[path,map_beg(DIR/beg.map,D)] end=%[path,map_end(DIR/end.map)] sub=%[path,map_sub(DIR/sub.map)] dir=%[path,map_dir(DIR/dir.map)] dom=%[req.hdr(host),map_dom(DIR/dom.map)] reg=%[path,map_reg(DIR/reg.map)] regm=%[path,map_regm(DIR/reg.map)] ip=%[src,map_ip(DIR/ip.map)] int=%[path,length,map_int(DIR/int.map,-)] si=%[path,map_str_int(DIR/si.map,77),add(1)] sip=%[path,map_str_ip(DIR/sip.map,9.9.9.9)]`;
const VARIABLES = 'n=%[var(proc.n)] s=%[var(proc.s)] f=%[var(proc.f)] last=%[var(proc.last)] env=%[env(AA)]';

const CONFIGURATION = `
global
	nbthread 2
	stats socket DIR/sock level admin
	setenv AA first
	presetenv AA second
	presetenv BB "\${AA}-b"
	unsetenv HOSTNAME
	set-var proc.n int(3),add(4)
	set-var proc.s str(abc)
	set-var-fmt proc.f "a %[env(BB)]"
defaults
	mode http
	timeout connect 2s
	timeout client 10s
	timeout server 10s
frontend web
	bind ADDR:8080
	acl viaMap path -M -f DIR/m.map
	acl bad path_beg -i -n -f DIR/bad.lst /literal
	acl numbered path -u 77 /x /y
	acl inner src -f DIR/net.lst
	http-request set-map(DIR/m.map) %[path] %[req.hdr(v)] if { path_beg /set }
	http-request del-map(DIR/m.map) %[req.hdr(v)] if { path_beg /del }
	http-request add-acl(DIR/bad.lst) %[path] if { path_beg /addacl }
	http-request del-acl(DIR/bad.lst) %[req.hdr(v)] if { path_beg /undo }
	http-request set-var(proc.last) path
	http-request return status 200 content-type text/plain lf-string "inMap" if viaMap
	http-request return status 200 content-type text/plain lf-string "bad" if bad
	http-request return status 200 content-type text/plain lf-string "numbered" if numbered
	http-request return status 200 content-type text/plain lf-string "${MAPS} ${VARIABLES}"
`;

function get({address}: Side, path: string, v = ''): Promise<string> {
	return new Promise((resolve, reject) => {
		const headers = {host: 'www.example.com', ...(v === '' ? {} : {v})};
		const request = http.get({host: address, port: 8080, path, agent: false, headers}, response => {
			let text = '';
			response.on('data', chunk => {
				text += chunk;
			});
			response.on('end', () => resolve(text));
		});
		request.on('error', reject);
	});
}

const start = (t: ExecutionContext) => startBoth(t, CONFIGURATION, FILES);

/** Numbers of entries are memory addresses there; haproxy's own client has patterns too. Empty lines at the end do not count. */
function comparable(answer: string): string {
	return (
		answer
			// There `get var` lacks the empty line that ends every other answer.
			.replace(/^(proc\..*)\n\n/gm, '$1\n')
			.replace(/\b0x[0-9a-f]+/g, '0xREF')
			.replace(/^\d+ \(\) acl 'var' file 'httpclient'.*\n/gm, '')
			.trimEnd()
	);
}

async function compare(t: ExecutionContext, {all}: Both, commands: readonly string[]): Promise<void> {
	for (const command of commands) {
		const [theirs, ours] = await Promise.all(all.map(({ask}) => ask(command)));
		t.is(comparable(ours!), comparable(theirs!), command);
	}
}

async function compareRequests(
	t: ExecutionContext,
	{all}: Both,
	paths: readonly (readonly [string, string?])[],
): Promise<void> {
	for (const [path, v] of paths) {
		const [theirs, ours] = await Promise.all(all.map(side => get(side, path, v)));
		t.is(ours, theirs, path);
	}
}

test('what requests find in maps, patterns, variables and the environment', async t => {
	const both = await start(t);
	if (both === undefined) return;
	await compareRequests(t, both, [
		['/ab'],
		['/abc'],
		['/x.html'],
		['/zz/two/z'],
		['/zzzzzzz'],
		['/a'],
		['/BAD/x'],
		['/literal'],
		['/x'],
	]);
	await compareRequests(t, both, [
		['/set1', 'new value'],
		['/set1'],
		['/del', '/set1'],
		['/set1', 'again'],
		['/addacl1'],
		['/addacl1'],
		['/undo', '/addacl1'],
		['/addacl'],
	]);
	await compare(t, both, [
		'show map DIR/m.map',
		'show acl DIR/bad.lst',
		'get var proc.last',
		'get var proc.none',
		'get var x',
		'get var',
	]);
	await compare(t, both, ['show env AA', 'show env BB', 'show env HOSTNAME', 'show env NOPE']);
});

test('commands about maps', async t => {
	const both = await start(t);
	if (both === undefined) return;
	await compare(t, both, [
		'show map',
		'show acl',
		'show map DIR/m.map',
		'show map DIR/none.map',
		'show map #0',
		'show map #99',
		'add map DIR/m.map /k v1',
		'add map DIR/m.map /k v2',
		'show map DIR/m.map',
		'get map DIR/m.map /k',
		'set map DIR/m.map /k v3',
		'show map DIR/m.map',
		'set map DIR/m.map /zz v3',
		'del map DIR/m.map /nope',
		'del map DIR/m.map /k',
		'show map DIR/m.map',
		'add map DIR/m.map',
		'add map DIR/m.map /x',
		'add map #99 /x y',
		'add map nope /x y',
		'add map',
		'del map',
		'del map DIR/m.map',
		'del map DIR/m.map #0x0',
		'set map',
		'set map DIR/m.map /b',
		'set map DIR/m.map #0x123 v',
		'get map',
		'get map DIR/m.map',
		'add map DIR/ip.map zz v',
		'add map DIR/si.map /q word',
		'clear map',
		'clear map nope',
		'show map DIR/m.map;show map DIR/si.map',
	]);
	await compare(t, both, [
		'get map DIR/beg.map /abc',
		'get map DIR/sub.map /ab',
		'get map DIR/reg.map /ab',
		'get map DIR/int.map 4',
		'get map DIR/end.map /x.html',
		'get map DIR/dom.map www.example.com',
		'get map DIR/ip.map 127.0.0.1',
		'get map DIR/ip.map 127.9.0.1',
		'get map DIR/ip.map ::1',
		'get map DIR/ip.map zz',
		'get map DIR/si.map /a',
		'get map DIR/sip.map /a',
		'get map DIR/m.map /none',
	]);
});

test('versions of a map, and payloads', async t => {
	const both = await start(t);
	if (both === undefined) return;
	await compare(t, both, [
		'prepare map',
		'prepare map DIR/m.map',
		'prepare map DIR/m.map',
		'add map @1 DIR/m.map /v1 one',
		'show map @1 DIR/m.map',
		'show map DIR/m.map',
		'commit map @1 DIR/m.map',
		'show map DIR/m.map',
		'commit map @9 DIR/m.map',
		'commit map DIR/m.map',
		'commit map @1 DIR/m.map',
		'clear map @2 DIR/m.map',
		'add map @7 DIR/m.map /a b',
		'show map @7 DIR/m.map',
		'add map @2 DIR/m.map <<\n/p1 v1\n/p2 v2 with blanks\n',
		'show map @2 DIR/m.map',
		'commit map @2 DIR/m.map',
		'show map DIR/m.map',
		'add map DIR/m.map <<\n/p3 v3\n',
		'show map DIR/m.map',
		'clear map DIR/m.map',
		'show map DIR/m.map',
	]);
	await compareRequests(t, both, [['/p3'], ['/a'], ['/b']]);
});

test('commands about patterns of ACLs, and their effect', async t => {
	const both = await start(t);
	if (both === undefined) return;
	await compare(t, both, [
		'show acl DIR/bad.lst',
		'add acl DIR/bad.lst /q',
		'add acl DIR/bad.lst /q',
		'show acl DIR/bad.lst',
		'get acl DIR/bad.lst /QQ',
	]);
	await compareRequests(t, both, [['/Q/1'], ['/z']]);
	await compare(t, both, [
		'del acl DIR/bad.lst /q',
		'show acl DIR/bad.lst',
		'del acl DIR/bad.lst /q',
		'add acl #77 /z',
		'show acl #77',
		'get acl #77 /x',
		'get acl #77 /none',
	]);
	await compareRequests(t, both, [['/q/1'], ['/z'], ['/x']]);
	await compare(t, both, [
		'del acl #77 /x',
		'show acl #77',
		'add acl DIR/net.lst notanip',
		'add acl DIR/net.lst 1.2.3.0/24',
		'get acl DIR/net.lst 1.2.3.4',
		'get acl DIR/net.lst zz',
		'add acl DIR/ip.map x',
		'add acl',
		'add acl DIR/m.map',
		'del acl',
		'get acl',
		'clear acl',
		'clear acl nope',
		'prepare acl nope',
		'prepare acl DIR/bad.lst',
		'add acl @1 DIR/bad.lst /vv',
		'commit acl @1 DIR/bad.lst',
		'show acl DIR/bad.lst',
		'show acl DIR/ip.map',
		'clear acl DIR/bad.lst',
		'show acl DIR/bad.lst',
	]);
	await compareRequests(t, both, [['/x'], ['/vv'], ['/bad'], ['/literal']]);
});

test('variables of the process', async t => {
	const both = await start(t);
	if (both === undefined) return;
	await compare(t, both, [
		'get var proc.n;get var proc.s;get var proc.f',
		'set var proc.q int(3)',
		'experimental-mode on;set var proc.q int(3);get var proc.q',
		'experimental-mode on;set var proc.b bool(true);get var proc.b',
		'experimental-mode on;set var proc.new fmt hello-%[env(BB)];get var proc.new',
		'experimental-mode on;set var txn.q int(1)',
		'experimental-mode on;set var',
		'expert-mode on;expert-mode;expert-mode off;experimental-mode',
	]);
	await compareRequests(t, both, [['/zzz']]);
});
